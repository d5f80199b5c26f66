#include "actors/broadcast/codec/message_codec.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include <capnp/any.h>
#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include "actors/broadcast/codec/capnp_values.hpp"
#include "actors/broadcast/core/zab/lease.hpp"

namespace troupe::broadcast::codec {
namespace {

using builder = wire::ZabMessage::Builder;
using reader = wire::ZabMessage::Reader;

void put_body(builder into, const zab::join& m) {
  auto join = into.initJoin();
  join.setAcceptedEpoch(m.accepted_epoch);
  join.setCurrentEpoch(m.current_epoch);
  join.setLast(m.last.value);
  join.setMember(m.member);
  join.setWantsSnapshot(m.wants_snapshot);
  join.setShared(m.shared);
}
void put_body(builder into, const zab::epoch_promised& m) {
  auto promised = into.initEpochPromised();
  promised.setEpoch(m.epoch);
  promised.setAgain(m.again);
  promised.setCurrentEpoch(m.current_epoch);
  promised.setLast(m.last.value);
  promised.setCommitted(m.committed.value);
  auto ends = promised.initEnds(static_cast<unsigned>(m.ends.size()));
  for (unsigned i = 0; i < m.ends.size(); ++i)
    ends.set(i, m.ends[i].value);
}
void put_body(builder into, const zab::leader_accepted& m) {
  into.setLeaderAccepted(m.epoch);
  into.setBound(static_cast<std::uint64_t>(m.bound.count()));
}
void put_body(builder into, const zab::durable& m) { into.setDurable(m.last.value); }
void put_body(builder into, const zab::tree_digest& m) {
  auto digest = into.initTreeDigest();
  digest.setAt(m.at.value);
  digest.setDigest(m.digest);
}
void put_body(builder into, const zab::tree_differs& m) { into.setTreeDiffers(m.at.value); }
void put_body(builder into, const zab::history_differs&) { into.setHistoryDiffers(); }
void put_body(builder into, const zab::snapshot_taken&) { into.setSnapshotTaken(); }
void put_body(builder into, const zab::forward& m) {
  auto all = into.initForward(static_cast<unsigned>(m.requests.size()));
  for (unsigned i = 0; i < m.requests.size(); ++i)
    put(all[i], m.requests[i]);
}
void put_body(builder into, const zab::touched& m) {
  auto all = into.initTouched(static_cast<unsigned>(m.sessions.size()));
  for (unsigned i = 0; i < m.sessions.size(); ++i)
    all.set(i, m.sessions[i].value);
}
void put_body(builder into, const zab::pong& m) {
  into.setPong(m.number);
  into.setBound(static_cast<std::uint64_t>(m.bound.count()));
}
void put_body(builder into, const zab::new_epoch& m) {
  auto epoch = into.initNewEpoch();
  epoch.setEpoch(m.epoch);
  epoch.setFirstStart(m.first_start);
}
void put_body(builder into, const zab::cut& m) { into.setCut(m.after.value); }
void put_body(builder into, const zab::snapshot_begin& m) {
  auto begin = into.initSnapshotBegin();
  begin.setAt(m.at.value);
  begin.setTreeDigest(m.tree_digest);
  begin.setHistoryHash(m.history_hash);
}
void put_body(builder into, const zab::snapshot_chunk& m) {
  into.setSnapshotChunk(bytes_of(m.bytes.view()));
}
void put_body(builder into, const zab::snapshot_end&) { into.setSnapshotEnd(); }
void put_body(builder into, const zab::entries& m) {
  auto all = into.initEntries(static_cast<unsigned>(m.txns.size()));
  for (unsigned i = 0; i < m.txns.size(); ++i) {
    all[i].setZxid(m.txns[i].zxid.value);
    all[i].setBody(bytes_of(m.txns[i].body.view()));
  }
}
void put_body(builder into, const zab::new_leader& m) {
  auto begins = into.initNewLeader();
  begins.setEpoch(m.epoch);
  begins.setAt(m.at.value);
  begins.setHistoryHash(m.history_hash);
}
void put_body(builder into, const zab::commit& m) {
  auto commit = into.initCommit();
  commit.setThrough(m.through.value);
  auto all = commit.initVerdicts(static_cast<unsigned>(m.verdicts.size()));
  for (unsigned i = 0; i < m.verdicts.size(); ++i)
    put(all[i], m.verdicts[i]);
}
void put_body(builder into, const zab::ping& m) { into.setPing(m.number); }
void put_body(builder into, const zab::leave& m) {
  auto leave = into.initLeave();
  leave.setReason(bytes_of(m.reason));
  leave.setSuccessor(m.successor.value);
}
void put_body(builder into, const zab::session_claims& m) {
  auto all = into.initSessionClaims(static_cast<unsigned>(m.claims.size()));
  for (unsigned i = 0; i < m.claims.size(); ++i) {
    all[i].setToken(m.claims[i].token);
    all[i].setSession(m.claims[i].session.value);
    all[i].setTimeoutMs(m.claims[i].timeout.count());
  }
}
void put_body(builder into, const zab::session_answers& m) {
  auto all = into.initSessionAnswers(static_cast<unsigned>(m.answers.size()));
  for (unsigned i = 0; i < m.answers.size(); ++i) {
    all[i].setToken(m.answers[i].token);
    all[i].setAlive(m.answers[i].alive);
    all[i].setTimeoutMs(m.answers[i].timeout.count());
  }
}
void put_body(builder into, const zab::sessions_moved& m) {
  auto all = into.initSessionsMoved(static_cast<unsigned>(m.sessions.size()));
  for (unsigned i = 0; i < m.sessions.size(); ++i)
    all.set(i, m.sessions[i].value);
}

zab::epoch_promised get(wire::EpochPromised::Reader from) {
  zab::epoch_promised said{from.getEpoch(),  from.getAgain(),       from.getCurrentEpoch(),
                           {from.getLast()}, {from.getCommitted()}, {}};
  for (const auto end : from.getEnds())
    said.ends.push_back({end});
  return said;
}

zab::entries get_entries(capnp::List<wire::Entry>::Reader from) {
  zab::entries said;
  said.txns.reserve(from.size());
  for (const auto one : from)
    said.txns.push_back({{one.getZxid()}, blob{view_of(one.getBody())}});
  return said;
}

zab::forward get_forward(capnp::List<wire::WriteRequest>::Reader from) {
  zab::forward said;
  said.requests.reserve(from.size());
  for (const auto one : from)
    said.requests.push_back(codec::get(one));
  return said;
}

zab::commit get(wire::Commit::Reader from) {
  zab::commit said{{from.getThrough()}, {}};
  for (const auto one : from.getVerdicts())
    said.verdicts.push_back(codec::get(one));
  return said;
}

zab::session_claims get_claims(capnp::List<wire::SessionClaim>::Reader from) {
  zab::session_claims said;
  for (const auto one : from)
    said.claims.push_back({one.getToken(), {one.getSession()}, milliseconds{one.getTimeoutMs()}});
  return said;
}

zab::session_answers get_answers(capnp::List<wire::SessionAnswer>::Reader from) {
  zab::session_answers said;
  for (const auto one : from)
    said.answers.push_back({one.getToken(), one.getAlive(), milliseconds{one.getTimeoutMs()}});
  return said;
}

zab::sessions_moved get_moved(capnp::List<std::uint64_t>::Reader from) {
  zab::sessions_moved said;
  for (const auto session : from)
    said.sessions.push_back({session});
  return said;
}

nanoseconds get_bound(reader from) {
  constexpr auto longest = static_cast<std::uint64_t>(zab::longest_lease.count());
  return nanoseconds{std::min(from.getBound(), longest)};
}

zab::body get_body(reader from) {
  switch (from.which()) {
  case wire::ZabMessage::JOIN: {
    const auto join = from.getJoin();
    return zab::join{join.getAcceptedEpoch(), join.getCurrentEpoch(),  {join.getLast()},
                     join.getMember(),        join.getWantsSnapshot(), join.getShared()};
  }
  case wire::ZabMessage::EPOCH_PROMISED:
    return get(from.getEpochPromised());
  case wire::ZabMessage::LEADER_ACCEPTED:
    return zab::leader_accepted{from.getLeaderAccepted(), get_bound(from)};
  case wire::ZabMessage::DURABLE:
    return zab::durable{{from.getDurable()}};
  case wire::ZabMessage::PONG:
    return zab::pong{from.getPong(), get_bound(from)};
  case wire::ZabMessage::NEW_EPOCH:
    return zab::new_epoch{from.getNewEpoch().getEpoch(), from.getNewEpoch().getFirstStart()};
  case wire::ZabMessage::CUT:
    return zab::cut{{from.getCut()}};
  case wire::ZabMessage::ENTRIES:
    return get_entries(from.getEntries());
  case wire::ZabMessage::NEW_LEADER:
    return zab::new_leader{from.getNewLeader().getEpoch(),
                           {from.getNewLeader().getAt()},
                           from.getNewLeader().getHistoryHash()};
  case wire::ZabMessage::COMMIT:
    return get(from.getCommit());
  case wire::ZabMessage::PING:
    return zab::ping{from.getPing()};
  case wire::ZabMessage::LEAVE:
    return zab::leave{text_of(from.getLeave().getReason()), {from.getLeave().getSuccessor()}};
  case wire::ZabMessage::TREE_DIGEST:
    return zab::tree_digest{{from.getTreeDigest().getAt()}, from.getTreeDigest().getDigest()};
  case wire::ZabMessage::TREE_DIFFERS:
    return zab::tree_differs{{from.getTreeDiffers()}};
  case wire::ZabMessage::HISTORY_DIFFERS:
    return zab::history_differs{};
  case wire::ZabMessage::SNAPSHOT_TAKEN:
    return zab::snapshot_taken{};
  case wire::ZabMessage::SNAPSHOT_BEGIN:
    return zab::snapshot_begin{{from.getSnapshotBegin().getAt()},
                               from.getSnapshotBegin().getTreeDigest(),
                               from.getSnapshotBegin().getHistoryHash()};
  case wire::ZabMessage::SNAPSHOT_CHUNK:
    return zab::snapshot_chunk{blob{view_of(from.getSnapshotChunk())}};
  case wire::ZabMessage::SNAPSHOT_END:
    return zab::snapshot_end{};
  case wire::ZabMessage::TOUCHED: {
    zab::touched said;
    for (const auto session : from.getTouched())
      said.sessions.push_back({session});
    return said;
  }
  case wire::ZabMessage::FORWARD:
    return get_forward(from.getForward());
  case wire::ZabMessage::SESSION_CLAIMS:
    return get_claims(from.getSessionClaims());
  case wire::ZabMessage::SESSION_ANSWERS:
    return get_answers(from.getSessionAnswers());
  case wire::ZabMessage::SESSIONS_MOVED:
    return get_moved(from.getSessionsMoved());
  }
  throw not_understood{"unknown kind of message"};
}

/// Words that the message needs, or a few more, so that it is built in one piece.
unsigned words_for(const zab::message& said) {
  std::size_t words = 64;
  if (const auto* const all = std::get_if<zab::entries>(&said.body)) {
    for (const auto& one : all->txns)
      words += 4 + one.body.size() / sizeof(capnp::word);
  }
  return static_cast<unsigned>(words);
}

kj::Array<capnp::word> flatten(const zab::message& said) {
  capnp::MallocMessageBuilder message{words_for(said)};
  auto into = message.initRoot<wire::ZabMessage>();
  into.setConversation(said.conversation);
  std::visit([&](const auto& body) { put_body(into, body); }, said.body);
  return capnp::messageToFlatArray(message);
}

std::string_view bytes_in(const kj::Array<capnp::word>& words) {
  const auto bytes = words.asBytes();
  return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
}

/// Field 0 is the first thing in the data of the root.
std::size_t place_of_conversation(const kj::Array<capnp::word>& words) {
  capnp::FlatArrayMessageReader message{words};
  const auto data = message.getRoot<capnp::AnyStruct>().getDataSection();
  return static_cast<std::size_t>(data.begin() - words.asBytes().begin());
}

bool same(const std::vector<encoded_txn>& a, const std::vector<encoded_txn>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.zxid == y.zxid && x.body == y.body;  // the same block, mostly, so this is quick
  });
}

}  // namespace

blob encode(const zab::message& said) {
  const auto words = flatten(said);
  return blob{bytes_in(words)};
}

blob step_encoder::encode(const zab::message& said) {
  const auto* const all = std::get_if<zab::entries>(&said.body);
  if (!all || all->txns.empty()) return codec::encode(said);
  if (!same(txns_, all->txns)) {
    const auto words = flatten(said);
    bytes_ = bytes_in(words);
    number_at_ = place_of_conversation(words);
    txns_ = all->txns;
    return blob{bytes_};
  }
  std::array<char, sizeof(std::uint64_t)> number{};
  for (std::size_t i = 0; i < number.size(); ++i)
    number[i] = static_cast<char>(said.conversation >> 8 * i & 0xff);  // little-endian everywhere
  std::copy(number.begin(), number.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(number_at_));
  return blob{bytes_};
}

void step_encoder::forget() noexcept {
  if (txns_.empty()) return;
  txns_.clear();
  std::string{}.swap(bytes_);
}

result<zab::message> decode(const blob& bytes) {
  const auto view = bytes.view();
  const auto refusal = [](std::string why) {
    return failure{"a message of the ensemble does not decode: " + std::move(why)};
  };
  if (view.empty() || view.size() % sizeof(capnp::word) != 0)
    return refusal("its length is not a multiple of eight");
  // The library requires aligned words; nothing promises that a blob's are.
  std::vector<std::uint64_t> aligned;
  const char* words = view.data();
  if (reinterpret_cast<std::uintptr_t>(words) % alignof(std::uint64_t) != 0) {
    aligned.resize(view.size() / sizeof(std::uint64_t));
    words = static_cast<const char*>(std::memcpy(aligned.data(), view.data(), view.size()));
  }
  try {
    capnp::ReaderOptions limits;
    // Each byte may be looked at once or twice; more is an attack on time.
    limits.traversalLimitInWords = view.size() / sizeof(capnp::word) * 4 + 1024;
    // Choices within choices take four levels each.
    limits.nestingLimit = 16 + 4 * static_cast<int>(script_op::deepest);
    capnp::FlatArrayMessageReader message{
        {reinterpret_cast<const capnp::word*>(words), view.size() / sizeof(capnp::word)}, limits};
    const auto root = message.getRoot<wire::ZabMessage>();
    return zab::message{root.getConversation(), get_body(root)};
  } catch (const kj::Exception& e) {
    return refusal(e.getDescription().cStr());
  } catch (const not_understood& e) {
    return refusal(e.what());
  }
}

}  // namespace troupe::broadcast::codec
