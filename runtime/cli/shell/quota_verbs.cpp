// Quotas are nodes (zookeeper-protocol section 6.4); these commands know their names and texts.
#include <memory>
#include <ostream>
#include <string>

#include <CLI/CLI.hpp>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/shell/verbs.hpp"

namespace troupe::cli {
namespace {

constexpr const char* root = "/zookeeper/quota";

std::string place_of(const std::string& path) { return root + path; }

struct limits {
  std::string path;
  std::int64_t nodes = -1, bytes = -1, hard_nodes = -1, hard_bytes = -1;

  [[nodiscard]] std::string text() const {
    std::string words = "count=" + std::to_string(nodes) + ",bytes=" + std::to_string(bytes);
    // The second sign of equality keeps old readers from taking the rest for a number.
    if (hard_nodes >= 0 || hard_bytes >= 0)
      words += "=;byteHardLimit=" + std::to_string(hard_bytes) +
               ";countHardLimit=" + std::to_string(hard_nodes);
    return words;
  }
};

int show_quota(const std::string& path, workplace& at) {
  const auto set = at.with.read(get_data_op{place_of(path) + "/zookeeper_limits"});
  if (set.error == error_code::no_node) {
    at.err << "troupe: " << path << ": it has no quota; `quota-set` gives it one\n";
    return exit_refused;
  }
  if (set.error != error_code::ok) return refused(at, path, set.error);
  const auto used = at.with.read(get_data_op{place_of(path) + "/zookeeper_stats"});
  at.show.pairs(
      {{"limits", std::string{set.data.view()}}, {"used", std::string{used.data.view()}}});
  return exit_ok;
}

error_code create(const std::string& path, const std::string& data, workplace& at) {
  create_op op;
  op.path = path;
  op.data = blob{data};
  op.acl = {{permission_all, {"world", "anyone"}}};
  return at.with.write(std::move(op)).front().error;
}

/// The nodes from the root of quotas down to that of `path`.
error_code create_place(const std::string& path, workplace& at) {
  for (auto slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const auto error = create(place_of(path.substr(0, slash)), "", at);
    if (error != error_code::ok && error != error_code::node_exists) return error;
    if (slash == std::string::npos) return error_code::ok;
  }
}

int set_quota(const limits& wish, workplace& at) {
  if (const auto node = at.with.read(exists_op{wish.path}); node.error != error_code::ok)
    return refused(at, wish.path, node.error);
  if (const auto error = create_place(wish.path, at); error != error_code::ok)
    return refused(at, wish.path, error);
  const auto place = place_of(wish.path);
  auto error = create(place + "/zookeeper_limits", wish.text(), at);
  if (error == error_code::node_exists)
    error = at.with.write(set_data_op{place + "/zookeeper_limits", blob{wish.text()}, any_version})
                .front()
                .error;
  // The server puts the numbers in.
  if (error == error_code::ok) error = create(place + "/zookeeper_stats", "", at);
  if (error != error_code::ok && error != error_code::node_exists)
    return refused(at, wish.path, error);
  at.show.done();
  return exit_ok;
}

int remove_quota(const std::string& path, workplace& at) {
  const auto place = place_of(path);
  multi_op both;
  both.items.emplace_back(delete_op{place + "/zookeeper_limits", any_version});
  both.items.emplace_back(delete_op{place + "/zookeeper_stats", any_version});
  for (const auto& one : at.with.write(std::move(both)))
    if (one.error != error_code::ok) return refused(at, path, one.error);
  at.show.done();
  return exit_ok;
}

}  // namespace

void add_quota_verbs(CLI::App& app, const take_job& take) {
  const auto path = std::make_shared<std::string>();
  auto& show = *app.add_subcommand("quota", "Show a node's quota and what is used of it");
  show.alias("listquota");
  show.add_option("PATH", *path, "Of the node")->required();
  show.callback([take, path] { take([path](workplace& at) { return show_quota(*path, at); }); });

  const auto wish = std::make_shared<limits>();
  auto& set = *app.add_subcommand("quota-set", "Limit a node and everything below it");
  set.alias("setquota");
  set.add_option("PATH", wish->path, "Of the node")->required();
  auto* const some = set.add_option_group("limits");
  some->add_option("-n,--nodes", wish->nodes, "More nodes are logged");
  some->add_option("-b,--bytes", wish->bytes, "More bytes of data are logged");
  some->add_option("-N,--hard-nodes", wish->hard_nodes,
                   "More nodes are refused, if the tree enforces quotas");
  some->add_option("-B,--hard-bytes", wish->hard_bytes, "More bytes are refused");
  some->require_option(1, 4);
  set.callback([take, wish] { take([wish](workplace& at) { return set_quota(*wish, at); }); });

  auto& remove = *app.add_subcommand("quota-remove", "Limit a node no more");
  remove.alias("delquota");
  remove.add_option("PATH", *path, "Of the node")->required();
  remove.callback(
      [take, path] { take([path](workplace& at) { return remove_quota(*path, at); }); });
}

}  // namespace troupe::cli
