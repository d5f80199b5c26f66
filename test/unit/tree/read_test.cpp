// Protocol section 4.6: reads; design section 4: parked reads.
#include <algorithm>

#include <catch2/catch.hpp>

#include "test/unit/tree/fixture.hpp"

using namespace troupe;
using namespace troupe::tree::test;
using code = error_code;
namespace effect = troupe::tree::effect;

TEST_CASE("tree: errors of reads", "[tree]") {
  fixture f;
  auto secret = create("/secret");
  secret.acl = {{permission_write, {"world", "anyone"}}};
  f.one(secret);
  const std::string nul("/a\0b", 4);
  CHECK(f.read(exists_op{nul}).error == code::bad_arguments);
  CHECK(f.read(get_data_op{nul}).error == code::no_node);
  CHECK(f.read(exists_op{"/secret"}).error == code::no_auth);
  CHECK(f.read(get_data_op{"/secret"}).error == code::no_auth);
  CHECK(f.read(get_children_op{"/secret"}).error == code::no_auth);
  CHECK(f.read(get_acl_op{"/secret"}).error == code::no_auth);
  CHECK(f.read(get_all_children_number_op{"/secret"}).error == code::no_auth);
  for (const char* path : {"/missing", "no slash", "", "/a//b", "/secret/"}) {
    INFO(path);
    CHECK(f.read(exists_op{path}).error == code::no_node);
    CHECK(f.read(get_data_op{path}).error == code::no_node);
    CHECK(f.read(get_children_op{path}).error == code::no_node);
    CHECK(f.read(get_acl_op{path}).error == code::no_node);
    CHECK(f.read(get_all_children_number_op{path}).error == code::no_node);
  }
}

TEST_CASE("tree: the number of all children counts the whole subtree", "[tree]") {
  fixture f;
  for (const char* path : {"/a", "/a/b", "/a/b/c", "/a/d", "/ab"})
    f.one(create(path));
  CHECK(f.read(get_all_children_number_op{"/a"}).number == 3);
  CHECK(f.read(get_all_children_number_op{"/a/b/c"}).number == 0);
  CHECK(f.read(get_all_children_number_op{"/"}).number == 8);
}

TEST_CASE("tree: a multi of reads answers each by itself and sets no watch", "[tree]") {
  fixture f;
  f.one(create("/a", "x"));
  const auto result = f.read(multi_read_op{
      {get_data_op{"/missing", true}, get_data_op{"/a", true}, get_children_op{"/", true}}});
  REQUIRE(result.items.size() == 3);
  CHECK(result.error == code::ok);
  CHECK(result.items[0].error == code::no_node);
  CHECK(result.items[1].data.view() == "x");
  CHECK(result.items[2].names.size() == 2);
  CHECK(f.tree_.watches().size() == 0);
}

TEST_CASE("tree: a multi of reads answers no more than a connection can carry", "[tree]") {
  fixture f;
  f.one(create("/large", std::string(1'000'000, 'x')));
  const auto result =
      f.read(multi_read_op{std::vector<multi_read_item>(200, get_data_op{"/large", false})});
  REQUIRE(result.items.size() == 200);
  CHECK(result.items[60].error == code::ok);
  CHECK(result.items[80].error == code::system_error);
  CHECK(result.items[199].data.is_null());
}

TEST_CASE("tree: getACL masks digests from those without ADMIN", "[tree]") {
  fixture f;
  auto op = create("/a");
  op.acl = {{permission_read, {"world", "anyone"}},
            {permission_all, {"digest", "user:hash"}},
            {permission_read, {"digest", ":h"}}};
  REQUIRE(f.error(op) == code::ok);
  const auto seen = f.read(get_acl_op{"/a"}).acl;
  CHECK(seen[1].who.id == "user:x");
  CHECK(seen[2].who.id == ":x");
  CHECK(f.read(get_acl_op{"/a"}, who({{"digest", "user:hash"}})).acl == op.acl);
}

namespace {

/// The effects' order, as letters: w write, r read (with the number of children seen), e event.
std::string order_of(const std::vector<effect::any>& effects) {
  std::string order;
  for (const auto& one : effects) {
    if (std::holds_alternative<effect::write_outcome>(one)) order += "w ";
    if (std::holds_alternative<effect::session_outcome>(one)) order += "s ";
    if (std::holds_alternative<effect::event>(one)) order += "e ";
    if (const auto* read = std::get_if<effect::read_outcome>(&one))
      order += "r" + std::to_string(read->result.names.size()) + " ";
  }
  return order;
}

}  // namespace

TEST_CASE("tree: a read behind a write runs right after it, before the next", "[tree]") {
  fixture f;
  f.one(create("/a"));
  f.read(get_children_op{"/a", true});
  const auto first = f.prepare(create("/a/1"));
  const auto after_first = f.sequence_;
  const auto second = f.prepare(create("/a/2"));
  const auto refused = f.prepare(create("/a/2"));
  const auto after_refused = f.sequence_;
  f.tree_.read(lane, {100, after_refused, 1, alice, {}, get_children_op{"/a"}});
  f.tree_.read(lane, {101, after_first, 1, alice, {}, get_children_op{"/a", true}});
  f.tree_.read(lane, {102, 0, 1, bob, {}, get_children_op{"/a"}});
  CHECK(f.tree_.parked_reads() == 2);
  CHECK(order_of(f.tree_.take_effects()) == "r0 ");
  for (const auto* one : {&first, &second, &refused})
    f.deliver(*one);
  CHECK(order_of(f.tree_.take_effects()) == "e w r1 e w w r2 ");
  f.tree_.read(lane, {103, after_refused, 1, alice, {}, get_children_op{"/a"}});
  CHECK(order_of(f.tree_.take_effects()) == "r2 ");
}

TEST_CASE("tree: the outcome of a create_session does not release reads", "[tree]") {
  fixture f;
  const auto write = f.prepare(create("/a"));
  const auto after = f.sequence_;
  const auto session = f.prepare(create_session_op{milliseconds{5}}, session_id{9});
  f.deliver(write);
  f.tree_.take_effects();
  f.tree_.read(lane, {100, after + 1, 1, alice, {}, get_children_op{"/"}});
  f.deliver(session);
  CHECK(order_of(f.tree_.take_effects()) == "s ");
  CHECK(f.tree_.parked_reads() == 1);
  f.tree_.watcher_gone({lane, 1});
  CHECK(f.tree_.parked_reads() == 0);
}

TEST_CASE("tree: outcomes of other servers and other starts are not answered here", "[tree]") {
  fixture f;
  auto outcome = f.prepare(create("/a"));
  std::get<txn>(outcome).origin.start = 2;
  f.deliver(outcome);
  outcome = f.prepare(create("/b"));
  std::get<txn>(outcome).origin.server = {2};
  f.deliver(outcome);
  outcome = f.prepare(create("/b"));
  std::get<verdict>(outcome).origin.server = {2};
  f.deliver(outcome);
  CHECK(f.tree_.take_effects().empty());
  CHECK(f.exists("/b"));
}
