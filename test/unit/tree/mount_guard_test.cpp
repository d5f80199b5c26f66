#include <catch2/catch.hpp>

#include "test/unit/tree/decisions.hpp"

using namespace troupe;
using namespace troupe::tree;
using namespace troupe::tree::test;
using strings = std::vector<std::string>;

namespace {

/// Lets children pass whose names begin with "n-", and remembers what it was asked.
class named_children final : public mount_guard {
public:
  explicit named_children(strings& asked) : asked_(asked) {}
  [[nodiscard]] std::optional<std::string> objection(tree_view& tree,
                                                     const write& what) const override {
    static const char* const kinds[] = {"create", "remove", "set_data", "set_acl"};
    asked_.push_back(std::string{kinds[static_cast<int>(what.what)]} + " " +
                     std::string{what.path} + (what.sequential ? " sequential" : ""));
    if (what.what == write::kind::set_acl) throw std::runtime_error{"a mistake"};
    if (what.what == write::kind::set_data)
      for (;;)
        (void)tree.node("/");
    if (what.path.ends_with("/free")) return std::nullopt;
    if (what.what == write::kind::remove || what.path.find("/n-") != std::string_view::npos)
      return std::nullopt;
    return "foreign name";
  }
  [[nodiscard]] std::string_view name() const noexcept override { return "guard of /locks"; }

private:
  strings& asked_;
};

struct guarded : fixture {
  guarded() {
    write(create("/locks"));
    write(create("/locksmith"));
    tree_.preparing().guards().set("/locks", std::make_shared<named_children>(asked));
  }
  strings asked;
};

}  // namespace

TEST_CASE("mount guard: is asked about what nothing else speaks against, below its mount only",
          "[tree]") {
  guarded f;
  CHECK(f.error(create("/elsewhere")) == error_code::ok);
  CHECK(f.error(create("/locksmith/x")) == error_code::ok);
  CHECK(f.error(create("/locks/none/x")) == error_code::no_node);
  CHECK(f.asked.empty());
  CHECK(f.error(create("/locks/n-1")) == error_code::ok);
  CHECK(f.one(sequential("/locks/n-")).path == "/locks/n-0000000001");
  CHECK(f.error(delete_op{"/locks/n-1"}) == error_code::ok);
  CHECK(f.asked ==
        strings{"create /locks/n-1", "create /locks/n-0000000001 sequential", "remove /locks/n-1"});
}

TEST_CASE("mount guard: an objection refuses, leaves no trace and is told", "[tree]") {
  guarded f;
  const auto digest = f.tree_.committed().digest();
  CHECK(f.error(create("/locks/foreign")) == error_code::no_auth);
  CHECK(f.errors({create("/x"), create("/locks/foreign"), create("/y")}) ==
        std::vector{error_code::ok, error_code::no_auth, error_code::runtime_inconsistency});
  CHECK(f.tree_.committed().digest() == digest);
  const auto told = f.tree_.preparing().guards().take_complaints();
  REQUIRE(told.size() == 2);
  CHECK(told[0].what == complaint::kind::guard_objected);
  CHECK(told[0].name == "guard of /locks");
  CHECK(told[0].reason == "foreign name");
  CHECK(told[0].session == alice);
  CHECK(told[0].path == "/locks/foreign");
  CHECK(f.error(create("/x")) == error_code::ok);
}

TEST_CASE("mount guard: one that fails refuses, with an error that every client knows", "[tree]") {
  guarded f;
  CHECK(f.error(set_acl_op{"/locks", open_acl}) == error_code::system_error);
  CHECK(f.error(set("/locks", "x")) == error_code::system_error);
  const auto told = f.tree_.preparing().guards().take_complaints();
  REQUIRE(told.size() == 2);
  CHECK(told[0].what == complaint::kind::guard_failed);
  CHECK(told[0].reason == "a mistake");
  CHECK(told[1].what == complaint::kind::guard_failed);
}

TEST_CASE("mount guard: decisions and the ends of sessions are not asked about", "[tree]") {
  guarded f;
  CHECK(make(f, [](decision_tree& tree) {
          CHECK(tree.create(ephemeral("/locks/foreign"), alice).error == error_code::ok);
          return blob{};
        }).error == error_code::ok);
  f.write(close_session_op{}, alice);
  CHECK_FALSE(f.exists("/locks/foreign"));
  CHECK(f.asked.empty());
}

TEST_CASE("mount guard: scripts are asked about, and without a guard nobody is", "[tree]") {
  guarded f;
  script_op script;
  script.steps.push_back({create("/locks/foreign")});
  CHECK(f.write(script).at(0).error == error_code::no_auth);
  f.tree_.preparing().guards().set("/locks", nullptr);
  CHECK(f.write(script).at(0).error == error_code::ok);
}

TEST_CASE("mount guard: a mount of everything is one, too, and complaints are bounded", "[tree]") {
  fixture f;
  strings asked;
  f.tree_.preparing().guards().set("/", std::make_shared<named_children>(asked));
  for (std::size_t i = 0; i < 2 * mount_guards::most_complaints; ++i)
    CHECK(f.error(create("/foreign")) == error_code::no_auth);
  CHECK(f.error(create("/free")) == error_code::ok);
  CHECK(f.tree_.preparing().guards().take_complaints().size() == mount_guards::most_complaints);
}
