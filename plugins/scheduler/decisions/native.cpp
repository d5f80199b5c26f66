#include "decisions/native.hpp"

#include "core/text.hpp"
#include "decisions/watching.hpp"

namespace scheduler {

using troupe::error_code;

namespace {

void check_owner(book& with, const std::string& worker, troupe::session_id session) {
  const auto facts = with.tree().node(with.paths().worker(worker));
  if (!is_name(worker) || !facts || facts->stat.ephemeral_owner != session) {
    refuse(error_code::no_auth, "the worker \"" + worker.substr(0, 80) +
                                    "\" is not registered by this session; register it");
  }
}

}  // namespace

void register_worker(book& with, const std::string& worker, const std::string& record,
                     troupe::session_id session) {
  if (!is_name(worker)) {
    refuse(error_code::bad_arguments,
           "\"" + worker.substr(0, 80) + "\" is no worker: it is 1 to 64 of a-z A-Z 0-9 _ and -");
  }
  if (const auto read = read_worker(record); !read) {
    refuse(error_code::bad_arguments, "worker \"" + worker + "\": " + read.error().message);
  }
  const auto path = with.paths().worker(worker);
  const auto facts = with.tree().node(path);
  if (facts && facts->stat.ephemeral_owner != session) {
    refuse(error_code::node_exists, "another session is the worker \"" + worker + "\"");
  }
  if (facts) {
    must(with.tree().set_data(path, troupe::blob{record}, troupe::any_version), "write", path);
  } else {
    troupe::create_op op;
    op.path = path;
    op.data = troupe::blob{record};
    op.acl = {{troupe::permission_all, {"world", "anyone"}}};
    op.kind = troupe::node_kind::ephemeral;
    must(with.tree().create(std::move(op), session).error, "create", path);
  }
  greet(with, worker);
}

std::vector<std::pair<std::string, std::string>> inbox_of(book& with, const std::string& worker,
                                                          troupe::session_id session) {
  check_owner(with, worker, session);
  std::vector<std::pair<std::string, std::string>> found;
  const auto folder = with.paths().inbox(worker);
  for (const auto& name : with.tree().children(folder))
    if (const auto facts = with.tree().node(folder + "/" + name))
      found.emplace_back(name, std::string{facts->data.view()});
  return found;
}

std::vector<std::optional<hearing>>
hear(book& with, const std::string& worker,
     const std::vector<std::pair<std::string, std::string>>& reports, troupe::session_id session) {
  check_owner(with, worker, session);
  std::vector<std::optional<hearing>> answers;
  for (const auto& [name, text] : reports) {
    const auto task = task_of(name);
    const auto report = read_report(text);
    if (task && report) {
      answers.emplace_back(hear_report(with, *task, worker, *report));
    } else {
      answers.emplace_back();
    }
  }
  return answers;
}

}  // namespace scheduler
