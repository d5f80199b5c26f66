#include <algorithm>
#include <memory>
#include <utility>

#include <CLI/CLI.hpp>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/shell/verbs.hpp"

namespace troupe::cli {
namespace {

/// The options that several of these commands have.
struct reading {
  std::string path = "/";
  bool stat = false;
  bool watch = false;
  bool recursive = false;
};
using shared_reading = std::shared_ptr<reading>;

/// Declares a command with a path, and says what it does.
CLI::App& add(CLI::App& app, const take_job& take, const char* name, const char* summary,
              const shared_reading& wish, int (*run)(const reading&, workplace&)) {
  auto& command = *app.add_subcommand(name, summary);
  command.callback(
      [take, wish, run] { take([wish, run](workplace& at) { return run(*wish, at); }); });
  return command;
}

void add_path(CLI::App& command, const shared_reading& wish, bool required = true) {
  command.add_option("PATH", wish->path, "Of a node")->required(required);
}
void add_stat(CLI::App& command, const shared_reading& wish) {
  command.add_flag("-s,--stat", wish->stat, "Show versions, times and sizes as well");
}
void add_watch(CLI::App& command, const shared_reading& wish) {
  command.add_flag("-w,--watch", wish->watch, "Then wait until it changes, and say how");
}

/// What `-w` adds.
int then_wait(const reading& wish, workplace& at) {
  if (!wish.watch) return exit_ok;
  if (const auto seen = at.with.next_change(std::nullopt)) at.show.change(*seen);
  return exit_ok;
}

const stat* shown(const reading& wish, const read_result& answer) {
  return wish.stat ? &answer.stat : nullptr;
}

int get(const reading& wish, workplace& at) {
  const auto answer = at.with.read(get_data_op{wish.path, wish.watch});
  if (answer.error != error_code::ok) return refused(at, wish.path, answer.error);
  at.show.node(wish.path, answer.data, shown(wish, answer));
  return then_wait(wish, at);
}

int stat_of(const reading& wish, workplace& at) {
  const auto answer = at.with.read(exists_op{wish.path, wish.watch});
  if (answer.error != error_code::ok) {
    // Its creation can be waited for.
    const auto code = refused(at, wish.path, answer.error);
    return wish.watch && answer.error == error_code::no_node ? then_wait(wish, at) : code;
  }
  at.show.facts(wish.path, answer.stat);
  return then_wait(wish, at);
}

int list(const reading& wish, workplace& at) {
  if (wish.recursive)
    return walk(at, wish.path, [&](const std::string& path, std::size_t) {
      at.show.descendant(path, 0);
      return exit_ok;
    });
  const auto answer = at.with.read(get_children_op{wish.path, wish.watch});
  if (answer.error != error_code::ok) return refused(at, wish.path, answer.error);
  auto names = answer.names.to_vector();
  std::sort(names.begin(), names.end());
  at.show.names(wish.path, names, shown(wish, answer));
  return then_wait(wish, at);
}

int draw_tree(const reading& wish, workplace& at) {
  return walk(at, wish.path, [&](const std::string& path, std::size_t level) {
    at.show.descendant(path, level);
    return exit_ok;
  });
}

int count(const reading& wish, workplace& at) {
  const auto answer = at.with.read(get_all_children_number_op{wish.path});
  if (answer.error != error_code::ok) return refused(at, wish.path, answer.error);
  at.show.number("descendants", answer.number);
  return exit_ok;
}

int ephemerals(const reading& wish, workplace& at) {
  const auto answer = at.with.read(get_ephemerals_op{wish.path});
  if (answer.error != error_code::ok) return refused(at, wish.path, answer.error);
  auto paths = answer.names.to_vector();
  std::sort(paths.begin(), paths.end());
  at.show.names(wish.path, paths, nullptr);
  return exit_ok;
}

int access(const reading& wish, workplace& at) {
  const auto answer = at.with.read(get_acl_op{wish.path});
  if (answer.error != error_code::ok) return refused(at, wish.path, answer.error);
  at.show.access(wish.path, answer.acl, shown(wish, answer));
  return exit_ok;
}

struct watching {
  std::string path;
  bool recursive = false;
  std::size_t count = 0;
};

int watch(const watching& wish, workplace& at) {
  const auto mode = wish.recursive ? watch_mode::persistent_recursive : watch_mode::persistent;
  const auto answer = at.with.read(add_watch_op{wish.path, mode});
  if (answer.error != error_code::ok) return refused(at, wish.path, answer.error);
  for (std::size_t i = 0; wish.count == 0 || i < wish.count; ++i) {
    const auto seen = at.with.next_change(std::nullopt);
    if (!seen) break;
    at.show.change(*seen);
  }
  return exit_ok;
}

void add_watch_verb(CLI::App& app, const take_job& take) {
  auto wish = std::make_shared<watching>();
  auto& command = *app.add_subcommand("watch", "Say every change of a node until Ctrl-C");
  command.alias("addWatch");
  command.add_option("PATH", wish->path, "Of a node, which need not exist")->required();
  command.add_flag("-r,--recursive", wish->recursive, "Of the whole subtree");
  command.add_option("-n,--count", wish->count, "End after so many");
  command.callback([take, wish] { take([wish](workplace& at) { return watch(*wish, at); }); });
}

}  // namespace

void add_reading_verbs(CLI::App& app, const take_job& take) {
  const auto wish = std::make_shared<reading>();
  auto& get_command = add(app, take, "get", "Show a node's data", wish, get);
  add_path(get_command, wish);
  add_stat(get_command, wish);
  add_watch(get_command, wish);

  auto& stat_command = add(app, take, "stat", "Show versions, times and sizes", wish, stat_of);
  add_path(stat_command, wish);
  add_watch(stat_command, wish);

  auto& list_command = add(app, take, "ls", "List a node's children", wish, list);
  add_path(list_command, wish, false);
  add_stat(list_command, wish);
  add_watch(list_command, wish);
  list_command.add_flag("-R,--recursive", wish->recursive, "The paths of the whole subtree");

  add_path(add(app, take, "tree", "Draw a subtree", wish, draw_tree), wish, false);

  auto& count_command = add(app, take, "count", "Count all nodes below one", wish, count);
  count_command.alias("getAllChildrenNumber");
  add_path(count_command, wish, false);

  auto& mine =
      add(app, take, "ephemerals", "List this session's ephemeral nodes", wish, ephemerals);
  mine.alias("getEphemerals");
  add_path(mine, wish, false);

  auto& acl_command = add(app, take, "acl", "Show who may do what with a node", wish, access);
  acl_command.alias("getAcl");
  add_path(acl_command, wish);
  add_stat(acl_command, wish);

  add_watch_verb(app, take);
}

}  // namespace troupe::cli
