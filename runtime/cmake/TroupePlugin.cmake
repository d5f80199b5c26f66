# troupe_add_plugin(NAME SOURCES ... [SCHEMAS ...] [LIBRARIES ...] [TESTS ...])
#
# Makes libtroupe_NAME.so, a plugin that exports nothing but its constant, from SOURCES and the
# Cap'n Proto SCHEMAS, linked with LIBRARIES. The same in Troupe's own tree and, after
# find_package(Troupe), outside of it. Sources include their own headers relative to the folder of
# the CMakeLists.txt, a generated one as "schemas/NAME.capnp.h". TROUPE_PLUGIN_NAME and
# TROUPE_PLUGIN_VERSION (the project's version) are defined for the macro TROUPE_PLUGIN.
#
# TESTS are Catch2 sources that become the program plugin_NAME_tests, with SOURCES linked in, and
# one ctest entry per case. Targets: plugin_NAME, plugin_NAME_code (the objects), plugin_NAME_tests.
#
# TROUPE_PLUGIN_DIR: where the library is built; TROUPE_PLUGIN_TESTS=OFF leaves the tests out;
# TROUPE_PLUGIN_INSTALL=OFF makes no rule that installs it beside the others.

set(TROUPE_PLUGIN_EXPORTS "${CMAKE_CURRENT_LIST_DIR}/plugin_exports.map")

function(troupe_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;SCHEMAS;LIBRARIES;TESTS")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_SOURCES)
    message(FATAL_ERROR "usage: troupe_add_plugin(NAME SOURCES ... [SCHEMAS ...] "
                        "[LIBRARIES ...] [TESTS ...])")
  endif()
  if(NOT name MATCHES "^[a-z][a-z0-9_-]*$")
    message(FATAL_ERROR "troupe_add_plugin: \"${name}\" is not a plugin's name; "
                        "it is a lower-case letter and then a-z, 0-9, _ and -")
  endif()

  set(code plugin_${name}_code)
  add_library(${code} OBJECT ${arg_SOURCES})
  target_compile_features(${code} PUBLIC cxx_std_20)
  target_include_directories(${code} PUBLIC "${CMAKE_CURRENT_SOURCE_DIR}")
  target_link_libraries(${code} PUBLIC Troupe::troupe ${arg_LIBRARIES})
  target_compile_definitions(${code} PRIVATE "TROUPE_PLUGIN_NAME=\"${name}\""
                                             "TROUPE_PLUGIN_VERSION=\"${PROJECT_VERSION}\"")
  set_target_properties(${code} PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
                                           POSITION_INDEPENDENT_CODE ON)
  _troupe_add_schemas(${code} ${arg_SCHEMAS})

  set(library plugin_${name})
  add_library(${library} MODULE)
  target_link_libraries(${library} PRIVATE ${code})
  # The map also hides what the standard library's headers mark as visible.
  target_link_options(${library} PRIVATE "LINKER:--version-script=${TROUPE_PLUGIN_EXPORTS}")
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU") # clang leaves its sanitizers to the program
    target_link_options(${library} PRIVATE LINKER:-z,defs)
  endif()
  set_target_properties(
    ${library}
    PROPERTIES PREFIX lib
               OUTPUT_NAME troupe_${name}
               SUFFIX .so
               LINKER_LANGUAGE CXX
               LINK_DEPENDS "${TROUPE_PLUGIN_EXPORTS}"
               LIBRARY_OUTPUT_DIRECTORY "${TROUPE_PLUGIN_DIR}"
               INSTALL_RPATH "$ORIGIN/../..")
  if(TARGET program_and_plugins)
    add_dependencies(program_and_plugins ${library})
  endif()
  if(NOT DEFINED TROUPE_PLUGIN_INSTALL OR TROUPE_PLUGIN_INSTALL)
    include(GNUInstallDirs)
    install(TARGETS ${library} LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/troupe/plugins")
  endif()

  if(arg_TESTS AND (NOT DEFINED TROUPE_PLUGIN_TESTS OR TROUPE_PLUGIN_TESTS))
    _troupe_add_plugin_tests(${name} ${arg_TESTS})
  endif()
endfunction()

# Compiles schemas into a target; each may import its neighbours, and Troupe's as "/NAME.capnp".
function(_troupe_add_schemas target)
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/generated")
  foreach(schema IN LISTS ARGN)
    find_program(CAPNP_EXECUTABLE capnp REQUIRED)
    find_program(CAPNPC_CXX_EXECUTABLE capnpc-c++ REQUIRED)
    cmake_path(ABSOLUTE_PATH schema NORMALIZE)
    cmake_path(GET schema PARENT_PATH from)
    cmake_path(GET schema FILENAME file)
    set(stem "${folder}/schemas/${file}")
    file(MAKE_DIRECTORY "${folder}/schemas")
    add_custom_command(
      OUTPUT "${stem}.c++" "${stem}.h"
      COMMAND "${CAPNP_EXECUTABLE}" compile "-o${CAPNPC_CXX_EXECUTABLE}:${folder}/schemas"
              "--src-prefix=${from}" "-I${TROUPE_SCHEMA_DIR}" "${schema}"
      DEPENDS "${schema}"
      COMMENT "Compiling schema ${file}"
      VERBATIM)
    set_source_files_properties("${stem}.c++" PROPERTIES LANGUAGE CXX COMPILE_OPTIONS -w)
    target_sources(${target} PRIVATE "${stem}.c++" "${stem}.h")
    # Headers of imported schemas are included by their bare names.
    target_include_directories(${target} SYSTEM PUBLIC "${folder}" "${folder}/schemas")
  endforeach()
endfunction()

function(_troupe_add_plugin_tests name)
  find_package(Catch2 2.13 REQUIRED)
  include(Catch)
  set(tests plugin_${name}_tests)
  add_executable(${tests} ${ARGN})
  target_link_libraries(${tests} PRIVATE plugin_${name}_code Catch2::Catch2WithMain)
  set_property(GLOBAL APPEND PROPERTY TROUPE_PLUGIN_TEST_PROGRAMS ${tests})
  catch_discover_tests(
    ${tests}
    TEST_PREFIX "plugin:${name}:"
    EXTRA_ARGS -w NoTests
    PROPERTIES LABELS unit TIMEOUT 600 ENVIRONMENT "${TROUPE_TEST_ENVIRONMENT}")
endfunction()
