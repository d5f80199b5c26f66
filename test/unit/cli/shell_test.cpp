/// The commands that work on a tree, against a small tree in memory.
#include <catch2/catch.hpp>

#include <deque>
#include <map>
#include <sstream>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/shell/acl_words.hpp"
#include "runtime/cli/shell/shell.hpp"
#include "runtime/cli/shell/words.hpp"

using namespace troupe;
using namespace troupe::cli;

namespace {

/// The server's part, as far as these tests go: versions, children, and all or nothing.
class small_tree final : public session {
public:
  std::vector<write_result> write(write_op op) override {
    written.push_back(op);
    if (const auto* multi = std::get_if<multi_op>(&op)) {
      const auto before = nodes;
      std::vector<write_result> results;
      for (const auto& item : multi->items) {
        results.push_back(std::visit([this](const auto& one) { return apply(one); }, item));
        if (results.back().error != error_code::ok) nodes = before;
      }
      return results;
    }
    return {std::visit([this](const auto& one) { return apply(one); }, op)};
  }

  read_result read(read_op op) override {
    read_result answer;
    std::visit([&](const auto& one) { fill(one, answer); }, op);
    return answer;
  }

  error_code authenticate(const std::string& scheme, const std::string& secret) override {
    if (scheme != "digest") return error_code::auth_failed;
    who.push_back({scheme, secret});
    return error_code::ok;
  }
  std::vector<identity> identities() override { return who; }
  std::optional<change_seen> next_change(std::optional<milliseconds>) override {
    if (changes.empty()) return std::nullopt;
    const auto one = changes.front();
    changes.pop_front();
    return one;
  }
  std::vector<std::pair<std::string, std::string>> server_facts() override {
    return {{"server", "1"}, {"mode", "standalone"}};
  }

  struct node {
    std::string data;
    std::int32_t version = 0;
    troupe::acl access;
  };
  std::map<std::string, node> nodes{{"/", {}}};
  std::vector<write_op> written;
  std::vector<identity> who;
  std::deque<change_seen> changes;

private:
  write_result apply(const create_op& op) {
    if (nodes.contains(op.path)) return {error_code::node_exists, {}, {}};
    nodes[op.path] = {std::string{op.data.view()}, 0, op.acl};
    return {error_code::ok, op.sequential ? op.path + "0000000007" : op.path, {}};
  }
  write_result apply(const delete_op& op) {
    if (!nodes.contains(op.path)) return {error_code::no_node, {}, {}};
    if (!children(op.path).empty()) return {error_code::not_empty, {}, {}};
    nodes.erase(op.path);
    return {};
  }
  write_result apply(const set_data_op& op) {
    const auto found = nodes.find(op.path);
    if (found == nodes.end()) return {error_code::no_node, {}, {}};
    if (op.version != any_version && op.version != found->second.version)
      return {error_code::bad_version, {}, {}};
    found->second.data = op.data.view();
    ++found->second.version;
    return {};
  }
  write_result apply(const check_op& op) {
    return {nodes.contains(op.path) ? error_code::ok : error_code::no_node, {}, {}};
  }
  write_result apply(const set_acl_op& op) {
    nodes.at(op.path).access = op.acl;
    return {};
  }
  template <class Op>
  write_result apply(const Op&) {
    return {};
  }

  std::vector<std::string> children(const std::string& path) {
    std::vector<std::string> names;
    const auto prefix = path == "/" ? path : path + "/";
    for (const auto& [other, what] : nodes)
      if (other.size() > prefix.size() && other.starts_with(prefix) &&
          other.find('/', prefix.size()) == std::string::npos)
        names.push_back(other.substr(prefix.size()));
    return names;
  }

  template <class Op>
  void fill(const Op& op, read_result& answer) {
    if constexpr (requires { op.path; }) {
      const auto found = nodes.find(op.path);
      if (found == nodes.end()) {
        answer.error = error_code::no_node;
        return;
      }
      answer.data = blob{found->second.data};
      answer.acl = found->second.access;
      answer.stat.version = found->second.version;
      for (const auto& name : children(op.path))
        answer.names.push_back(name);
    }
  }
};

/// A shell that is told lines.
struct terminal {
  int operator()(const std::string& line) {
    out.str("");
    err.str("");
    text_printer text{out};
    json_printer json{out};
    printer& show = as_json ? static_cast<printer&>(json) : text;
    return run_line(line, tree, show, out, err).code;
  }
  std::string said(const std::string& line) {
    const auto code = (*this)(line);
    return std::to_string(code) + " " + out.str() + err.str();
  }

  small_tree tree;
  std::ostringstream out, err;
  bool as_json = false;
};

}  // namespace

TEST_CASE("shell: words and quotes", "[cli][shell]") {
  using list = std::vector<std::string>;
  CHECK(words_of("  get  /a\t") == list{"get", "/a"});
  CHECK(words_of(R"(set /a 'two words' "a \"quote\"" '' a\ b x"y"z)") ==
        list{"set", "/a", "two words", "a \"quote\"", "", "a b", "xyz"});
  CHECK(words_of("").empty());
  CHECK_THROWS_AS(words_of("get '/a"), bad_line);
  CHECK_THROWS_AS(words_of("get \\"), bad_line);
}

TEST_CASE("shell: access control lists in words", "[cli][shell]") {
  const auto read = read_acl("world:anyone:r,digest:u:hash=:cdrwa");
  REQUIRE(read);
  CHECK(*read ==
        acl{{permission_read, {"world", "anyone"}}, {permission_all, {"digest", "u:hash="}}});
  CHECK(permission_letters(permission_all) == "cdrwa");
  for (const auto* const wrong : {"", "world", "world:anyone", "world:anyone:x", "a:b:r,,"})
    CHECK_FALSE(read_acl(wrong));
}

TEST_CASE("shell: nodes are created, shown, changed and deleted", "[cli][shell]") {
  terminal run;
  CHECK(run.said("create /a 'some data'") == "0 /a\n");
  CHECK(run.said("get /a") == "0 some data\n");
  CHECK(run.said("create /a") == "3 troupe: /a: it exists already (NODEEXISTS)\n");
  CHECK(run.said("set /a new -v 7") == "3 troupe: /a: it has another version (BADVERSION)\n");
  CHECK(run.said("set /a new -v 0") == "0 ");
  CHECK(run.said("create -s /a/n-") == "0 /a/n-0000000007\n");
  CHECK(run.said("ls /") == "0 a\n");
  CHECK(run.said("delete /a") == "3 troupe: /a: it has children (NOTEMPTY)\n");
  CHECK(run.said("get /none") == "3 troupe: /none: there is no such node (NONODE)\n");
  CHECK(run.said("tree /") == "0 /\n  a\n    n-\n");
  CHECK(run.said("ls -R /a") == "0 /a\n/a/n-\n");
  CHECK(run.said("deleteall /a") == "0 2\n");
  CHECK(run.tree.nodes.size() == 1);
}

TEST_CASE("shell: kinds of nodes, and what does not go together", "[cli][shell]") {
  terminal run;
  const auto kind = [&](const std::string& line) {
    REQUIRE(run(line) == exit_ok);
    return std::get<create_op>(run.tree.written.back()).kind;
  };
  CHECK(kind("create /1") == node_kind::persistent);
  CHECK(kind("create -e /2") == node_kind::ephemeral);
  CHECK(kind("create -c /3") == node_kind::container);
  CHECK(kind("create -t 500 /4 data world:anyone:r") == node_kind::ttl);
  const auto& last = std::get<create_op>(run.tree.written.back());
  CHECK(last.ttl_ms == 500);
  CHECK(last.acl == acl{{permission_read, {"world", "anyone"}}});
  CHECK(run("create -e -c /5") == exit_usage);
  CHECK(run("create /5 data nonsense") == exit_usage);
  CHECK(run.err.str().find("SCHEME:ID:PERMISSIONS") != std::string::npos);
}

TEST_CASE("shell: a multi is all or nothing", "[cli][shell]") {
  terminal run;
  CHECK(run.said("multi create /a x , create /b , set /a y") == "0 /a\n/b\n");
  CHECK(run.tree.nodes["/a"].data == "y");
  CHECK(run.said("multi delete /a , check /c") == "3 troupe: /c: there is no such node (NONODE)\n");
  CHECK(run.tree.nodes.contains("/a"));
  CHECK(run("multi create /x , explode /y") == exit_usage);
  CHECK(run("multi create /x ,") == exit_usage);
  CHECK(run.tree.written.size() == 2);
}

TEST_CASE("shell: quotas are nodes", "[cli][shell]") {
  terminal run;
  run("create /a");
  run("create /a/b");
  CHECK(run("quota /a/b") == exit_refused);
  CHECK(run("quota-set /a/b") == exit_usage);  // of what?
  run.tree.nodes["/zookeeper/quota"] = {};
  CHECK(run("setquota -n 5 /a/b") == exit_ok);
  CHECK(run.tree.nodes["/zookeeper/quota/a/b/zookeeper_limits"].data == "count=5,bytes=-1");
  CHECK(run("quota-set -n 5 --hard-bytes 100 /a/b") == exit_ok);
  CHECK(run.said("quota /a/b") ==
        "0 limits  count=5,bytes=-1=;byteHardLimit=100;countHardLimit=-1\nused    \n");
  CHECK(run("quota-remove /a/b") == exit_ok);
  CHECK(run("quota /a/b") == exit_refused);
}

TEST_CASE("shell: programs get JSON", "[cli][shell]") {
  terminal run;
  run.as_json = true;
  CHECK(run.said("create /a text") == "0 {\"created\":\"/a\"}\n");
  CHECK(run.said("get /a") == "0 {\"path\":\"/a\",\"data\":\"text\"}\n");
  run.tree.nodes["/a"].data = "\xff\xfe";
  CHECK(run.said("get /a") == "0 {\"path\":\"/a\",\"data_base64\":\"//4=\"}\n");
  CHECK(run.said("ls /") == "0 {\"path\":\"/\",\"children\":[\"a\"]}\n");
  CHECK(run.said("delete /a") == "0 {}\n");
  CHECK(run.said("status") == "0 {\"server\":\"1\",\"mode\":\"standalone\"}\n");
  run.tree.changes = {{event_kind::node_created, "/w", zxid{5}}};
  CHECK(run.said("watch / -n 3") == "0 {\"event\":\"created\",\"path\":\"/w\",\"zxid\":\"0x5\"}\n");
}

TEST_CASE("shell: what is not understood is said, and does no harm", "[cli][shell]") {
  terminal run;
  CHECK(run.said("") == "0 ");
  CHECK(run.said("# a comment") == "0 ");
  CHECK(run.said("gett /a") == "2 troupe: there is no command gett; `help` lists them\n");
  CHECK(run.said("get '/a") == "2 troupe: the quote ' is not closed\n");
  CHECK(run("get") == exit_usage);
  CHECK(run("help") == exit_ok);
  CHECK(run.out.str().find("deleteall") != std::string::npos);
  CHECK(run("get --help") == exit_ok);
  CHECK(run.said("addauth ip 1") ==
        "3 troupe: ip: the server does not accept this identity (AUTHFAILED)\n");
  CHECK(run.tree.written.empty());
}

TEST_CASE("shell: it goes on after failures, and ends with the last code", "[cli][shell]") {
  terminal run;
  std::deque<std::string> lines{"create /a", "get /none", "quit", "create /never"};
  const auto ask = [&]() -> std::optional<std::string> {
    if (lines.empty()) return std::nullopt;
    auto line = lines.front();
    lines.pop_front();
    return line;
  };
  text_printer text{run.out};
  CHECK(run_shell(run.tree, text, ask, run.out, run.err) == exit_refused);
  CHECK(run.tree.nodes.contains("/a"));
  CHECK(lines.size() == 1);
}

TEST_CASE("shell: commands and paths are completed", "[cli][shell]") {
  using list = std::vector<std::string>;
  small_tree tree;
  tree.nodes["/apple"] = tree.nodes["/apple/seed"] = tree.nodes["/axe"] = {};
  CHECK(completions("wat", tree) == list{"watch"});
  CHECK(completions("get /a", tree) == list{"/apple", "/axe"});
  CHECK(completions("get /apple/", tree) == list{"/apple/seed"});
  CHECK(completions("get x", tree).empty());
}
