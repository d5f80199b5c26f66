/// The tree: deciding, applying, reading, digests, watches, and the transaction's bytes.

#include <memory>

#include "actors/tree/core/digest.hpp"
#include "harness.hpp"
#include "test/unit/tree/fixture.hpp"

namespace micro {

namespace {

using namespace troupe;
using tree::test::fixture;

constexpr std::uint32_t znodes = 10'000;

std::string path_of(std::uint64_t number) {
  auto digits = std::to_string(100'000'000 + number % znodes);
  return "/bench/k" + digits.substr(1);
}

/// A tree with znodes of 128 bytes, made once and shared by the pieces.
fixture& populated() {
  static const auto shared = [] {
    auto made = std::make_unique<fixture>();
    made->write(tree::test::create("/bench"));
    for (std::uint32_t i = 0; i < znodes; ++i) {
      made->write(tree::test::create(path_of(i), std::string(128, 'v')));
    }
    return made;
  }();
  return *shared;
}

void read_data(std::uint64_t n) {
  auto& f = populated();
  const std::string path = path_of(17);
  for (std::uint64_t i = 0; i < n; ++i) {
    keep(f.read(get_data_op{path}));
  }
}

void read_spread(std::uint64_t n) {
  auto& f = populated();
  for (std::uint64_t i = 0; i < n; ++i) {
    keep(f.read(exists_op{path_of(i * 7919)}));
  }
}

// Prepared but not applied, as in a batch of the leader; then applied, so that nothing piles up.
void prepare_and_deliver(std::uint64_t n) {
  auto& f = populated();
  for (std::uint64_t i = 0; i < n; ++i) {
    const auto decided = f.prepare(tree::test::set(path_of(i * 7919), std::string(128, 'w')));
    f.tree_.deliver(std::get<txn>(decided));
    keep(f.tree_.take_effects());
  }
}

void create_and_remove(std::uint64_t n) {
  auto& f = populated();
  for (std::uint64_t i = 0; i < n; ++i) {
    for (auto op : {write_op{tree::test::create("/bench/new", std::string(128, 'n'))},
                    write_op{delete_op{"/bench/new"}}}) {
      f.tree_.deliver(std::get<txn>(f.prepare(std::move(op))));
      keep(f.tree_.take_effects());
    }
  }
}

txn sample_txn() {
  auto& f = populated();
  auto decided = std::get<txn>(f.prepare(tree::test::set(path_of(17), std::string(128, 'x'))));
  f.tree_.deliver(decided);
  f.tree_.take_effects();
  return decided;
}

void encode_txn(std::uint64_t n) {
  const auto decided = sample_txn();
  for (std::uint64_t i = 0; i < n; ++i) {
    keep(tree::codec::encode(decided));
  }
}

void decode_txn(std::uint64_t n) {
  const auto encoded = tree::codec::encode(sample_txn());
  for (std::uint64_t i = 0; i < n; ++i) {
    keep(tree::codec::decode(encoded.body));
  }
}

void hash_data(std::uint64_t n) {
  const std::string path = path_of(17);
  const std::string data(128, 'v');
  for (std::uint64_t i = 0; i < n; ++i) {
    keep(tree::data_hash(tree::place_hash(path), data, false));
  }
}

// An operation is one watcher: its watch set and taken by an event that all share.
void trigger_watches(std::uint64_t n) {
  constexpr std::uint64_t watchers = 1000;
  tree::watch_table table;
  const auto nobody = tree::test::who({});
  for (std::uint64_t i = 0; i < n; i += watchers) {
    for (std::uint64_t w = 0; w < watchers; ++w) {
      table.add({tree::test::lane, w}, "/bench/watched", tree::watch_data, nobody);
    }
    keep(table.take_data("/bench/watched"));
  }
}

}  // namespace

std::vector<piece> tree_pieces() {
  return {{"tree: getData, always the same znode", read_data},
          {"tree: exists, spread over 10,000", read_spread},
          {"tree: prepare and apply setData, 128 bytes", prepare_and_deliver},
          {"tree: create and delete, both applied", create_and_remove},
          {"tree: encode the transaction of a setData", encode_txn},
          {"tree: decode it", decode_txn},
          {"tree: digest of path and 128 bytes", hash_data},
          {"tree: set and trigger a watch (of 1,000)", trigger_watches}};
}

}  // namespace micro
