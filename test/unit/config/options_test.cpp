#include <catch2/catch.hpp>

#include <stdexcept>

#include <troupe/sdk/options.hpp>

using namespace troupe::sdk;
using namespace std::chrono_literals;

namespace {

TEST_CASE("defaults are values of the declared kind", "[sdk]") {
  const std::vector<option_spec> specs{
      option_spec::boolean("sync", "d").by_default(true),
      option_spec::integer("count", "d").by_default(7),
      option_spec::bytes("size", "d").by_default(1 << 20),
      option_spec::duration("tick", "d").by_default(1500us),
      option_spec::text("word", "d").by_default("x"),
      option_spec::choice("mode", {"a", "b"}, "d").by_default("b"),
      option_spec::address("listen", "d").by_default("[::1]:2181"),
      option_spec::list("words", "d").by_default(std::vector<std::string>{"p", "q"}),
      option_spec::text("maybe", "d").not_required(),
      option_spec::text("must", "d"),
  };
  const auto values = option_values::defaults_of(specs);
  CHECK(values.boolean("sync"));
  CHECK(values.integer("count") == 7);
  CHECK(values.bytes("size") == 1U << 20);
  CHECK(values.duration("tick") == 1500us);
  CHECK(values.milliseconds("tick") == 1ms);
  CHECK(values.text("word") == "x");
  CHECK(values.text("mode") == "b");
  CHECK(values.address("listen") == address{"::1", 2181});
  CHECK(to_string(values.address("listen")) == "[::1]:2181");
  CHECK(values.list("words") == std::vector<std::string>{"p", "q"});
  CHECK_FALSE(values.has("maybe"));
  CHECK_FALSE(values.has("must"));
  CHECK(specs[9].required);
  CHECK_FALSE(specs[8].required);
}

TEST_CASE("asking for what was not declared is a programming mistake", "[sdk]") {
  const auto values =
      option_values::defaults_of({option_spec::integer("count", "d").by_default(7)});
  CHECK_THROWS_AS(values.integer("cuont"), std::logic_error);
  CHECK_THROWS_AS(values.bytes("count"), std::logic_error);
  CHECK_THROWS_AS(values.text("count"), std::logic_error);
}

TEST_CASE("a default that does not suit its kind is a programming mistake", "[sdk]") {
  CHECK_THROWS_AS(option_spec::text("o", "d").by_default(1), std::logic_error);
  CHECK_THROWS_AS(option_spec::bytes("o", "d").by_default(-1), std::logic_error);
  CHECK_THROWS_AS(option_spec::boolean("o", "d").by_default(1s), std::logic_error);
  CHECK_THROWS_AS(option_spec::address("o", "d").by_default("nowhere"), std::logic_error);
  CHECK_THROWS_AS(option_spec::text("o", "d").between(1, 2), std::logic_error);
}

}  // namespace
