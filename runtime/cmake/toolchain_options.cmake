# How everything is compiled: language, optimisation, warnings, sanitizers, linker, cache.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)
# Nobody needs inline functions and templates by name from another library. Half of the symbols are
# such, and tables that the loader reads count as memory of every process.
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release or Debug" FORCE)
endif()
# -g1 keeps function names and lines in backtraces at a fraction of the build's size.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
# Without -D_GLIBCXX_ASSERTIONS: CAF 0.17.6 dereferences an empty shared_ptr whenever it spawns a
# function without arguments. The null check of UBSan is off below for the same reason; a null
# pointer that is really used still ends in AddressSanitizer's report.
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -fno-omit-frame-pointer")

# Not -Wnon-virtual-dtor and -Woverloaded-virtual: every implementation of a KJ or Cap'n Proto
# interface trips over them. (-Wall has -Wdelete-non-virtual-dtor, which finds the real mistake.)
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wcast-qual -Wvla -Wformat=2
                    $<$<COMPILE_LANGUAGE:CXX>:-Wextra-semi>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wduplicated-cond -Wduplicated-branches -Wlogical-op)
  # GCC 12 reports these wrongly inside what it inlines: -Wrestrict in its own strings (bug 105651),
  # -Warray-bounds in every kj::Promise::then, the others in variants and under sanitizers.
  add_compile_options(-Wno-restrict -Wno-array-bounds -Wno-maybe-uninitialized
                      -Wno-error=stringop-overflow -Wno-error=stringop-overread
                      -Wno-error=free-nonheap-object)
else()
  # KJ's logging macros rely on it.
  add_compile_options(-Wno-gnu-zero-variadic-macro-arguments)
endif()
if(TROUPE_WERROR)
  add_compile_options(-Werror)
endif()

if(TROUPE_SANITIZE)
  add_compile_options("-fsanitize=${TROUPE_SANITIZE}" -fno-sanitize-recover=all
                      -fno-sanitize=null)
  add_link_options("-fsanitize=${TROUPE_SANITIZE}")
endif()

# What tests run with. One variable only: catch_discover_tests takes no list here.
if(TROUPE_SANITIZE STREQUAL "thread")
  set(TROUPE_TEST_ENVIRONMENT
      "TSAN_OPTIONS=suppressions=${CMAKE_CURRENT_LIST_DIR}/tsan.supp")
else()
  set(TROUPE_TEST_ENVIRONMENT "UBSAN_OPTIONS=print_stacktrace=1")
endif()

find_program(TROUPE_MOLD mold)
find_program(TROUPE_LLD ld.lld)
if(TROUPE_MOLD)
  add_link_options(-fuse-ld=mold)
elseif(TROUPE_LLD)
  add_link_options(-fuse-ld=lld)
endif()

find_program(TROUPE_CCACHE ccache)
if(TROUPE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # ccache refuses precompiled headers unless it is told that we do not rely on __TIME__ or on
  # macros defined around them; -fpch-preprocess lets it see which header was used.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros "${TROUPE_CCACHE}")
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND TROUPE_PCH)
    add_compile_options(-fpch-preprocess)
  endif()
endif()
