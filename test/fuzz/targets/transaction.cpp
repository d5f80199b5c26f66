#include <string>

#include <troupe/base/check.hpp>

#include "actors/tree/codec/txn_codec.hpp"
#include "test/fuzz/targets.hpp"

namespace troupe::fuzz {

void transaction(std::string_view input) {
  const auto first = tree::codec::decode(blob{input});
  if (!first) {
    TROUPE_CHECK(!first.error().message.empty(), "a refusal says why");
    return;
  }
  const auto encoded = tree::codec::encode(*first);
  TROUPE_CHECK(encoded.zxid == first->zxid, "the envelope has its zxid");
  const auto second = tree::codec::decode(encoded.body);
  TROUPE_CHECK(second, "what was encoded decodes");
  TROUPE_CHECK(tree::codec::encode(*second).body == encoded.body, "the encoding loses nothing");
}

}  // namespace troupe::fuzz
