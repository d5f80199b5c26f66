#include <catch2/catch.hpp>

#include "actors/gateway/http/core/target.hpp"

using namespace troupe;

TEST_CASE("http target: path and arguments are taken apart and decoded") {
  const auto found = http::parse_target("/commands/stmk?traceMask=16&a+b=%2Fc+d&&flag#end");
  REQUIRE(found);
  CHECK(found->path == "/commands/stmk");
  CHECK(found->arguments == std::vector<std::pair<std::string, std::string>>{
                                {"traceMask", "16"}, {"a b", "/c d"}, {"flag", ""}});
  CHECK(http::parse_target("/a%20b+c")->path == "/a b+c");
  CHECK(http::parse_target("/?")->arguments.empty());
  CHECK(http::parse_target("/%00")->path == std::string("/\0", 2));
}

TEST_CASE("http target: what cannot be decoded is refused") {
  for (const auto* bad :
       {"", "x", "http://host/", "*", "/%", "/%1", "/%zz", "/%+1", "/?a=%", "/?%g0=1"}) {
    CAPTURE(bad);
    CHECK_FALSE(http::parse_target(bad));
  }
}
