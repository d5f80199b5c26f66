#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/shell/verbs.hpp"

namespace troupe::cli {
namespace {

int whoami(workplace& at) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& one : at.with.identities())
    all.emplace_back(one.scheme, one.id);
  at.show.pairs(all);
  return exit_ok;
}

int status(workplace& at) {
  at.show.pairs(at.with.server_facts());
  return exit_ok;
}

int sync(const std::string& path, workplace& at) {
  const auto results = at.with.write(sync_op{path});
  if (results.front().error != error_code::ok) return refused(at, path, results.front().error);
  at.show.done();
  return exit_ok;
}

int add_identity(const std::string& scheme, const std::string& secret, workplace& at) {
  const auto error = at.with.authenticate(scheme, secret);
  if (error != error_code::ok) return refused(at, scheme, error);
  at.show.done();
  return exit_ok;
}

}  // namespace

void add_session_verbs(CLI::App& app, const take_job& take) {
  app.add_subcommand("status", "Show facts about the server that answers")->callback([take] {
    take(status);
  });
  app.add_subcommand("whoami", "Show the identities of this session")->callback([take] {
    take(whoami);
  });

  const auto path = std::make_shared<std::string>("/");
  auto& sync_command =
      *app.add_subcommand("sync", "Wait until this server has everything that was committed");
  sync_command.add_option("PATH", *path, "For the sake of zkCli; it does not matter");
  sync_command.callback([take, path] { take([path](workplace& at) { return sync(*path, at); }); });

  const auto scheme = std::make_shared<std::string>();
  const auto secret = std::make_shared<std::string>();
  auto& auth = *app.add_subcommand("addauth", "Take on an identity as well: digest USER:PASSWORD");
  auth.add_option("SCHEME", *scheme, "digest")->required();
  auth.add_option("SECRET", *secret, "Of digest: USER:PASSWORD")->required();
  auth.callback([take, scheme, secret] {
    take([scheme, secret](workplace& at) { return add_identity(*scheme, *secret, at); });
  });
}

}  // namespace troupe::cli
