// The bytes on the disk: what is written is read again, and nothing else is taken for it.
#include <catch2/catch.hpp>

#include <troupe/base/prng.hpp>

#include "actors/storage/core/crc32c.hpp"
#include "actors/storage/core/file_names.hpp"
#include "actors/storage/core/history.hpp"
#include "actors/storage/core/log_format.hpp"
#include "actors/storage/core/snapshot_format.hpp"
#include "actors/storage/files/small_file.hpp"

namespace troupe::storage {

TEST_CASE("crc32c gives the published values", "[storage]") {
  CHECK(crc32c("123456789") == 0xE3069283U);
  CHECK(crc32c(std::string(32, '\0')) == 0x8A9136AAU);  // RFC 3720, B.4
  CHECK(crc32c(std::string(32, '\xff')) == 0x62A8AB43U);
  CHECK(crc32c("") == 0);
}

TEST_CASE("crc32c is the same with and without the instruction, and in pieces", "[storage]") {
  prng random{5};
  for (std::size_t size = 0; size < 70; ++size) {
    std::string bytes(size, '\0');
    for (auto& byte : bytes)
      byte = static_cast<char>(random());
    CHECK(crc32c(bytes) == crc32c_portable(bytes));
    const auto all = std::string_view{bytes};
    CHECK(crc32c(all.substr(size / 3), crc32c(all.substr(0, size / 3))) == crc32c(all));
  }
}

TEST_CASE("records are read as written", "[storage]") {
  const record_codec codec{42, 7};
  std::string out;
  codec.add_mark(out, {6, 4711}, zxid::of(1, 2));
  codec.add_transaction(out, zxid::of(1, 3), "hello");
  codec.add_end(out, zxid::of(1, 3));
  REQUIRE(out.size() == mark_size + record_size(5) + end_size);

  const auto mark = codec.decode(out);
  REQUIRE(mark);
  CHECK(mark->kind == record_kind::mark);
  CHECK(mark->zxid == zxid::of(1, 2));
  CHECK(synced_through_of(*mark) == position{6, 4711});
  const auto transaction = codec.decode(std::string_view{out}.substr(mark->size));
  REQUIRE(transaction);
  CHECK(transaction->kind == record_kind::transaction);
  CHECK(transaction->zxid == zxid::of(1, 3));
  CHECK(transaction->body == "hello");
  CHECK(transaction->size == 40);
  const auto end = codec.decode(std::string_view{out}.substr(mark->size + transaction->size));
  REQUIRE(end);
  CHECK(end->kind == record_kind::end);
}

TEST_CASE("a record with any bit turned, or cut anywhere, is none", "[storage]") {
  const record_codec codec{42, 7};
  std::string out;
  codec.add_transaction(out, zxid::of(1, 3), "hello, world");
  for (std::size_t bit = 0; bit < out.size() * 8; ++bit) {
    auto turned = out;
    turned[bit / 8] = static_cast<char>(turned[bit / 8] ^ (1 << (bit % 8)));
    CHECK_FALSE(codec.decode(turned));
  }
  for (std::size_t size = 0; size < out.size(); ++size) {
    CHECK_FALSE(codec.decode(std::string_view{out}.substr(0, size)));
  }
}

TEST_CASE("a record of another segment or another directory is none", "[storage]") {
  std::string out;
  record_codec{42, 7}.add_transaction(out, zxid::of(1, 3), "hello");
  CHECK(record_codec{42, 7}.decode(out));
  CHECK_FALSE(record_codec{42, 8}.decode(out));
  CHECK_FALSE(record_codec{43, 7}.decode(out));
}

TEST_CASE("segment headers are read as written, and not with any bit turned", "[storage]") {
  const segment_header header{9, 42, {8, 4096}, zxid::of(3, 4), 0xabcdef};
  const auto out = encode(header);
  REQUIRE(out.size() == segment_header_size);
  const auto found = decode_header(out).header;
  REQUIRE(found);
  CHECK(found->number == 9);
  CHECK(found->instance == 42);
  CHECK(found->previous_end == position{8, 4096});
  CHECK(found->previous == zxid::of(3, 4));
  CHECK(found->history_hash == 0xabcdef);
  for (std::size_t bit = 0; bit < out.size() * 8; ++bit) {
    auto turned = out;
    turned[bit / 8] = static_cast<char>(turned[bit / 8] ^ (1 << (bit % 8)));
    CHECK_FALSE(decode_header(turned).header);
  }
}

TEST_CASE("snapshot headers are read as written, and not with any bit turned", "[storage]") {
  const auto out = encode(snapshot_header{42, zxid::of(3, 4), 5, 6});
  REQUIRE(out.size() == snapshot_header_size);
  const auto found = decode_snapshot_header(out).header;
  REQUIRE(found);
  CHECK(found->instance == 42);
  CHECK(found->zxid == zxid::of(3, 4));
  CHECK(found->tree_digest == 5);
  CHECK(found->history_hash == 6);
  for (std::size_t bit = 0; bit < out.size() * 8; ++bit) {
    auto turned = out;
    turned[bit / 8] = static_cast<char>(turned[bit / 8] ^ (1 << (bit % 8)));
    CHECK_FALSE(decode_snapshot_header(turned).header);
  }
}

TEST_CASE("small files are text that any change makes invalid", "[storage]") {
  const std::vector<fact> facts{{"server", 3}, {"instance", 0xff, true}};
  const auto text = encode_facts("troupe-identity", facts);
  CHECK(text.starts_with("troupe-identity 1\nserver 3\ninstance 0x00000000000000ff\ncheck "));
  std::vector<fact> read{{"server"}, {"instance", 0, true}};
  REQUIRE_FALSE(decode_facts(text, "troupe-identity", read));
  CHECK(read[0].value == 3);
  CHECK(read[1].value == 0xff);
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    auto turned = text;
    turned[bit / 8] = static_cast<char>(turned[bit / 8] ^ (1 << (bit % 8)));
    CHECK(decode_facts(turned, "troupe-identity", read));
  }
  CHECK(decode_facts(text.substr(0, text.size() - 1), "troupe-identity", read));
  CHECK(decode_facts(text + "\n", "troupe-identity", read));
  CHECK(*decode_facts("troupe-identity 2\nserver 3\n", "troupe-identity", read) ==
        "it has format version 2, this program reads version 1");
}

TEST_CASE("file names are strict", "[storage]") {
  CHECK(segment_path(0x1a) == "log/000000000000001a.log");
  CHECK(snapshot_path({0x100000002}) == "snapshots/0000000100000002.snapshot");
  CHECK(number_in("000000000000001a.log", ".log") == 0x1a);
  CHECK_FALSE(number_in("000000000000001A.log", ".log"));
  CHECK_FALSE(number_in("1a.log", ".log"));
  CHECK_FALSE(number_in("000000000000001a.log.bak", ".log"));
  CHECK_FALSE(number_in("00000000000000-1.log", ".log"));
}

TEST_CASE("the hash chain depends on every part of every transaction", "[storage]") {
  const auto one = extend({}, zxid::of(1, 1), "a");
  CHECK(one == extend({}, zxid::of(1, 1), "a"));
  CHECK(one.hash != extend({}, zxid::of(1, 2), "a").hash);
  CHECK(one.hash != extend({}, zxid::of(1, 1), "b").hash);
  CHECK(one.hash != extend({{}, 1}, zxid::of(1, 1), "a").hash);
}

TEST_CASE("history points are found while they are kept", "[storage]") {
  history_points points;
  const auto count = static_cast<std::uint32_t>(history_points::limit) + 10;
  for (std::uint32_t i = 1; i <= count; ++i)
    points.add({zxid::of(1, i), i});
  CHECK(points.hash_at(zxid::of(1, count)) == count);
  CHECK(points.hash_at(zxid::of(1, 11)) == 11);
  CHECK_FALSE(points.hash_at(zxid::of(1, 10)));
  CHECK_FALSE(points.hash_at(zxid::of(2, 1)));
}

}  // namespace troupe::storage
