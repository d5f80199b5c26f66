// Paths, blobs and passwords: what the tree relies on in base.
#include <catch2/catch.hpp>

#include <troupe/base/blob.hpp>
#include <troupe/base/error_code.hpp>
#include <troupe/base/name_list.hpp>
#include <troupe/base/session_password.hpp>
#include <troupe/base/txn.hpp>
#include <troupe/base/znode_path.hpp>

using namespace troupe;

TEST_CASE("base: which paths are valid", "[base]") {
  for (const char* good : {"/", "/a", "/a/b", "/a b", "/.a", "/a.", "/...", "/a:b", "/\xc3\xa9",
                           "/\xe4\xb8\xad", "/\xef\xa4\x80" /* U+F900 */,
                           "/\xef\xbf\xaf" /* U+FFEF */, "/\xc2\xa0" /* U+00A0 */, "/~"}) {
    INFO(good);
    CHECK(is_valid_path(good));
  }
  for (const char* bad : {"",
                          "a",
                          "a/b",
                          "/a/",
                          "//",
                          "//a",
                          "/a//b",
                          "/.",
                          "/..",
                          "/a/./b",
                          "/a/..",
                          "/\x01",
                          "/\x1f",
                          "/\x7f",
                          "/\xc2\x80",
                          "/\xc2\x9f",
                          "/\xed\xa0\x80" /* U+D800 */,
                          "/\xee\x80\x80" /* U+E000 */,
                          "/\xef\xa3\xbf" /* U+F8FF */,
                          "/\xef\xbf\xb0" /* U+FFF0 */,
                          "/\xef\xbf\xbf" /* U+FFFF */,
                          "/\xf0\x9f\x98\x80" /* U+1F600 */,
                          "/\xc3",
                          "/\xc3(",
                          "/\x80",
                          "/\xc0\xaf",
                          "/\xe0\x80\xaf",
                          "/\xff",
                          "/\xf8\x88\x80\x80\x80",
                          "/\xe4\xb8"}) {
    INFO(bad);
    CHECK_FALSE(is_valid_path(bad));
  }
  CHECK_FALSE(is_valid_path(std::string_view("/a\0b", 4)));
}

TEST_CASE("base: sequence suffixes have ten digits and a sign", "[base]") {
  CHECK(sequence_suffix(0) == "0000000000");
  CHECK(sequence_suffix(42) == "0000000042");
  CHECK(sequence_suffix(2147483647) == "2147483647");
  CHECK(sequence_suffix(-2147483647 - 1) == "-2147483648");
  CHECK(sequence_suffix(-5) == "-000000005");
}

TEST_CASE("base: blobs share bytes and keep null apart from empty", "[base]") {
  const blob null;
  const blob empty{std::string_view{}};
  const blob text{std::string_view{"text"}};
  CHECK(null.is_null());
  CHECK_FALSE(empty.is_null());
  CHECK_FALSE(null == empty);
  auto copy = text;
  CHECK(copy.view().data() == text.view().data());
  copy = empty;
  CHECK(copy == empty);
  CHECK(text.view() == "text");
}

TEST_CASE("base: session passwords are a keyed hash of the id", "[base]") {
  const session_id id{0x100000a1b2c30001};
  // HMAC-SHA256 computed by another implementation.
  const unsigned char expected[] = {0x3d, 0x78, 0x15, 0x11, 0x3e, 0x7f, 0x36, 0x8f,
                                    0x2c, 0x0e, 0x4d, 0xdb, 0x59, 0x66, 0x34, 0x34};
  const auto password = session_password("key", id);
  REQUIRE(password.size() == session_password_size);
  CHECK(password == std::string(reinterpret_cast<const char*>(expected), 16));
  CHECK(is_session_password("key", id, password));
  CHECK_FALSE(is_session_password("other", id, password));
  CHECK_FALSE(is_session_password("key", {id.value + 1}, password));
  CHECK_FALSE(is_session_password("key", id, password.substr(1)));
  CHECK_FALSE(is_session_password("key", id, ""));
}

TEST_CASE("base: names of error codes", "[base]") {
  CHECK(to_string(error_code::no_node) == "NONODE");
  CHECK(to_string(error_code::session_closed_require_auth) == "SESSIONCLOSEDREQUIRESASLAUTH");
  CHECK(to_string(static_cast<error_code>(-999)) == "UNKNOWN");
  CHECK(to_string(close_cause::expired) == "expired");
  CHECK(kind_of(write_op{multi_op{}}) == txn_kind::multi);
  CHECK(kind_of(write_op{sync_op{}}) == txn_kind::create);
}

TEST_CASE("base: a list of names gives back what was put in, whatever is in a name", "[base]") {
  const std::string zeros(3, '\0');
  const std::vector<std::string> names{"a", "", zeros, std::string(300, 'x'),
                                       std::string(70'000, 'y')};
  name_list list;
  list.reserve(2, 2);
  CHECK(list.empty());
  CHECK(list.begin() == list.end());
  for (const auto& name : names)
    list.push_back(name);
  CHECK(list.size() == names.size());
  CHECK(list.to_vector() == names);
  CHECK(list == name_list{"a", "", zeros, names[3], names[4]});
  CHECK_FALSE(list == name_list{"a"});
  // As the protocol has them: each behind its length, highest byte first.
  CHECK(list.bytes().substr(0, 16) == std::string_view("\0\0\0\1a\0\0\0\0\0\0\0\3\0\0\0", 16));
  CHECK(list.bytes().substr(16, 4) == std::string_view("\0\0\1\x2c", 4));
}
