#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <troupe/base/identity_set.hpp>

#include "actors/gateway/zookeeper/codec/jute.hpp"
#include "actors/gateway/zookeeper/core/fifo.hpp"
#include "actors/gateway/zookeeper/core/frame_splitter.hpp"
#include "actors/gateway/zookeeper/words/four_letter_word.hpp"

namespace troupe::zk {
namespace {

using outcome = identity_set::outcome;

std::string frame(std::string_view payload) {
  std::string bytes;
  jute_writer{bytes}.buffer(payload);
  return bytes;
}

TEST_CASE("frames come out as they went in, however the stream is cut") {
  const bool held = rc::check([](const std::vector<std::string>& payloads) {
    std::string stream;
    for (const auto& one : payloads)
      stream += frame(one);
    frame_splitter splitter{1 << 20};
    std::vector<std::string> seen;
    for (std::size_t at = 0; at < stream.size();) {
      const auto size = *rc::gen::inRange<std::size_t>(1, 12);
      // The bytes are gone after the turn, so nothing may be left that points to them.
      auto turn = std::make_unique<std::string>(stream.substr(at, size));
      at += turn->size();
      splitter.push(*turn);
      for (auto next = splitter.next(); next.what == frame_splitter::outcome::frame;
           next = splitter.next()) {
        seen.emplace_back(next.payload);
      }
      splitter.keep_rest();
    }
    RC_ASSERT(seen == payloads);
    RC_ASSERT(splitter.rest().empty());
  });
  CHECK(held);
}

TEST_CASE("frames that are too long or have a negative length are refused") {
  frame_splitter splitter{8};
  const auto fits = frame("12345678");
  splitter.push(fits);
  CHECK(splitter.next().what == frame_splitter::outcome::frame);
  const auto long_one = frame("123456789");
  splitter.push(long_one);
  CHECK(splitter.next().what == frame_splitter::outcome::bad_length);
  frame_splitter other{8};
  const std::string negative("\xff\xff\xff\xff", 4);
  other.push(negative);
  const auto next = other.next();
  CHECK(next.what == frame_splitter::outcome::bad_length);
  CHECK(next.length == -1);
}

TEST_CASE("the queue is first in, first out") {
  fifo<int> queue;
  int next_in = 0;
  int next_out = 0;
  for (int round = 1; round < 60; ++round) {
    for (int i = 0; i < round; ++i)
      queue.push(next_in++);
    for (int i = 0; i + 1 < round; ++i)
      CHECK(queue.pop() == next_out++);
  }
  CHECK(queue.size() == static_cast<std::size_t>(next_in - next_out));
  while (!queue.empty())
    CHECK(queue.pop() == next_out++);
  CHECK(next_in == next_out);
}

TEST_CASE("digest identities are those of ZooKeeper") {
  CHECK(digest_id("user:pass") == "user:smGaoVKd/cQkjm7b88GyorAUz20=");
  CHECK(digest_id("super:test") == "super:D/InIHSb7yEEbrWz8b9l71RjZJU=");
  CHECK(digest_id("a:b:c").starts_with("a:"));
  CHECK(digest_id("nocolon").starts_with("nocolon:"));
  CHECK(digest_id("").starts_with(":"));
}

TEST_CASE("identities grow, once each, and earlier ones stay as they were") {
  identity_set set{"10.0.0.7"};
  const auto before = set.current();
  CHECK(set.authenticate("digest", "user:pass", "") == outcome::accepted);
  CHECK(set.authenticate("digest", "user:pass", "") == outcome::accepted);
  CHECK(set.authenticate("ip", std::nullopt, "") == outcome::accepted);
  CHECK(before->size() == 1);
  REQUIRE(set.current()->size() == 2);
  CHECK(set.current()->front() == identity{"ip", "10.0.0.7"});
  CHECK(set.authenticate("digest", "user:other", "") == outcome::accepted);
  CHECK(set.current()->size() == 3);
}

TEST_CASE("the super user is known by the digest that was configured") {
  identity_set set{"10.0.0.7"};
  CHECK(set.authenticate("digest", "super:test", "super:D/InIHSb7yEEbrWz8b9l71RjZJU=") ==
        outcome::accepted);
  REQUIRE(set.current()->size() == 3);
  CHECK((*set.current())[1] == identity{"super", ""});
  identity_set without{"10.0.0.7"};
  CHECK(without.authenticate("digest", "super:test", "") == outcome::accepted);
  CHECK(without.current()->size() == 2);
}

TEST_CASE("schemes that nobody can prove are refused") {
  identity_set set{"10.0.0.7"};
  for (const auto* scheme : {"world", "auth", "super", "sasl", "x509", "", "DIGEST"}) {
    CHECK(set.authenticate(scheme, "a:b", "") == outcome::refused);
  }
  CHECK(set.authenticate(std::nullopt, "a:b", "") == outcome::refused);
  CHECK(set.authenticate("digest", std::nullopt, "") == outcome::refused);
  CHECK(set.current()->size() == 1);
}

TEST_CASE("there is room for so many identities, and those that are known still prove themselves") {
  identity_set set{"10.0.0.7"};
  const auto user = [](std::size_t number) { return "user" + std::to_string(number) + ":p"; };
  for (std::size_t number = 1; number < identity_set::most; ++number)
    REQUIRE(set.authenticate("digest", user(number), "") == outcome::accepted);
  const auto full = set.current();
  CHECK(full->size() == identity_set::most);
  CHECK(set.authenticate("digest", user(0), "") == outcome::too_many);
  CHECK(set.authenticate("digest", user(0), digest_id(user(0))) == outcome::too_many);
  CHECK(set.authenticate("digest", user(1), "") == outcome::accepted);
  CHECK(set.authenticate("ip", std::nullopt, "") == outcome::accepted);
  CHECK(set.current() == full);
}

TEST_CASE("identities have so many bytes in all") {
  identity_set set{"10.0.0.7"};
  const auto user = [](char name) { return std::string(9000, name) + ":p"; };
  CHECK(set.authenticate("digest", user('a'), "") == outcome::accepted);
  CHECK(set.authenticate("digest", user('b'), "") == outcome::too_many);
  CHECK(set.authenticate("digest", user('a'), "") == outcome::accepted);
  CHECK(set.authenticate("digest", "short:p", "") == outcome::accepted);
}

TEST_CASE("four-letter words are known by their first four bytes, and allowed by name") {
  CHECK(find_word("ruok\n") == "ruok");
  CHECK_FALSE(find_word("ruo").has_value());
  CHECK_FALSE(find_word("kill").has_value());
  const word_list some{{"ruok", "srvr"}};
  CHECK(some.allows("ruok"));
  CHECK_FALSE(some.allows("dump"));
  CHECK(word_list{{"*"}}.allows("dump"));
  const word_list standard{default_four_letter_words};
  for (const auto* word : {"dump", "wchc", "wchp", "srst", "crst", "stmk"}) {
    CHECK_FALSE(standard.allows(word));
  }
}

}  // namespace
}  // namespace troupe::zk
