#include <catch2/catch.hpp>

#include <cstring>

#include <troupe/sdk/fingerprint.hpp>

#include "runtime/plugin/gate.hpp"

using namespace troupe;
using plugin::refusal;

namespace {

constexpr troupe_plugin_fingerprint ours{"1.0 (abc)",    "0.17.6", "x86-64, ABI 1002",
                                         "libstdc++ 12", "none",   "address"};

troupe_plugin_info good() {
  troupe_plugin_info info{};
  std::memcpy(info.magic, TROUPE_PLUGIN_MAGIC, sizeof info.magic);
  info.abi = TROUPE_PLUGIN_ABI;
  info.struct_size = sizeof info;
  info.fingerprint = ours;
  info.name = "toy";
  info.version = "1.0";
  info.summary = "A toy";
  info.register_types = [](void*) {};
  return info;
}

std::vector<refusal> examine(const troupe_plugin_info& info) {
  return plugin::examine(info, ours, "toy.so");
}

/// The only refusal's message.
std::string message(const troupe_plugin_info& info) {
  const auto found = examine(info);
  REQUIRE(found.size() == 1);
  CHECK_FALSE(found.front().hint.empty());
  return found.front().message;
}

TEST_CASE("what fits passes the gate", "[plugin]") { CHECK(examine(good()).empty()); }

TEST_CASE("the program fits itself", "[plugin]") {
  auto info = good();
  info.fingerprint = sdk::fingerprint;
  CHECK(plugin::examine(info, plugin::own_fingerprint(), "toy.so").empty());
}

TEST_CASE("the fingerprint is that of this compile", "[plugin]") {
  CHECK(std::string{sdk::fingerprint.caf} == "0.17.6");
  CHECK(std::string{sdk::fingerprint.standard_library}.starts_with("libstdc++ "));
#if defined(_GLIBCXX_ASSERTIONS)
  CHECK(std::string{sdk::fingerprint.stdlib_checks} == "_GLIBCXX_ASSERTIONS");
#else
  CHECK(std::string{sdk::fingerprint.stdlib_checks} == "none");
#endif
#if defined(__SANITIZE_ADDRESS__)
  CHECK(std::string{sdk::fingerprint.sanitizers} == "address");
#endif
}

TEST_CASE("another magic: nothing else is looked at", "[plugin]") {
  auto info = good();
  std::memcpy(info.magic, "ELEPHANT", 8);
  info.abi = 7;
  info.name = nullptr;
  CHECK(message(info) == "toy.so is not a plugin: its troupe_plugin begins with \"ELEPHANT\" "
                         "instead of \"TROUPEPL\"");
}

TEST_CASE("another ABI: what follows may mean anything", "[plugin]") {
  auto info = good();
  info.abi = 7;
  info.struct_size = 8;
  CHECK(message(info) == "toy.so is of plugin ABI version 7, this program of version 1");
}

TEST_CASE("another size", "[plugin]") {
  auto info = good();
  info.struct_size = 16;
  CHECK(message(info) ==
        "toy.so describes itself in 16 bytes, this program expects " + std::to_string(sizeof info));
}

TEST_CASE("each field of the fingerprint has a message with both values", "[plugin]") {
  struct sample {
    const char* troupe_plugin_fingerprint::*field;
    const char* message;
  };
  for (const auto& one : std::vector<sample>{
           {&troupe_plugin_fingerprint::sdk,
            "the headers of Troupe: it has \"other\", this program \"1.0 (abc)\""},
           {&troupe_plugin_fingerprint::caf,
            "the C++ Actor Framework: it has \"other\", this program \"0.17.6\""},
           {&troupe_plugin_fingerprint::compiler_abi,
            "the compiler's ABI: it has \"other\", this program \"x86-64, ABI 1002\""},
           {&troupe_plugin_fingerprint::standard_library,
            "the standard library: it has \"other\", this program \"libstdc++ 12\""},
           {&troupe_plugin_fingerprint::stdlib_checks,
            "the standard library's debug mode: it has \"other\", this program \"none\""},
           {&troupe_plugin_fingerprint::sanitizers,
            "sanitizers: it has \"other\", this program \"address\""}}) {
    auto info = good();
    info.fingerprint.*one.field = "other";
    CHECK(message(info) == std::string{"toy.so does not fit in "} + one.message);
  }
}

TEST_CASE("all fields that do not fit are told at once, missing ones included", "[plugin]") {
  auto info = good();
  info.fingerprint = {};
  info.name = nullptr;
  info.version = "";
  info.summary = "two\nlines";
  info.register_types = nullptr;
  const auto found = examine(info);
  REQUIRE(found.size() == 10);
  CHECK(found[0].message ==
        "toy.so does not fit in the headers of Troupe: it has nothing, this program \"1.0 (abc)\"");
  CHECK(found[6].message == "toy.so calls itself \"\", which is not a plugin's name");
  CHECK(found[7].message == "toy.so does not say its version");
  CHECK(found[8].message == "toy.so has no summary");
  CHECK(found[9].message == "toy.so has no function that adds its types");
}

TEST_CASE("names of plugins", "[plugin]") {
  for (const char* name : {"a", "lock", "my_lock-2"})
    CHECK(plugin::is_plugin_name(name));
  CHECK(plugin::is_plugin_name(std::string(63, 'a')));
  CHECK_FALSE(plugin::is_plugin_name(std::string(64, 'a')));
  for (const char* name : {"", "Lock", "2nd", "_x", "a.b", "a/b", "a b"})
    CHECK_FALSE(plugin::is_plugin_name(name));
}

}  // namespace
