/// The commands that work on a tree: the same for the shell and for single commands.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include <CLI/App.hpp>

#include "runtime/cli/shell/printer.hpp"
#include "runtime/cli/shell/session.hpp"

namespace troupe::cli {

/// Where a command works.
struct workplace {
  session& with;
  printer& show;
  std::ostream& err;
};

/// What a parsed command line wants done; returns an exit code.
using job = std::function<int(workplace&)>;
using take_job = std::function<void(job)>;

/// Declares the commands; parsing one of them gives its job. zkCli's names are aliases.
void add_verbs(CLI::App& app, const take_job& take);

// Its parts.
void add_reading_verbs(CLI::App& app, const take_job& take);
void add_writing_verbs(CLI::App& app, const take_job& take);
void add_quota_verbs(CLI::App& app, const take_job& take);
void add_session_verbs(CLI::App& app, const take_job& take);

/// Says why the server refused, and returns the exit code for that.
int refused(workplace& at, const std::string& path, error_code error);

/// The subtree below `path`, parents before their children. Gives what `visit` returns if that is
/// not zero, which ends it.
int walk(workplace& at, const std::string& path,
         const std::function<int(const std::string& path, std::size_t level)>& visit);

/// "/a" and "b" give "/a/b"; "/" and "b" give "/b".
std::string child_path(const std::string& parent, const std::string& name);

}  // namespace troupe::cli
