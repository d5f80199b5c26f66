/// Values that several messages hold, to and from Cap'n Proto.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include <capnp/blob.h>
#include <zab.capnp.h>

#include <troupe/base/request.hpp>
#include <troupe/base/txn.hpp>

namespace troupe::broadcast::codec {

/// Thrown within the codec only, beside the library's exceptions.
struct not_understood : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline capnp::Data::Reader bytes_of(std::string_view text) {
  return {reinterpret_cast<const kj::byte*>(text.data()), text.size()};
}
inline std::string_view view_of(capnp::Data::Reader data) {
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}
inline std::string text_of(capnp::Data::Reader data) { return std::string{view_of(data)}; }

/// An enumerant that exists in this version.
template <class To, class From>
To enumerant(From value, To last, const char* what) {
  if (static_cast<std::uint16_t>(value) > static_cast<std::uint16_t>(last))
    throw not_understood{std::string{"unknown "} + what + " " +
                         std::to_string(static_cast<std::uint16_t>(value))};
  return static_cast<To>(value);
}

void put(wire::Origin::Builder into, const origin& from);
origin get(wire::Origin::Reader from);

void put(wire::Verdict::Builder into, const verdict& from);
verdict get(wire::Verdict::Reader from);

void put(wire::WriteRequest::Builder into, const write_request& from);
write_request get(wire::WriteRequest::Reader from);

}  // namespace troupe::broadcast::codec
