#include "actors/tree/core/digest.hpp"

#include <bit>

#include "actors/tree/core/fast_hash.hpp"

namespace troupe::tree {
namespace {

static_assert(std::endian::native == std::endian::little, "digests are compared between servers");

constexpr std::uint64_t session_seed = 0x5e5510, secret_seed = 0x5ec2e7, request_seed = 0x4e9e57;

template <std::size_t n>
std::uint64_t hash_of(std::uint64_t seed, const std::uint64_t (&words)[n]) noexcept {
  return fast_hash(words, sizeof words, seed);
}

std::uint64_t pack(std::int32_t high, std::int32_t low) noexcept {
  return std::uint64_t{static_cast<std::uint32_t>(high)} << 32 | static_cast<std::uint32_t>(low);
}

}  // namespace

std::uint64_t place_hash(std::string_view path) noexcept { return fast_hash(path); }

std::uint64_t fields_hash(std::uint64_t place, const node_store& nodes, const node& which,
                          std::uint64_t acl_hash) noexcept {
  const std::uint64_t number = which.kind() == node_kind::ephemeral
                                   ? which.owner().value
                                   : static_cast<std::uint64_t>(which.ttl_ms());
  return hash_of(place,
                 {which.czxid.value, which.mzxid.value, nodes.pzxid(which).value,
                  static_cast<std::uint64_t>(which.ctime_ms),
                  static_cast<std::uint64_t>(which.mtime_ms),
                  pack(which.version, nodes.children_created(which)),
                  pack(which.aversion, static_cast<std::int32_t>(which.kind())), number, acl_hash});
}

std::uint64_t data_hash(std::uint64_t place, std::string_view data, bool is_null) noexcept {
  return fast_hash(data, ~place + (is_null ? 1 : 0));
}

std::uint64_t session_hash(session_id session, milliseconds timeout) noexcept {
  return hash_of(session_seed, {session.value, static_cast<std::uint64_t>(timeout.count())});
}

std::uint64_t request_hash(session_id session, const remembered_request& one) noexcept {
  auto sum = hash_of(request_seed, {session.value, one.id, one.at.value, one.is_multi ? 1U : 0U});
  for (const auto& r : one.results) {
    const auto& s = r.stat;
    sum = hash_of(fast_hash(r.path, sum),
                  {static_cast<std::uint64_t>(r.error), static_cast<std::uint64_t>(r.number),
                   s.czxid.value, s.mzxid.value, s.pzxid.value,
                   static_cast<std::uint64_t>(s.ctime_ms), static_cast<std::uint64_t>(s.mtime_ms),
                   pack(s.version, s.cversion), pack(s.aversion, s.data_length),
                   static_cast<std::uint64_t>(s.num_children), s.ephemeral_owner.value});
  }
  return sum;
}

std::uint64_t secret_hash(std::string_view secret) noexcept {
  return secret.empty() ? 0 : fast_hash(secret, secret_seed);
}

}  // namespace troupe::tree
