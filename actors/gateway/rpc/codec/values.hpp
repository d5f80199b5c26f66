/// Values of the native protocol, to and from Cap'n Proto.
#pragma once

#include <string>
#include <string_view>

#include <coordination.capnp.h>

#include <troupe/base/operation.hpp>

#include "actors/gateway/rpc/clients.hpp"
#include "actors/gateway/rpc/core/operation.hpp"

namespace troupe::rpc::codec {

inline capnp::Data::Reader bytes_of(std::string_view text) {
  return {reinterpret_cast<const kj::byte*>(text.data()), text.size()};
}
inline std::string_view view_of(capnp::Data::Reader data) {
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}
inline std::string_view view_of(capnp::Text::Reader text) { return {text.begin(), text.size()}; }
inline std::string text_of(capnp::Text::Reader text) { return std::string{view_of(text)}; }
/// Of a builder of type `B`: a text that need not end with a zero.
template <class Init>
void put_text(Init init, std::string_view text) {
  auto to = init(static_cast<unsigned>(text.size()));
  if (!text.empty()) text.copy(to.begin(), text.size());
}

void put(api::Stat::Builder into, const stat& from);
void put(api::Error::Builder into, const problem& from, std::string_view path);
/// An error of the tree.
problem as_problem(error_code error);
void put(capnp::List<api::AclEntry>::Builder into, const acl& from);
api::SessionEnd to_wire(session_end cause);
api::EventKind to_wire(event_kind kind);

}  // namespace troupe::rpc::codec
