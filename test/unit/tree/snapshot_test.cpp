// Snapshots: of one moment, while the tree goes on; loaded from bytes cut anywhere.
#include <catch2/catch.hpp>

#include "actors/tree/codec/snapshot_codec.hpp"
#include "actors/tree/codec/snapshot_stream.hpp"
#include "actors/tree/core/snapshot_loader.hpp"
#include "test/unit/tree/generator.hpp"

using namespace troupe;
using namespace troupe::tree::test;
namespace tree_ns = troupe::tree;
namespace snapshot = troupe::tree::snapshot;

namespace {

std::string take(tree_ns::codec::snapshot_stream& stream) {
  std::string bytes;
  for (auto chunk = stream.next_chunk(); !chunk.is_null(); chunk = stream.next_chunk()) {
    REQUIRE(chunk.size() <= tree_ns::codec::snapshot_chunk_bytes);
    bytes += chunk.view();
  }
  return bytes;
}

tree_ns::snapshot_source::consumer append_to(std::string& bytes) {
  return [&bytes](const snapshot::record& record) { tree_ns::codec::append(bytes, record); };
}

/// Loads bytes in pieces of random length; empty, or what is wrong.
std::string load(tree_ns::state& into, const std::string& bytes, zxid at, std::uint64_t digest,
                 generator& random) {
  tree_ns::snapshot_loader loader{into, at, digest};
  tree_ns::codec::snapshot_decoder decoder{
      [&](const snapshot::record& r) { return loader.add(r); }};
  for (std::size_t i = 0; i < bytes.size();) {
    const auto size = std::min<std::size_t>(1 + random.below(600), bytes.size() - i);
    if (auto wrong = decoder.feed(std::string_view{bytes}.substr(i, size)); !wrong.empty())
      return wrong;
    i += size;
  }
  return loader.complete() && decoder.between_records() ? "" : "incomplete";
}

}  // namespace

TEST_CASE("tree: a snapshot of one moment survives random changes meanwhile", "[tree][snapshot]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    generator random{seed};
    fixture f;
    const auto change = [&] {
      const auto session = random.chance(1, 2) ? random.session() : alice;
      f.deliver(f.prepare(random.write(), session));
    };
    for (int i = 0; i < 150; ++i)
      change();
    for (int round = 0; round < 3; ++round) {
      std::string encoded;
      zxid at;
      std::uint64_t digest = 0;
      {
        tree_ns::snapshot_source source{f.tree_.committed(), append_to(encoded)};
        at = source.at();
        digest = source.digest();
        REQUIRE(digest == f.tree_.committed().digest());
        while (source.advance()) {
          for (auto n = random.below(4); n > 0; --n)
            change();
          // The second one is given up in the middle; the third must not suffer from it.
          if (round == 1 && random.chance(1, 10)) break;
        }
      }
      if (round == 1) continue;
      tree_ns::state copy;
      REQUIRE(load(copy, encoded, at, digest, random).empty());
      REQUIRE(copy.applied() == at);
      REQUIRE(copy.digest() == digest);
      REQUIRE(copy.recomputed_digest() == digest);
    }
  }
}

TEST_CASE("tree: a snapshot has nodes that go just before it reaches them", "[tree][snapshot]") {
  generator random{1};
  for (std::size_t taken = 0; taken < 16; ++taken) {
    INFO("deleted after " << taken << " records");
    fixture f;
    for (const char* path : {"/a", "/a/b", "/a/b/c", "/d", "/d/e", "/f"})
      f.one(create(path));
    std::string encoded;
    tree_ns::snapshot_source source{f.tree_.committed(), append_to(encoded)};
    for (std::size_t i = 0; i < taken; ++i)
      source.advance();
    for (const char* path : {"/f", "/d/e", "/d", "/a/b/c", "/a/b", "/a"})
      REQUIRE(f.error(delete_op{path}) == error_code::ok);
    f.one(create("/a"));
    while (source.advance()) {
    }
    tree_ns::state copy;
    REQUIRE(load(copy, encoded, source.at(), source.digest(), random).empty());
    CHECK(copy.find("/a/b/c"));
  }
}

TEST_CASE("tree: no chunk of a snapshot walks over more nodes than its bound", "[tree][snapshot]") {
  fixture f;
  const int nodes = 3 * static_cast<int>(tree_ns::codec::snapshot_chunk_nodes);
  for (int i = 0; i < nodes; ++i)
    f.one(create("/n" + std::to_string(i)));
  tree_ns::codec::snapshot_stream stream{f.tree_.committed()};
  const auto at = stream.source().at();
  const auto digest = stream.source().digest();
  // Everything changes before the cursor gets there, and so is given at once.
  for (int i = 0; i < nodes; ++i)
    f.one(set("/n" + std::to_string(i), "x"));
  auto bytes = std::string{};
  int empty = 0;
  for (auto chunk = stream.next_chunk(); !chunk.is_null(); chunk = stream.next_chunk()) {
    empty += chunk.size() == 0 ? 1 : 0;
    bytes += chunk.view();
  }
  CHECK(empty >= 2);
  generator random{1};
  tree_ns::state copy;
  CHECK(load(copy, bytes, at, digest, random).empty());
}

TEST_CASE("tree: snapshots can be given up any number of times", "[tree][snapshot]") {
  fixture f;
  for (const char* path : {"/a", "/a/b", "/c"})
    f.one(create(path));
  generator random{1};
  for (int i = 0; i < 600; ++i) {
    {
      std::string ignored;
      tree_ns::snapshot_source given_up{f.tree_.committed(), append_to(ignored)};
      for (int n = i % 5; n > 0; --n)
        given_up.advance();
      f.one(set("/a/b", std::to_string(i)));
    }
    // Once after more than 256 in a row, when every number has come again.
    if (i < 300 || i % 50 != 49) continue;
    std::string encoded;
    tree_ns::snapshot_source source{f.tree_.committed(), append_to(encoded)};
    while (source.advance()) {
    }
    tree_ns::state copy;
    REQUIRE(load(copy, encoded, source.at(), source.digest(), random).empty());
  }
}

TEST_CASE("tree: a loaded snapshot goes on like the original", "[tree][snapshot]") {
  generator random{1};
  fixture f;
  f.one(create("/app", "12345"));
  f.one(create("/zookeeper/quota/app"));
  f.one(create("/zookeeper/quota/app/zookeeper_limits", "count=1"));
  f.one(create("/zookeeper/quota/app/zookeeper_stats"));
  f.one(create("/box", "", node_kind::container));
  f.one(ephemeral("/app/e"));
  f.one(create("/big", std::string(1'000'000, 'x')));
  tree_ns::codec::snapshot_stream stream{f.tree_.committed()};
  const auto bytes = take(stream);
  tree_ns::tree copy{{}};
  REQUIRE(load(copy.committed(), bytes, stream.source().at(), stream.source().digest(), random)
              .empty());
  const auto& state = copy.committed();
  CHECK(state.data_of(*state.find("/zookeeper/quota/app/zookeeper_stats")).view() ==
        "count=2,bytes=5");
  CHECK(state.reapable().size() == 1);
  CHECK(state.ephemeral_count() == 1);
  CHECK(state.approximate_bytes() == f.tree_.committed().approximate_bytes());
  CHECK(state.sessions().find(alice)->ephemerals.size() == 1);
  CHECK(state.secret() == f.tree_.committed().secret());
  CHECK(state.acl_of(*state.find("/app")).users ==
        f.tree_.committed().acl_of(*f.tree_.committed().find("/app")).users);
  const auto closing = f.prepare(close_session_op{});
  f.deliver(closing);
  REQUIRE(copy.replay(std::get<txn>(closing)).empty());
  CHECK(state.digest() == f.tree_.committed().digest());
}

TEST_CASE("tree: damaged snapshots are refused and never crash", "[tree][snapshot]") {
  fixture f;
  f.one(create("/a", "data"));
  f.one(ephemeral("/a/e"));
  tree_ns::codec::snapshot_stream stream{f.tree_.committed()};
  const auto bytes = take(stream);
  const auto at = stream.source().at();
  const auto digest = stream.source().digest();
  generator random{4};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const char mask : {'\x01', '\x80', '\xff'}) {
      auto damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ mask);
      tree_ns::state copy;
      const auto wrong = load(copy, damaged, at, digest, random);
      // Only the numbers of access control lists may differ without changing the content.
      if (wrong.empty()) CHECK(copy.digest() == digest);
    }
    tree_ns::state copy;
    CHECK_FALSE(load(copy, bytes.substr(0, i), at, digest, random).empty());
  }
  tree_ns::state copy;
  CHECK_FALSE(load(copy, bytes, at, digest + 1, random).empty());
  CHECK_FALSE(load(copy, bytes, at.next(), digest, random).empty());
  CHECK_FALSE(load(copy, bytes + bytes, at, digest, random).empty());
  for (int i = 0; i < 2000; ++i) {
    std::string noise;
    for (auto n = random.below(60); n > 0; --n)
      noise += static_cast<char>(random.below(random.chance(1, 2) ? 8 : 256));
    CHECK_FALSE(load(copy, noise, at, digest, random).empty());
  }
}

TEST_CASE("tree: a snapshot knows through which server each session wrote last",
          "[tree][snapshot]") {
  fixture f;
  f.write(create("/a"));
  const auto at = f.tree_.committed().applied();
  std::string encoded;
  std::uint64_t digest = 0;
  {
    tree_ns::codec::snapshot_stream stream{f.tree_.committed()};
    digest = stream.source().digest();
    encoded = take(stream);
  }
  tree_ns::state loaded;
  generator random{1};
  REQUIRE(load(loaded, encoded, at, digest, random).empty());
  CHECK(loaded.sessions().find(alice)->newest.at == at);
  CHECK(loaded.sessions().find(alice)->newest.server == server_id{1});
  CHECK(loaded.sessions().find(bob)->newest.at ==
        f.tree_.committed().sessions().find(bob)->newest.at);
}
