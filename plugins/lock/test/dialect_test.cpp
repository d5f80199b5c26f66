#include <catch2/catch.hpp>

#include "core/dialect.hpp"
#include "core/party.hpp"

using namespace locks;

namespace {

constexpr const char* id = "0123456789ab8def0123456789abcdef";
constexpr const char* dashed = "01234567-89ab-8def-0123-456789abcdef";

TEST_CASE("names are what each client writes", "[dialect]") {
  const auto uuid = std::string{dashed};
  CHECK(claim_prefix(dialect::curator, claim_kind::mutex, id) == "_c_" + uuid + "-lock-");
  CHECK(claim_prefix(dialect::curator, claim_kind::write, id) == "_c_" + uuid + "-__WRIT__");
  CHECK(claim_prefix(dialect::curator, claim_kind::read, id) == "_c_" + uuid + "-__READ__");
  CHECK(claim_prefix(dialect::curator, claim_kind::leader, id) == "_c_" + uuid + "-latch-");
  CHECK(claim_prefix(dialect::kazoo, claim_kind::mutex, id) == std::string{id} + "__lock__");
  CHECK(claim_prefix(dialect::kazoo, claim_kind::write, id) == std::string{id} + "__lock__");
  CHECK(claim_prefix(dialect::kazoo, claim_kind::read, id) == std::string{id} + "__rlock__");
  CHECK(claim_prefix(dialect::native, claim_kind::leader, id) == std::string{id} + "-write-");
}

TEST_CASE("names of other clients are understood", "[dialect]") {
  const auto curator =
      parse_claim(dialect::curator, "_c_6a2f1c0e-7d57-4a8e-9a52-2f0a3f3d9b11-lock-0000000042");
  REQUIRE(curator);
  CHECK(curator->kind == claim_kind::mutex);
  CHECK(curator->sequence == 42);
  CHECK(curator->id == "6a2f1c0e7d574a8e9a522f0a3f3d9b11");
  CHECK_FALSE(is_native(curator->id));
  // The Go client draws 16 bytes and writes no dashes.
  CHECK(parse_claim(dialect::curator, "_c_6a2f1c0e7d574a8e9a522f0a3f3d9b11-lock-0000000042"));
  const auto kazoo =
      parse_claim(dialect::kazoo, "6a2f1c0e7d574a8e9a522f0a3f3d9b11__rlock__0000000007");
  REQUIRE(kazoo);
  CHECK(kazoo->kind == claim_kind::read);
  CHECK(parse_claim(dialect::kazoo, "6a2f1c0e7d574a8e9a522f0a3f3d9b11__lock__-2147483648")
            ->sequence == -2147483647 - 1);
}

TEST_CASE("what we write we read", "[dialect]") {
  for (const auto how : {dialect::curator, dialect::kazoo, dialect::native}) {
    for (const auto kind :
         {claim_kind::mutex, claim_kind::write, claim_kind::read, claim_kind::leader}) {
      const auto parsed = parse_claim(how, claim_prefix(how, kind, id) + "0000000013");
      REQUIRE(parsed);
      CHECK(parsed->kind == spoken(how, kind));
      CHECK(parsed->id == id);
      CHECK(parsed->sequence == 13);
    }
    const auto suffix = layout_of(how, "/s").sequential ? "0000000001" : "";
    CHECK(parse_lease(how, lease_prefix(how, id) + suffix) == id);
  }
}

TEST_CASE("foreign names are no claims", "[dialect]") {
  const std::string plain{id};
  for (const std::string& name : std::initializer_list<std::string>{
           "", "lock-0000000001", plain, plain + "__lock__0000000001",
           "_c_" + std::string{dashed} + "-lock-",
           "_c_" + std::string{dashed} + "-lock-00000000001",
           "_c_" + std::string{dashed} + "-lock-000000000x",
           "_c_" + plain.substr(1) + "-lock-0000000001",
           "_c_0123456-789ab-8def-0123-456789abcdef-lock-0000000001", "x-1-0000000001"})
    CHECK_FALSE(parse_claim(dialect::curator, name));
  CHECK_FALSE(parse_claim(dialect::kazoo, "_c_" + std::string{dashed} + "-lock-0000000001"));
  CHECK_FALSE(parse_claim(dialect::kazoo, plain + "__lock__00000001"));
  CHECK_FALSE(parse_lease(dialect::kazoo, plain + "0"));
  CHECK_FALSE(parse_lease(dialect::curator, "_c_" + std::string{dashed} + "-lock-0000000001"));
}

TEST_CASE("Curator's recipes do not share a lock, kazoo's do", "[dialect]") {
  CHECK_FALSE(fit_together(dialect::curator, claim_kind::mutex, claim_kind::read));
  CHECK_FALSE(fit_together(dialect::curator, claim_kind::mutex, claim_kind::leader));
  CHECK(fit_together(dialect::curator, claim_kind::write, claim_kind::read));
  CHECK(fit_together(dialect::kazoo, claim_kind::mutex, claim_kind::read));
}

TEST_CASE("ids: a retry has the same one, another party or request has not", "[dialect]") {
  const party a{{7}, "x"};
  const party b{{7}, "y"};
  CHECK(claim_id(a, 1) == claim_id(a, 1));
  CHECK(claim_id(a, 1) != claim_id(a, 2));
  CHECK(claim_id(a, 1) != claim_id(a, 1, 1));
  CHECK(party_digits(a) != party_digits(b));
  CHECK(made_by(claim_id(a, 5), party_digits(a)));
  CHECK_FALSE(made_by(claim_id(b, 5), party_digits(a)));
  CHECK(is_native(claim_id(b, 5)));
  // Written into the trees of running deployments: a new version must find them.
  CHECK(claim_id({{0x100000001}, "worker"}, 42) == "747b9d5628a18ad0251f8bd1f52a12f4");
}

}  // namespace
