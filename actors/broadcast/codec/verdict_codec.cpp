// Refusals on their way back to the server that asked.
#include "actors/broadcast/codec/capnp_values.hpp"

namespace troupe::broadcast::codec {
namespace {

void put(wire::Stat::Builder into, const stat& from) {
  into.setCzxid(from.czxid.value);
  into.setMzxid(from.mzxid.value);
  into.setCtimeMs(from.ctime_ms);
  into.setMtimeMs(from.mtime_ms);
  into.setVersion(from.version);
  into.setCversion(from.cversion);
  into.setAversion(from.aversion);
  into.setEphemeralOwner(from.ephemeral_owner.value);
  into.setDataLength(from.data_length);
  into.setNumChildren(from.num_children);
  into.setPzxid(from.pzxid.value);
}

stat get(wire::Stat::Reader from) {
  stat s;
  s.czxid = {from.getCzxid()};
  s.mzxid = {from.getMzxid()};
  s.ctime_ms = from.getCtimeMs();
  s.mtime_ms = from.getMtimeMs();
  s.version = from.getVersion();
  s.cversion = from.getCversion();
  s.aversion = from.getAversion();
  s.ephemeral_owner = {from.getEphemeralOwner()};
  s.data_length = from.getDataLength();
  s.num_children = from.getNumChildren();
  s.pzxid = {from.getPzxid()};
  return s;
}

/// No number that clients do not know ever reaches them.
error_code known_error(std::int32_t number) {
  const auto error = static_cast<error_code>(number);
  if (to_string(error) == "UNKNOWN")
    throw not_understood{"unknown error code " + std::to_string(number)};
  return error;
}

}  // namespace

void put(wire::Origin::Builder into, const origin& from) {
  into.setServer(from.server.value);
  into.setStart(from.start);
  into.setLane(from.lane);
  into.setSequence(from.sequence);
}

origin get(wire::Origin::Reader from) {
  return {{from.getServer()}, from.getStart(), from.getLane(), from.getSequence()};
}

void put(wire::Verdict::Builder into, const verdict& from) {
  put(into.initOrigin(), from.origin);
  into.setSession(from.session.value);
  into.setAfter(from.after.value);
  into.setKind(static_cast<wire::TxnKind>(from.kind));
  into.setRepeats(from.repeats);
  auto results = into.initResults(static_cast<unsigned>(from.results.size()));
  for (unsigned i = 0; i < from.results.size(); ++i) {
    results[i].setError(static_cast<std::int32_t>(from.results[i].error));
    results[i].setPath(bytes_of(from.results[i].path));
    put(results[i].initStat(), from.results[i].stat);
    results[i].setNumber(from.results[i].number);
  }
}

verdict get(wire::Verdict::Reader from) {
  verdict said;
  said.origin = get(from.getOrigin());
  said.session = {from.getSession()};
  said.after = {from.getAfter()};
  said.kind = enumerant(from.getKind(), txn_kind::reap, "kind of transaction");
  said.repeats = from.getRepeats();
  for (const auto one : from.getResults())
    said.results.push_back(
        {known_error(one.getError()), text_of(one.getPath()), get(one.getStat()), one.getNumber()});
  return said;
}

}  // namespace troupe::broadcast::codec
