/// Bytes of nodes and Cap'n Proto.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>
#include <troupe/base/blob.hpp>

namespace scheduler {

/// The bytes of a message whose root `fill` fills.
template <class Root, class Fill>
troupe::blob encoded(Fill fill) {
  capnp::MallocMessageBuilder message{128};
  fill(message.initRoot<Root>());
  const auto words = capnp::messageToFlatArray(message);
  const auto bytes = words.asBytes();
  return troupe::blob{std::string_view{reinterpret_cast<const char*>(bytes.begin()), bytes.size()}};
}

/// What `translate` makes of the root: an optional. Nothing if the bytes, which need not be
/// aligned, are no such message.
template <class Root, class Translate>
auto decoded(std::string_view bytes, Translate translate)
    -> decltype(translate(std::declval<typename Root::Reader>())) {
  if (bytes.empty() || bytes.size() % sizeof(capnp::word) != 0) return std::nullopt;
  auto words = kj::heapArray<capnp::word>(bytes.size() / sizeof(capnp::word));
  std::memcpy(words.begin(), bytes.data(), bytes.size());
  decltype(translate(std::declval<typename Root::Reader>())) result;
  const auto failure = kj::runCatchingExceptions([&] {
    // A message of tables and texts has no pointers that are worth following twice.
    capnp::ReaderOptions limits;
    limits.traversalLimitInWords = 4 * words.size() + 64;
    limits.nestingLimit = 8;
    capnp::FlatArrayMessageReader message{words, limits};
    result = translate(message.getRoot<Root>());
  });
  if (failure != nullptr) return std::nullopt;
  return result;
}

inline std::string string_of(capnp::Text::Reader text) { return {text.cStr(), text.size()}; }
inline std::string string_of(capnp::Data::Reader data) {
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}
inline capnp::Data::Reader data_of(std::string_view bytes) {
  return {reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()};
}
inline capnp::Text::Reader text_of(const std::string& text) { return {text.c_str(), text.size()}; }

/// A number of the schema as an enum with `count` values.
template <class Enum>
bool read_enum(std::uint8_t number, std::size_t count, Enum& to) {
  if (number >= count) return false;
  to = static_cast<Enum>(number);
  return true;
}

template <class Builder>
void put_texts(Builder list, const auto& all) {
  unsigned i = 0;
  for (const auto& one : all)
    list.set(i++, text_of(one));
}

}  // namespace scheduler
