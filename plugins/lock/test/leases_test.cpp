#include <catch2/catch.hpp>

#include "core/leases.hpp"

using namespace locks;

namespace {

lease of(std::uint64_t request, std::vector<std::pair<std::string, troupe::zxid>> tokens) {
  return {{7}, request, false, std::move(tokens)};
}

TEST_CASE("a lock held twice is given back when both leases are dropped", "[leases]") {
  lease_book book;
  book.add(1, of(10, {{"/a", {5}}}));
  book.add(2, of(11, {{"/a", {5}}, {"/b", {6}}}));
  CHECK(book.drop(1).empty());
  const auto free = book.drop(2);
  REQUIRE(free.size() == 2);
  CHECK(free[0].ask.path == "/a");
  CHECK(free[0].ask.token == troupe::zxid{5});
  CHECK(free[0].ask.session == troupe::session_id{7});
  CHECK(free[1].ask.path == "/b");
  CHECK(book.drop(2).empty());
  CHECK(book.size() == 0);
}

TEST_CASE("a call made again has the newest lease only", "[leases]") {
  lease_book book;
  book.add(1, of(10, {{"/a", {5}}}));
  book.add(2, of(10, {{"/a", {5}}}));
  CHECK(book.drop(1).empty());  // of the connection that was lost
  CHECK(book.drop(2).size() == 1);
}

TEST_CASE("leases of an earlier lead mean nothing", "[leases]") {
  lease_book book;
  book.add(1, of(10, {{"/a", {5}}}));
  book.clear();
  CHECK(book.drop(1).empty());
}

}  // namespace
