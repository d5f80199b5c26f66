// Protocol section 8: access control.
#include <catch2/catch.hpp>

#include "actors/tree/core/access.hpp"
#include "test/unit/tree/fixture.hpp"

using namespace troupe;
using namespace troupe::tree::test;
using troupe::tree::fix_up;
using troupe::tree::is_allowed;
using troupe::tree::is_valid_id;
using troupe::tree::scheme_set;

TEST_CASE("tree: evaluation of access control lists", "[tree][acl]") {
  const acl list{{permission_read, {"world", "anyone"}},
                 {permission_write, {"digest", "u:h"}},
                 {permission_create, {"ip", "10.1.0.0/16"}},
                 {permission_delete, {"ip", "2001:db8::/33"}}};
  CHECK(is_allowed({}, permission_admin, {}));
  CHECK(is_allowed(list, permission_read, {}));
  CHECK_FALSE(is_allowed(list, permission_write, {}));
  CHECK(is_allowed(list, permission_write, who({{"digest", "u:h"}})));
  CHECK_FALSE(is_allowed(list, permission_write, who({{"digest", "u:i"}, {"ip", "u:h"}})));
  CHECK(is_allowed(list, permission_admin, who({{"super", ""}})));
  CHECK(is_allowed(list, permission_read | permission_admin, {}));
  CHECK(is_allowed(list, permission_create, who({{"ip", "10.1.255.3"}})));
  CHECK_FALSE(is_allowed(list, permission_create, who({{"ip", "10.2.0.1"}})));
  CHECK_FALSE(is_allowed(list, permission_create, who({{"ip", "::1"}})));
  CHECK(is_allowed(list, permission_delete, who({{"ip", "2001:db8:7fff::1"}})));
  CHECK_FALSE(is_allowed(list, permission_delete, who({{"ip", "2001:db8:8000::1"}})));
}

TEST_CASE("tree: ids that may stand in a list", "[tree][acl]") {
  const scheme_set all{true, true, true, true};
  const std::vector<std::tuple<const char*, const char*, bool>> table{
      {"digest", "u:h", true},
      {"digest", ":h", true},
      {"digest", "u:h:", true},
      {"digest", "u:", false},
      {"digest", ":", false},
      {"digest", "", false},
      {"digest", "u", false},
      {"digest", "u:h:x", false},
      {"digest", "::", false},
      {"ip", "127.0.0.1", true},
      {"ip", "127.0.0.1/0", true},
      {"ip", "10.0.0.0/32", true},
      {"ip", "127.0.0.1/", false},
      {"ip", "127.0.0.1/-1", false},
      {"ip", "127.0.0.1/33", false},
      {"ip", "127.0.0.1/x", false},
      {"ip", "1.2.3.4/8/8", false},
      {"ip", "1.2.3", false},
      {"ip", "1.2.3.4.5", false},
      {"ip", "1.2.3.256", false},
      {"ip", "fe80::1/128", true},
      {"ip", "fe80::1/129", false},
      {"ip", "", false},
      {"x509", "CN=a,O=b\\,c", true},
      {"x509", "CN", false},
      {"x509", "", false},
      {"x509", "CN=\"a", false},
      {"sasl", "user", true},
      {"sasl", "a/b@R", true},
      {"sasl", "a@b@c", false},
      {"sasl", "a/b/c@R", false},
      {"super", "", false},
      {"world", "x", false},
      {"auth", "", false},
      {"", "", false},
      {"unknown", "x", false}};
  for (const auto& [scheme, id, valid] : table) {
    INFO(scheme << ":" << id);
    CHECK(is_valid_id(all, scheme, id) == valid);
  }
  CHECK_FALSE(is_valid_id({}, "sasl", "user"));
  CHECK_FALSE(is_valid_id({}, "x509", "CN=a"));
}

TEST_CASE("tree: fix-up of lists", "[tree][acl]") {
  const scheme_set schemes;
  const acl_entry world{permission_read, {"world", "anyone"}};
  const acl_entry user{permission_all, {"digest", "u:h"}};
  const acl_entry auth{permission_all, {"auth", "ignored"}};
  CHECK_FALSE(fix_up({}, {}, schemes));
  CHECK(fix_up({world, user, world}, {}, schemes) == acl{world, user});
  CHECK_FALSE(fix_up({{1, {"world", "someone"}}}, {}, schemes));
  CHECK_FALSE(fix_up({{1, {"super", ""}}}, {}, schemes));
  CHECK_FALSE(fix_up({auth}, {}, schemes));
  CHECK_FALSE(fix_up({auth}, who({{"ip", "1.2.3.4"}, {"super", ""}}), schemes));
  const auto ids = who({{"ip", "1.2.3.4"}, {"digest", "u:h"}, {"digest", "v:i"}});
  CHECK(fix_up({auth}, ids, schemes) == acl{user, {permission_all, {"digest", "v:i"}}});
  // Duplicates go before `auth` is expanded; those that the expansion makes stay.
  CHECK(fix_up({user, auth}, who({{"digest", "u:h"}}), schemes) == acl{user, user});
  const acl odd{{-1, {"world", "anyone"}}, {0, {"ip", "1.2.3.4"}}, {1024, {"ip", "1.2.3.4"}}};
  CHECK(fix_up(odd, {}, schemes) == odd);
}

TEST_CASE("tree: equal lists are stored once", "[tree][acl]") {
  fixture f;
  auto op = create("/a");
  op.acl = {{permission_all, {"digest", "u:h"}}};
  const auto user = who({{"digest", "u:h"}});
  f.one(op);
  op.path = "/b";
  f.one(op);
  const auto& state = f.tree_.committed();
  CHECK(state.find("/a")->acl == state.find("/b")->acl);
  CHECK(state.acl_of(*state.find("/a")).users == 2);
  f.one(delete_op{"/a"});
  f.one(set_acl_op{"/b", open_acl}, alice, user);
  CHECK(state.find("/b")->acl == state.find("/")->acl);
}
