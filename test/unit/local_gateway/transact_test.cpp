#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <memory>

#include "test/unit/local_gateway/local_world.hpp"
#include "test/unit/tree/decisions.hpp"

namespace troupe::local::test {
namespace {

using tree::test::lambda_decision;

std::shared_ptr<const decision> making(std::function<blob(decision_tree&)> what) {
  return std::make_shared<lambda_decision>(std::move(what));
}

std::shared_ptr<const decision> creating(const std::string& path) {
  return making([path](decision_tree& tree) {
    const auto made = tree.create(tree::test::create(path), {});
    return blob{std::string_view{to_string(made.error)}};
  });
}

class no_foreigners final : public mount_guard {
  [[nodiscard]] std::optional<std::string> objection(tree_view&, const write&) const override {
    return "nobody";
  }
  [[nodiscard]] std::string_view name() const noexcept override { return "no foreigners"; }
};

}  // namespace

TEST_CASE("transact: decisions are made in order with writes, and answered when applied",
          "[local_gateway]") {
  script one;
  one.then = [&](const std::string& word) {
    if (word == "attached") one.gateway.send(coordinator::open{one.client, 1, 3s});
    if (word != "opened OK") return;
    one.create(2, "/a");
    one.transact(3, creating("/a/b"));
    one.transact(4, creating("/a/b"));
    one.transact(5, making([](decision_tree&) -> blob { throw std::runtime_error{"a mistake"}; }));
    one.write(6, delete_op{"/a/b"});
    one.read(7, exists_op{"/a/b"});
  };
  local_world all{{&one}};
  REQUIRE(all.until(one, "read 7 NONODE "));
  const std::vector<std::string> answers(one.log.begin() + 2, one.log.end());
  CHECK(answers == std::vector<std::string>{
                       "wrote 2 OK", "transacted 3 OK OK", "transacted 4 OK NODEEXISTS",
                       "transacted 5 DECISIONFAILED a mistake", "wrote 6 OK", "read 7 NONODE "});
}

TEST_CASE("transact: nothing, or for nobody, is refused", "[local_gateway]") {
  script one;
  one.then = [&](const std::string& word) {
    if (word != "attached") return;
    one.transact(1, nullptr);
    one.session = {99};
    one.transact(2, creating("/a"));
  };
  local_world all{{&one}};
  REQUIRE(all.until(one, "transacted 2 SESSIONEXPIRED "));
  CHECK(one.heard("transacted 1 BADARGUMENTS "));
}

TEST_CASE("transact: a mount is guarded until its client ends", "[local_gateway]") {
  script owner, plain;
  owner.then = [&](const std::string& word) {
    if (word == "attached") {
      owner.gateway.send(
          coordinator::guard_mount{owner.client, "/mount", std::make_shared<no_foreigners>()});
      owner.transact(1, creating("/mount"));
    }
    if (word == "transacted 1 OK OK") plain.gateway.send(coordinator::open{plain.client, 1, 3s});
  };
  plain.then = [&](const std::string& word) {
    if (word == "opened OK") plain.create(2, "/mount/x");
    if (word != "wrote 2 NOAUTH") return;
    owner.gateway.send(coordinator::guard_mount{owner.client, "/mount", nullptr});
    owner.transact(3, creating("/other"));
    plain.create(3, "/mount/x");
  };
  local_world all{{&owner, &plain}};
  REQUIRE(all.until(plain, "wrote 3 OK"));
}

TEST_CASE("transact: a decision that hangs is named, and ends its process", "[local_gateway]") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const auto child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    (void)dup2(ends[1], STDERR_FILENO);
    (void)dup2(ends[1], STDOUT_FILENO);
    (void)std::signal(SIGABRT, SIG_DFL);  // the test's own handler would report it
    script one;
    one.then = [&](const std::string& word) {
      if (word == "attached")
        one.transact(1, making([](decision_tree&) -> blob {
                       for (;;)
                         pause();
                     }));
    };
    local_world all{{&one}, "", "storage.memory", {"tree.decision_watchdog=20ms"}};
    sdk::log::set_level(sdk::log::level::error);
    (void)all.until(one, "never");
    _exit(0);
  }
  close(ends[1]);
  std::string said;
  char piece[4096];
  for (ssize_t size = 0; (size = read(ends[0], piece, sizeof piece)) > 0;)
    said.append(piece, static_cast<std::size_t>(size));
  close(ends[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGABRT);
  INFO(said);
  CHECK(said.find("decision_hangs") != std::string::npos);
  CHECK(said.find("test decision") != std::string::npos);
}

}  // namespace troupe::local::test
