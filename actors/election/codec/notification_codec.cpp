#include "actors/election/codec/notification_codec.hpp"

#include <array>
#include <cstring>
#include <string>
#include <utility>

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <election.capnp.h>
#include <kj/exception.h>

namespace troupe::election::codec {
namespace {

/// What this version writes takes 48 bytes; a later one may add some.
constexpr std::size_t most_bytes = 1024;

notification get(wire::ElectionNotification::Reader from) {
  notification heard;
  heard.stance = static_cast<stance>(from.getStance());
  heard.blank = from.getBlank();
  heard.founder = from.getFounder();
  heard.empty = from.getEmpty();
  heard.round = from.getRound();
  heard.choice = {from.getEpoch(), {from.getLastZxid()}, {from.getLeader()}};
  return heard;
}

}  // namespace

blob encode(const notification& said) {
  capnp::MallocMessageBuilder message{16};
  auto into = message.initRoot<wire::ElectionNotification>();
  into.setVersion(version);
  into.setStance(static_cast<wire::ElectionStance>(said.stance));
  into.setBlank(said.blank);
  into.setFounder(said.founder);
  into.setEmpty(said.empty);
  into.setRound(said.round);
  into.setLeader(said.choice.leader.value);
  into.setEpoch(said.choice.epoch);
  into.setLastZxid(said.choice.last.value);
  const auto words = capnp::messageToFlatArray(message);
  const auto bytes = words.asBytes();
  return blob{std::string_view{reinterpret_cast<const char*>(bytes.begin()), bytes.size()}};
}

result<notification> decode(const blob& bytes) {
  const auto refusal = [](std::string why) {
    return failure{"an election notification does not decode: " + std::move(why)};
  };
  const auto view = bytes.view();
  if (view.empty() || view.size() > most_bytes || view.size() % sizeof(capnp::word) != 0)
    return refusal(std::to_string(view.size()) + " bytes");
  // The library requires aligned words; nothing promises that a blob's are.
  alignas(capnp::word) std::array<kj::byte, most_bytes> aligned;
  std::memcpy(aligned.data(), view.data(), view.size());
  try {
    capnp::FlatArrayMessageReader message{
        {reinterpret_cast<const capnp::word*>(aligned.data()), view.size() / sizeof(capnp::word)}};
    const auto root = message.getRoot<wire::ElectionNotification>();
    if (root.getVersion() != version)
      return refusal("it is of version " + std::to_string(root.getVersion()) +
                     ", this server understands version " + std::to_string(version));
    if (root.getStance() > wire::ElectionStance::SETTLED)
      return refusal("unknown stance " + std::to_string(static_cast<int>(root.getStance())));
    return get(root);
  } catch (const kj::Exception& e) {
    return refusal(e.getDescription().cStr());
  }
}

}  // namespace troupe::election::codec
