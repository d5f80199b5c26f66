#include "actors/peer/codec/greeting.hpp"

#include <cstring>

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>
#include <peer.capnp.h>

namespace troupe::peer {
namespace {

/// Far more than a greeting needs.
constexpr capnp::ReaderOptions small_message{512, 8};

template <class Fill, class Root = wire::PeerHello>
std::string encoded(Fill fill) {
  capnp::MallocMessageBuilder message{64};
  fill(message);
  const auto words = capnp::messageToFlatArray(message);
  const auto bytes = words.asBytes();
  return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
}

/// Translates bytes, which need not be aligned, and takes every exception for "not understood".
template <class Root, class Translate>
auto decoded(std::string_view bytes, Translate translate)
    -> decltype(translate(std::declval<typename Root::Reader>())) {
  if (bytes.size() % sizeof(capnp::word) != 0) return std::nullopt;
  auto words = kj::heapArray<capnp::word>(bytes.size() / sizeof(capnp::word));
  if (!bytes.empty()) std::memcpy(words.begin(), bytes.data(), bytes.size());
  decltype(translate(std::declval<typename Root::Reader>())) result;
  const auto failure = kj::runCatchingExceptions([&] {
    capnp::FlatArrayMessageReader message{words, small_message};
    result = translate(message.getRoot<Root>());
  });
  if (failure != nullptr) return std::nullopt;
  return result;
}

}  // namespace

std::string encode(const hello& what) {
  return encoded([&](capnp::MessageBuilder& message) {
    auto root = message.initRoot<wire::PeerHello>();
    root.setLeastVersion(what.least_version);
    root.setNewestVersion(what.newest_version);
    root.setFrom(what.from.value);
    root.setTo(what.to.value);
    root.setChannel(static_cast<wire::PeerChannel>(what.channel));
    root.setHasSecret(what.has_secret);
    root.setInstance(what.instance);
    root.setNonce({reinterpret_cast<const kj::byte*>(what.nonce.data()), what.nonce.size()});
  });
}

std::string encode(const refusal& what) {
  return encoded([&](capnp::MessageBuilder& message) {
    auto root = message.initRoot<wire::PeerRefusal>();
    root.setReason(static_cast<wire::PeerRefusalReason>(what.reason));
    root.setLeastVersion(what.least_version);
    root.setNewestVersion(what.newest_version);
    root.setServer(what.server.value);
  });
}

std::optional<hello> decode_hello(std::string_view bytes) {
  return decoded<wire::PeerHello>(bytes, [](wire::PeerHello::Reader root) -> std::optional<hello> {
    const auto nonce = root.getNonce();
    const auto number = static_cast<std::uint16_t>(root.getChannel());
    if (nonce.size() != nonce_bytes || number >= role::peer::channels) return std::nullopt;
    return hello{
        root.getLeastVersion(),       root.getNewestVersion(),
        server_id{root.getFrom()},    server_id{root.getTo()},
        static_cast<channel>(number), root.getHasSecret(),
        root.getInstance(),           {reinterpret_cast<const char*>(nonce.begin()), nonce.size()}};
  });
}

std::optional<refusal> decode_refusal(std::string_view bytes) {
  return decoded<wire::PeerRefusal>(
      bytes, [](wire::PeerRefusal::Reader root) -> std::optional<refusal> {
        const auto number = static_cast<std::uint16_t>(root.getReason());
        if (number >= refusal_reasons) return std::nullopt;
        return refusal{static_cast<refusal_reason>(number), root.getLeastVersion(),
                       root.getNewestVersion(), server_id{root.getServer()}};
      });
}

}  // namespace troupe::peer
