#include "actors/tree/codec/txn_codec.hpp"

#include <cstdint>
#include <cstring>
#include <iterator>
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

void put(wire::Change::Builder into, const change::answered& c) {
  auto told = into.initAnswered();
  told.setRemembered(c.remembered);
  auto results = told.initResults(static_cast<unsigned>(c.results.size()));
  for (unsigned i = 0; i < c.results.size(); ++i) {
    results[i].setChange(c.results[i].change);
    results[i].setNumber(c.results[i].number);
  }
}

// The size of a message in words, which only follows from the encoding's rules: a struct is its
// data and pointers, bytes are rounded up, and a list of structs has a tag.

constexpr std::size_t words_of(std::string_view bytes) noexcept { return (bytes.size() + 7) / 8; }

template <class Struct>
constexpr std::size_t words_in() noexcept {
  return Struct::_capnpPrivate::dataWordSize + Struct::_capnpPrivate::pointerCount;
}

std::size_t words_of(const acl& list) noexcept {
  std::size_t words = 1 + list.size() * words_in<wire::AclEntry>();
  for (const auto& entry : list)
    words += words_of(entry.who.scheme) + words_of(entry.who.id);
  return words;
}
std::size_t words_of(const change::create_node& c) noexcept {
  return words_in<wire::CreateNode>() + words_of(c.path) + words_of(c.data.view()) +
         words_of(c.acl);
}
std::size_t words_of(const change::delete_node& c) noexcept { return words_of(c.path); }
std::size_t words_of(const change::set_data& c) noexcept {
  return words_in<wire::SetData>() + words_of(c.path) + words_of(c.data.view());
}
std::size_t words_of(const change::set_acl& c) noexcept {
  return words_in<wire::SetAcl>() + words_of(c.path) + words_of(c.acl);
}
std::size_t words_of(const change::checked& c) noexcept { return words_of(c.path); }
std::size_t words_of(const change::create_session&) noexcept {
  return words_in<wire::CreateSession>();
}
std::size_t words_of(const change::close_session&) noexcept {
  return words_in<wire::CloseSession>();
}
std::size_t words_of(const change::set_secret& c) noexcept { return words_of(c.secret); }

std::size_t words_of(const change::answered& c) noexcept {
  return words_in<wire::Answered>() + 1 + c.results.size() * words_in<wire::AnswerResult>();
}

/// Of the one segment, without the header.
std::size_t words_of(const txn& t) noexcept {
  std::size_t words = 2 + words_in<wire::Txn>() + t.changes.size() * words_in<wire::Change>();
  for (const auto& change : t.changes)
    words += std::visit([](const auto& c) { return words_of(c); }, change);
  return words;
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

txn_change get(wire::Answered::Reader from) {
  change::answered told;
  told.remembered = from.getRemembered();
  told.results.reserve(from.getResults().size());
  for (const auto one : from.getResults())
    told.results.push_back({one.getChange(), one.getNumber()});
  return told;
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
  case wire::Change::ANSWERED:
    return get(from.getAnswered());
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
  // One segment of exactly the right size behind its header: no list of segments, no second copy,
  // and not more memory cleared than is used.
  const auto size = words_of(decided);
  std::uint64_t few[192];
  std::vector<std::uint64_t> many;
  std::uint64_t* words = few;
  if (size < std::size(few)) {
    std::memset(few, 0, (size + 1) * sizeof *few);
  } else {
    many.resize(size + 1);
    words = many.data();
  }
  words[0] = std::uint64_t{size} << 32;
  capnp::FlatMessageBuilder message{{reinterpret_cast<capnp::word*>(words + 1), size}};
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
  message.requireFilled();
  return {decided.zxid,
          blob{std::string_view{reinterpret_cast<const char*>(words), (size + 1) * sizeof *words}}};
}

result<txn> decode(const blob& body) {
  const auto bytes = body.view();
  const auto refusal = [](std::string why) {
    return failure{"a transaction does not decode: " + std::move(why)};
  };
  if (bytes.empty() || bytes.size() % sizeof(capnp::word) != 0)
    return refusal("its length is not a multiple of eight");
  // The library requires aligned words. Those of a blob are, but nothing promises it.
  const char* words = bytes.data();
  std::vector<std::uint64_t> aligned;
  if (reinterpret_cast<std::uintptr_t>(words) % alignof(std::uint64_t) != 0) {
    aligned.resize(bytes.size() / sizeof(std::uint64_t));
    words = static_cast<const char*>(std::memcpy(aligned.data(), words, bytes.size()));
  }
  try {
    return read_words(
        {reinterpret_cast<const capnp::word*>(words), bytes.size() / sizeof(capnp::word)});
  } catch (const kj::Exception& e) {
    return refusal(e.getDescription().cStr());
  } catch (const not_understood& e) {
    return refusal(e.what());
  }
}

}  // namespace troupe::tree::codec
