#include "actors/broadcast/codec/txn_origin.hpp"

#include <cstdint>

#include <capnp/serialize.h>
#include <kj/exception.h>
#include <txn.capnp.h>

namespace troupe::broadcast::codec {

origin origin_of(const blob& body) {
  const auto bytes = body.view();
  if (bytes.empty() || bytes.size() % sizeof(capnp::word) != 0 ||
      reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(capnp::word) != 0)
    return {};
  try {
    capnp::FlatArrayMessageReader message{
        {reinterpret_cast<const capnp::word*>(bytes.data()), bytes.size() / sizeof(capnp::word)}};
    const auto txn = message.getRoot<wire::Txn>();
    return {{txn.getOriginServer()},
            txn.getOriginStart(),
            txn.getOriginLane(),
            txn.getOriginSequence()};
  } catch (const kj::Exception&) {
    return {};
  }
}

}  // namespace troupe::broadcast::codec
