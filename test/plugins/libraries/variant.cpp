/// A plugin whose constant differs from the right one in what the build defines: one source for all
/// libraries that the gate has to refuse.

#include <stdexcept>

#include <troupe/sdk/component_type.hpp>
#include <troupe/sdk/fingerprint.hpp>
#include <troupe/sdk/plugin.h>

#ifndef MAGIC
#define MAGIC 'T', 'R', 'O', 'U', 'P', 'E', 'P', 'L'
#endif
#ifndef ABI
#define ABI TROUPE_PLUGIN_ABI
#endif
#ifndef SIZE
#define SIZE sizeof(troupe_plugin_info)
#endif
#ifndef SDK
#define SDK troupe::sdk::fingerprint.sdk
#endif
#ifndef CAF
#define CAF troupe::sdk::fingerprint.caf
#endif
#ifndef COMPILER
#define COMPILER troupe::sdk::fingerprint.compiler_abi
#endif
#ifndef LIBRARY
#define LIBRARY troupe::sdk::fingerprint.standard_library
#endif
#ifndef CHECKS
#define CHECKS troupe::sdk::fingerprint.stdlib_checks
#endif
#ifndef SANITIZERS
#define SANITIZERS troupe::sdk::fingerprint.sanitizers
#endif
#ifndef NAME
#define NAME "variant"
#endif
#ifndef TYPE
#define TYPE "variant.one"
#endif

namespace {

[[maybe_unused]] void add(troupe::sdk::catalog& types, const char* name) {
  types.add({.name = name, .summary = "A toy.", .gives = {"toy", 1}});
}

[[maybe_unused]] void register_types(void* catalog) {
  [[maybe_unused]] auto& types = *static_cast<troupe::sdk::catalog*>(catalog);
#ifndef NO_TYPES
  add(types, TYPE);
#endif
#ifdef TWICE
  add(types, TYPE);
#endif
#ifdef THROWS
  throw std::runtime_error("the moon is not right");
#endif
#ifdef THROWS_NUMBER
  throw 42;
#endif
}

}  // namespace

#ifdef UNRESOLVED
extern "C" int nobody_has_this();
extern "C" int calls_nobody() { return nobody_has_this(); }
#endif

#ifndef NO_SYMBOL
extern "C" __attribute__((visibility("default"))) const troupe_plugin_info troupe_plugin{
    {MAGIC}, ABI,   SIZE,    {SDK, CAF, COMPILER, LIBRARY, CHECKS, SANITIZERS},
    NAME,    "1.0", "A toy", register_types};
#endif
