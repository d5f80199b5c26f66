/// What this very translation unit is compiled with, as text that two sides can compare.
#pragma once

#include <version>

#include <caf/config.hpp>

#include <troupe/sdk/plugin.h>
#include <troupe/sdk_abi.hpp>

#define TROUPE_TEXT_OF(number) #number
#define TROUPE_TEXT(number) TROUPE_TEXT_OF(number)

// --------------------------------------------------------------- architecture and C++ ABI

#if defined(__x86_64__) && defined(__LP64__)
#define TROUPE_ARCHITECTURE "x86-64"
#elif defined(__aarch64__) && defined(__LP64__)
#define TROUPE_ARCHITECTURE "aarch64"
#elif defined(__riscv) && __riscv_xlen == 64
#define TROUPE_ARCHITECTURE "riscv64"
#else
#error "Troupe runs on 64-bit x86, ARM and RISC-V"
#endif

// GCC counts corrections of rare cases in the upper values of __GXX_ABI_VERSION, and clang stays at
// 1002; what they compile works together.
#if defined(__GXX_ABI_VERSION) && __GXX_ABI_VERSION >= 1002 && __GXX_ABI_VERSION < 2000
#define TROUPE_CXX_ABI "Itanium C++ ABI 1002"
#else
#define TROUPE_CXX_ABI "C++ ABI " TROUPE_TEXT(__GXX_ABI_VERSION)
#endif

// --------------------------------------------------------------------- standard library

#if defined(_LIBCPP_VERSION)
#define TROUPE_STANDARD_LIBRARY "libc++ ABI " TROUPE_TEXT(_LIBCPP_ABI_VERSION)
#elif defined(__GLIBCXX__)
#define TROUPE_STANDARD_LIBRARY                                                                    \
  "libstdc++ " TROUPE_TEXT(_GLIBCXX_RELEASE) ", cxx11 strings " TROUPE_TEXT(_GLIBCXX_USE_CXX11_ABI)
#else
#error "Troupe knows libstdc++ and libc++"
#endif

#if defined(_GLIBCXX_DEBUG)
#define TROUPE_LIBRARY_CHECKS "_GLIBCXX_DEBUG"
#elif defined(_GLIBCXX_ASSERTIONS)
#define TROUPE_LIBRARY_CHECKS "_GLIBCXX_ASSERTIONS"
#else
#define TROUPE_LIBRARY_CHECKS "none"
#endif

// --------------------------------------------------------------------------- sanitizers
// UndefinedBehaviorSanitizer has no macro, and changes no layout.

#if defined(__has_feature)
#define TROUPE_HAS_FEATURE(name) __has_feature(name)
#else
#define TROUPE_HAS_FEATURE(name) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || TROUPE_HAS_FEATURE(address_sanitizer)
#define TROUPE_SANITIZERS "address"
#elif defined(__SANITIZE_THREAD__) || TROUPE_HAS_FEATURE(thread_sanitizer)
#define TROUPE_SANITIZERS "thread"
#elif TROUPE_HAS_FEATURE(memory_sanitizer)
#define TROUPE_SANITIZERS "memory"
#else
#define TROUPE_SANITIZERS "none"
#endif

// ---------------------------------------------------------------------------------------

namespace troupe::sdk {

// Not `inline`: these must be the values of the translation unit that names them, and never those
// of another library that happens to define the same symbol first.

/// Version of CAF's headers, such as "0.17.6".
constexpr char caf_version_text[] = {
    '0' + CAF_MAJOR_VERSION,
    '.',
    '0' + CAF_MINOR_VERSION / 10,
    '0' + CAF_MINOR_VERSION % 10,
    '.',
    '0' + (CAF_PATCH_VERSION < 10 ? CAF_PATCH_VERSION : CAF_PATCH_VERSION / 10),
    CAF_PATCH_VERSION < 10 ? '\0' : '0' + CAF_PATCH_VERSION % 10,
    '\0'};

/// What the program and a plugin compare.
constexpr troupe_plugin_fingerprint fingerprint{
    TROUPE_SDK_ABI,          caf_version_text,      TROUPE_ARCHITECTURE ", " TROUPE_CXX_ABI,
    TROUPE_STANDARD_LIBRARY, TROUPE_LIBRARY_CHECKS, TROUPE_SANITIZERS,
};

}  // namespace troupe::sdk
