#include <memory>
#include <optional>
#include <string>
#include <variant>

#include <troupe/base/check.hpp>
#include <troupe/base/prng.hpp>
#include <troupe/testing/sim_disk.hpp>

#include <zstd.h>

#include "actors/storage/core/file_names.hpp"
#include "actors/storage/files/snapshot_reader.hpp"
#include "actors/tree/codec/snapshot_codec.hpp"
#include "actors/tree/codec/snapshot_stream.hpp"
#include "actors/tree/core/snapshot_loader.hpp"
#include "test/fuzz/script.hpp"
#include "test/fuzz/targets.hpp"

namespace troupe::fuzz {
namespace {

constexpr zxid at = zxid::of(1, 3);
constexpr std::uint64_t instance = 77;

/// A load: what it came to, and the tree.
struct loaded {
  std::string failure;
  bool complete = false;
  bool between_records = false;
  std::unique_ptr<tree::state> into = std::make_unique<tree::state>();
};

/// Loads records that come in pieces. `end`, if set, replaces what the end record says, because
/// no fuzzer guesses a digest.
template <class Sizes>
loaded load(std::string_view bytes, std::uint64_t digest, const tree::snapshot::end* end,
            Sizes next_size) {
  loaded result;
  tree::snapshot_loader loader{*result.into, at, digest};
  tree::codec::snapshot_decoder decoder{[&](const tree::snapshot::record& record) {
    const bool replaced = end != nullptr && std::holds_alternative<tree::snapshot::end>(record);
    return loader.add(replaced ? tree::snapshot::record{*end} : record);
  }};
  while (!bytes.empty() && result.failure.empty()) {
    const std::string piece{bytes.substr(0, next_size())};
    bytes.remove_prefix(piece.size());
    result.failure = decoder.feed(piece);
  }
  result.complete = loader.complete();
  result.between_records = decoder.between_records();
  return result;
}

std::string bytes_of(tree::state& whole) {
  std::string bytes;
  tree::codec::snapshot_stream stream{whole};
  for (auto chunk = stream.next_chunk(); !chunk.is_null(); chunk = stream.next_chunk())
    bytes += chunk.view();
  return bytes;
}

/// A tree that was accepted is a tree: it can be walked, and written, and read again.
void check_tree(tree::state& whole) {
  TROUPE_CHECK(whole.digest() == whole.recomputed_digest(), "the digest is that of the content");
  const auto bytes = bytes_of(whole);
  const auto again = load(bytes, whole.digest(), nullptr, [&] { return bytes.size(); });
  TROUPE_CHECK(again.failure.empty() && again.complete,
               "what was loaded can be written and loaded");
  TROUPE_CHECK(again.into->digest() == whole.digest(), "and is the same");
  TROUPE_CHECK(bytes_of(*again.into).size() == bytes.size(), "to the byte count");
}

void records(script& in) {
  prng chance{in.u8()};
  const auto bytes = in.rest();
  const auto all = [&] { return bytes.size(); };
  const auto once = load(bytes, 0, nullptr, all);
  const auto cut = load(bytes, 0, nullptr, [&] {
    return static_cast<std::size_t>(1 + chance.below(1 + chance.below(40)));
  });
  TROUPE_CHECK(once.failure == cut.failure && once.complete == cut.complete,
               "records do not depend on how bytes arrive");
  if (!once.failure.empty()) {
    // Perhaps only the end was wrong; then with the right one this is a tree.
    const auto& state = *once.into;
    const tree::snapshot::end right{state.nodes().size(), state.sessions().size(), state.digest()};
    const auto second = load(bytes, right.digest, &right, all);
    if (second.complete) check_tree(*second.into);
  }
}

std::string packed(std::string_view plain) {
  std::string out(ZSTD_compressBound(plain.size()), '\0');
  const auto size = ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), 1);
  TROUPE_CHECK(ZSTD_isError(size) == 0, "there is room");
  out.resize(size);
  return out;
}

/// A snapshot file as the script says, with sound checksums or without.
std::string file_of(script& in) {
  storage::snapshot_header header{instance, at, in.u8(), in.u8()};
  auto bytes = storage::encode(header);
  const storage::block_codec codec{header};
  std::uint32_t number = 0;
  while (!in.ended()) {
    const auto step = in.u8() % 6;
    if (step == 0) {
      const auto plain = in.take(in.u8());
      codec.add(bytes, number++, packed(plain), plain.size());
    } else if (step == 1) {
      const auto raw = in.take(in.u8());  // sound, but it does not unpack
      codec.add(bytes, number++, raw, in.u32());
    } else if (step == 2) {
      codec.add(bytes, number, {}, 0);
    } else if (step == 3) {
      codec.add(bytes, in.u32(), packed(in.take(in.u8())), in.u16());
    } else if (step == 4) {
      bytes += in.take(in.u8());
    } else {
      bytes[in.u16() % bytes.size()] ^= static_cast<char>(in.u8());
    }
  }
  return bytes;
}

void file(script& in) {
  testing::sim_disk disk{1};
  disk.put(storage::snapshot_path(at), file_of(in));
  auto reader = storage::snapshot_reader::open(disk, instance, at);
  TROUPE_CHECK(reader || !reader.error().message.empty(), "a refusal says why");
  if (!reader || (*reader)->verify()) return;
  reader = storage::snapshot_reader::open(disk, instance, at);
  TROUPE_CHECK(reader, "it was opened before");
  loaded result;
  tree::snapshot_loader loader{*result.into, at, (*reader)->header().tree_digest};
  tree::codec::snapshot_decoder decoder{
      [&](const tree::snapshot::record& record) { return loader.add(record); }};
  while (true) {
    const auto chunk = (*reader)->next();
    if (!chunk || !*chunk || !decoder.feed((*chunk)->view()).empty()) return;
  }
}

}  // namespace

void snapshot(std::string_view input) {
  script in{input};
  if (in.u8() % 2 == 0) return records(in);
  file(in);
}

}  // namespace troupe::fuzz
