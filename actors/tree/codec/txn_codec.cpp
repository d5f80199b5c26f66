#include "actors/tree/codec/txn_codec.hpp"

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>
#include <txn.capnp.h>

namespace troupe::tree::codec {
namespace {

capnp::Data::Reader bytes_of(std::string_view text) {
  return {reinterpret_cast<const kj::byte*>(text.data()), text.size()};
}

std::string_view view_of(capnp::Data::Reader data) {
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}

std::string text_of(capnp::Data::Reader data) { return std::string{view_of(data)}; }

// --------------------------------------------------------------- encoding

template <class Builder>
void put_acl(Builder into, const acl& list) {
  auto entries = into.initAcl(static_cast<unsigned>(list.size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    entries[i].setPermissions(list[i].permissions);
    entries[i].setScheme(bytes_of(list[i].who.scheme));
    entries[i].setId(bytes_of(list[i].who.id));
  }
}

template <class Builder>
void put_data(Builder into, const blob& data) {
  if (!data.is_null()) into.setData(bytes_of(data.view()));
}

void put(wire::Change::Builder into, const change::create_node& c) {
  auto node = into.initCreateNode();
  node.setPath(bytes_of(c.path));
  put_data(node, c.data);
  put_acl(node, c.acl);
  node.setKind(static_cast<wire::NodeKind>(c.kind));
  node.setTtlMs(c.ttl_ms);
  node.setOwner(c.owner.value);
  node.setParentChildrenCreated(c.parent_children_created);
}
void put(wire::Change::Builder into, const change::delete_node& c) {
  into.setDeleteNode(bytes_of(c.path));
}
void put(wire::Change::Builder into, const change::set_data& c) {
  auto set = into.initSetData();
  set.setPath(bytes_of(c.path));
  put_data(set, c.data);
  set.setVersion(c.version);
}
void put(wire::Change::Builder into, const change::set_acl& c) {
  auto set = into.initSetAcl();
  set.setPath(bytes_of(c.path));
  put_acl(set, c.acl);
  set.setAversion(c.aversion);
}
void put(wire::Change::Builder into, const change::checked& c) {
  into.setChecked(bytes_of(c.path));
}
void put(wire::Change::Builder into, const change::create_session& c) {
  auto session = into.initCreateSession();
  session.setSession(c.session.value);
  session.setTimeoutMs(c.timeout.count());
}
void put(wire::Change::Builder into, const change::close_session& c) {
  auto session = into.initCloseSession();
  session.setSession(c.session.value);
  session.setCause(static_cast<wire::CloseCause>(c.cause));
}
void put(wire::Change::Builder into, const change::set_secret& c) {
  into.setSetSecret(bytes_of(c.secret));
}

// --------------------------------------------------------------- decoding

/// Thrown within this file only, beside the exceptions of the library.
struct not_understood : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// An enumerant that exists in this version.
template <class To, class From>
To enumerant(From value, To last, const char* what) {
  if (static_cast<std::uint16_t>(value) > static_cast<std::uint16_t>(last))
    throw not_understood{std::string{"unknown "} + what + " " +
                         std::to_string(static_cast<std::uint16_t>(value))};
  return static_cast<To>(value);
}

template <class Reader>
acl get_acl(Reader from) {
  acl list;
  list.reserve(from.getAcl().size());
  for (const auto entry : from.getAcl())
    list.push_back({entry.getPermissions(), {text_of(entry.getScheme()), text_of(entry.getId())}});
  return list;
}

template <class Reader>
blob get_data(Reader from) {
  return from.hasData() ? blob{view_of(from.getData())} : blob{};
}

txn_change get(wire::CreateNode::Reader from) {
  return change::create_node{text_of(from.getPath()),
                             get_data(from),
                             get_acl(from),
                             enumerant(from.getKind(), node_kind::ttl, "kind of node"),
                             from.getTtlMs(),
                             session_id{from.getOwner()},
                             from.getParentChildrenCreated()};
}

txn_change get(wire::Change::Reader from) {
  switch (from.which()) {
  case wire::Change::CREATE_NODE:
    return get(from.getCreateNode());
  case wire::Change::DELETE_NODE:
    return change::delete_node{text_of(from.getDeleteNode())};
  case wire::Change::SET_DATA: {
    const auto set = from.getSetData();
    return change::set_data{text_of(set.getPath()), get_data(set), set.getVersion()};
  }
  case wire::Change::SET_ACL: {
    const auto set = from.getSetAcl();
    return change::set_acl{text_of(set.getPath()), get_acl(set), set.getAversion()};
  }
  case wire::Change::CHECKED:
    return change::checked{text_of(from.getChecked())};
  case wire::Change::CREATE_SESSION: {
    const auto session = from.getCreateSession();
    return change::create_session{session_id{session.getSession()},
                                  milliseconds{session.getTimeoutMs()}};
  }
  case wire::Change::CLOSE_SESSION: {
    const auto session = from.getCloseSession();
    return change::close_session{
        session_id{session.getSession()},
        enumerant(session.getCause(), close_cause::administrator, "cause of a session's end")};
  }
  case wire::Change::SET_SECRET:
    return change::set_secret{text_of(from.getSetSecret())};
  }
  throw not_understood{"unknown kind of change"};
}

txn get(wire::Txn::Reader from) {
  txn decided;
  decided.zxid = {from.getZxid()};
  decided.time = {from.getTimeMs()};
  decided.session = {from.getSession()};
  decided.origin = {{from.getOriginServer()},
                    from.getOriginStart(),
                    from.getOriginLane(),
                    from.getOriginSequence()};
  decided.request_id = from.getRequestId();
  decided.kind = enumerant(from.getKind(), txn_kind::reap, "kind of transaction");
  decided.changes.reserve(from.getChanges().size());
  for (const auto change : from.getChanges())
    decided.changes.push_back(get(change));
  return decided;
}

txn read_words(kj::ArrayPtr<const capnp::word> words) {
  capnp::ReaderOptions limits;
  // Each byte may be looked at once or twice; more is an attack on time.
  limits.traversalLimitInWords = words.size() * 4 + 1024;
  limits.nestingLimit = 16;
  capnp::FlatArrayMessageReader reader{words, limits};
  return get(reader.getRoot<wire::Txn>());
}

}  // namespace

encoded_txn encode(const txn& decided) {
  // Most transactions fit here, so encoding allocates little.
  capnp::word scratch[512];
  std::memset(scratch, 0, sizeof scratch);
  capnp::MallocMessageBuilder message{kj::arrayPtr(scratch, 512)};
  auto into = message.initRoot<wire::Txn>();
  into.setZxid(decided.zxid.value);
  into.setTimeMs(decided.time.ms);
  into.setSession(decided.session.value);
  into.setOriginServer(decided.origin.server.value);
  into.setOriginStart(decided.origin.start);
  into.setOriginLane(decided.origin.lane);
  into.setOriginSequence(decided.origin.sequence);
  into.setRequestId(decided.request_id);
  into.setKind(static_cast<wire::TxnKind>(decided.kind));
  auto changes = into.initChanges(static_cast<unsigned>(decided.changes.size()));
  for (unsigned i = 0; i < decided.changes.size(); ++i)
    std::visit([&](const auto& c) { put(changes[i], c); }, decided.changes[i]);
  const auto words = capnp::messageToFlatArray(message);
  const auto bytes = words.asBytes();
  return {decided.zxid,
          blob{std::string_view{reinterpret_cast<const char*>(bytes.begin()), bytes.size()}}};
}

result<txn> decode(const blob& body) {
  const auto bytes = body.view();
  const auto refusal = [](std::string why) {
    return failure{"a transaction does not decode: " + std::move(why)};
  };
  if (bytes.empty() || bytes.size() % sizeof(capnp::word) != 0)
    return refusal("its length is not a multiple of eight");
  // The library requires aligned words, and these bytes may come from the middle of a buffer.
  std::vector<std::uint64_t> words(bytes.size() / sizeof(capnp::word));
  std::memcpy(words.data(), bytes.data(), bytes.size());
  try {
    return read_words({reinterpret_cast<const capnp::word*>(words.data()), words.size()});
  } catch (const kj::Exception& e) {
    return refusal(e.getDescription().cStr());
  } catch (const not_understood& e) {
    return refusal(e.what());
  }
}

}  // namespace troupe::tree::codec
