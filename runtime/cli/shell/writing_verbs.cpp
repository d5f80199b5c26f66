#include <memory>
#include <optional>
#include <ostream>
#include <utility>

#include <CLI/CLI.hpp>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/shell/acl_words.hpp"
#include "runtime/cli/shell/verbs.hpp"

namespace troupe::cli {
namespace {

const acl open_to_all{{permission_all, {"world", "anyone"}}};

using take_item = std::function<void(multi_item)>;

blob data_of(const std::optional<std::string>& words) { return words ? blob{*words} : blob{}; }

/// An ACL in words, checked while the command line is parsed.
void add_acl(CLI::App& command, std::string& words, bool required) {
  command.add_option("ACL", words, "SCHEME:ID:PERMISSIONS of the letters cdrwa; several by commas")
      ->required(required)
      ->check([](const std::string& text) {
        return read_acl(text) ? std::string{} : "not SCHEME:ID:PERMISSIONS: " + text;
      });
}

void add_version(CLI::App& command, std::int32_t& version) {
  command.add_option("-v,--version", version, "Only if the node has this version");
}

struct creation {
  std::string path, acl;
  std::optional<std::string> data;
  bool sequential = false, ephemeral = false, container = false;
  std::int64_t ttl_ms = -1;
};

void add_create(CLI::App& app, const take_item& take) {
  const auto wish = std::make_shared<creation>();
  auto& command = *app.add_subcommand("create", "Create a node, and show its path");
  command.add_option("PATH", wish->path, "With -s the beginning of the path")->required();
  command.add_option("DATA", wish->data, "None when left out");
  add_acl(command, wish->acl, false);
  command.add_flag("-s,--sequential", wish->sequential, "Put a number behind the path");
  auto* const ephemeral = command.add_flag("-e,--ephemeral", wish->ephemeral,
                                           "Gone when the session ends: useful in the shell");
  auto* const container =
      command.add_flag("-c,--container", wish->container, "Gone after its last child");
  auto* const ttl = command.add_option("-t,--ttl", wish->ttl_ms,
                                       "Gone when not changed for so many milliseconds");
  container->excludes(ephemeral);
  ttl->excludes(ephemeral)->excludes(container);
  command.callback([take, wish] {
    create_op op;
    op.path = wish->path;
    op.data = data_of(wish->data);
    op.acl = wish->acl.empty() ? open_to_all : *read_acl(wish->acl);
    op.sequential = wish->sequential;
    op.ttl_ms = wish->ttl_ms;
    op.kind = wish->ephemeral     ? node_kind::ephemeral
              : wish->container   ? node_kind::container
              : wish->ttl_ms >= 0 ? node_kind::ttl
                                  : node_kind::persistent;
    take(std::move(op));
  });
}

void add_set(CLI::App& app, const take_item& take) {
  const auto wish = std::make_shared<set_data_op>();
  const auto data = std::make_shared<std::string>();
  auto& command = *app.add_subcommand("set", "Replace a node's data");
  command.add_option("PATH", wish->path, "Of the node")->required();
  command.add_option("DATA", *data, "The new data")->required();
  add_version(command, wish->version);
  command.callback([take, wish, data] {
    wish->data = blob{*data};
    take(*wish);
  });
}

void add_delete(CLI::App& app, const take_item& take) {
  const auto wish = std::make_shared<delete_op>();
  auto& command = *app.add_subcommand("delete", "Delete a node without children");
  command.alias("rm");
  command.add_option("PATH", wish->path, "Of the node")->required();
  add_version(command, wish->version);
  command.callback([take, wish] { take(*wish); });
}

void add_check(CLI::App& app, const take_item& take) {
  const auto wish = std::make_shared<check_op>();
  auto& command = *app.add_subcommand("check", "Only in a multi: there is this node");
  command.add_option("PATH", wish->path, "Of the node")->required();
  add_version(command, wish->version);
  command.callback([take, wish] { take(*wish); });
}

const std::string& path_of(const multi_item& item) {
  return std::visit([](const auto& op) -> const std::string& { return op.path; }, item);
}

write_op single(multi_item item) {
  return std::visit(
      [](auto& op) -> write_op {
        if constexpr (std::is_same_v<std::decay_t<decltype(op)>, check_op>)
          return multi_op{{std::move(op)}};
        else
          return std::move(op);
      },
      item);
}

/// Shows what became of it.
void show_done(workplace& at, const multi_item& item, const write_result& result) {
  if (std::holds_alternative<create_op>(item))
    at.show.created(result.path);
  else
    at.show.done();
}

int carry_out(workplace& at, const multi_item& item) {
  const auto results = at.with.write(single(item));
  if (results.front().error != error_code::ok)
    return refused(at, path_of(item), results.front().error);
  show_done(at, item, results.front());
  return exit_ok;
}

// --------------------------------------------------------------------- multi

/// The words between commas, each the words of an operation.
std::vector<multi_item> read_operations(const std::vector<std::string>& words) {
  std::vector<multi_item> items;
  std::vector<std::string> one;
  const auto finish = [&] {
    CLI::App parser{"An operation", "multi"};
    parser.require_subcommand(1);
    const take_item take = [&](multi_item item) { items.push_back(std::move(item)); };
    add_create(parser, take);
    add_set(parser, take);
    add_delete(parser, take);
    add_check(parser, take);
    parser.parse(std::vector<std::string>{one.rbegin(), one.rend()});  // from the end
    one.clear();
  };
  for (const auto& word : words) {
    if (word == ",")
      finish();
    else
      one.push_back(word);
  }
  finish();
  return items;
}

int carry_out_together(workplace& at, const std::vector<multi_item>& items) {
  const auto results = at.with.write(multi_op{items});
  for (std::size_t i = 0; i < results.size() && i < items.size(); ++i) {
    const auto error = results[i].error;
    // Those before the one that failed are rolled back, those behind it were not tried.
    if (error != error_code::ok && error != error_code::runtime_inconsistency)
      return refused(at, path_of(items[i]), error);
  }
  for (std::size_t i = 0; i < results.size() && i < items.size(); ++i)
    show_done(at, items[i], results[i]);
  return exit_ok;
}

void add_multi(CLI::App& app, const take_job& take) {
  auto& command = *app.add_subcommand(
      "multi", "All or nothing: create, set, delete and check, with a comma between two of them");
  command.prefix_command()->fallthrough(false);  // everything behind it is its own
  command.callback([take, &command] {
    take([items = read_operations(command.remaining())](workplace& at) {
      return carry_out_together(at, items);
    });
  });
}

// -------------------------------------------------------------------- others

/// Children before their parents, many in one multi.
int delete_all(const std::string& path, workplace& at) {
  constexpr std::size_t at_once = 100;
  std::vector<std::string> paths;
  const int walked = walk(at, path, [&](const std::string& one, std::size_t) {
    paths.push_back(one);
    return exit_ok;
  });
  if (walked != exit_ok) return walked;
  const auto count = static_cast<std::int64_t>(paths.size());
  while (!paths.empty()) {
    multi_op batch;
    for (; !paths.empty() && batch.items.size() < at_once; paths.pop_back())
      batch.items.emplace_back(delete_op{paths.back(), any_version});
    const auto items = batch.items;
    const auto results = at.with.write(std::move(batch));
    for (std::size_t i = 0; i < results.size(); ++i)
      if (results[i].error != error_code::ok &&
          results[i].error != error_code::runtime_inconsistency)
        return refused(at, path_of(items[i]), results[i].error);
  }
  at.show.number("deleted", count);
  return exit_ok;
}

void add_delete_all(CLI::App& app, const take_job& take) {
  const auto path = std::make_shared<std::string>();
  auto& command = *app.add_subcommand("deleteall", "Delete a node and everything below it");
  command.alias("rmr");
  command.add_option("PATH", *path, "Of the node")->required();
  command.callback([take, path] { take([path](workplace& at) { return delete_all(*path, at); }); });
}

void add_set_acl(CLI::App& app, const take_job& take) {
  const auto wish = std::make_shared<set_acl_op>();
  const auto words = std::make_shared<std::string>();
  auto& command = *app.add_subcommand("setacl", "Say who may do what with a node");
  command.alias("setAcl");
  command.add_option("PATH", wish->path, "Of the node")->required();
  add_acl(command, *words, true);
  add_version(command, wish->version);
  command.callback([take, wish, words] {
    take([wish, entries = *read_acl(*words)](workplace& at) {
      auto op = *wish;
      op.acl = entries;
      const auto results = at.with.write(std::move(op));
      if (results.front().error != error_code::ok)
        return refused(at, wish->path, results.front().error);
      at.show.done();
      return exit_ok;
    });
  });
}

}  // namespace

void add_writing_verbs(CLI::App& app, const take_job& take) {
  const take_item carry = [take](multi_item item) {
    take([item = std::move(item)](workplace& at) { return carry_out(at, item); });
  };
  add_create(app, carry);
  add_set(app, carry);
  add_delete(app, carry);
  add_multi(app, take);
  add_delete_all(app, take);
  add_set_acl(app, take);
}

}  // namespace troupe::cli
