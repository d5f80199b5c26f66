#include "actors/tree/core/mount_guards.hpp"

#include <exception>

#include "actors/tree/core/decision_run.hpp"

namespace troupe::tree {
namespace {

bool is_within(std::string_view path, std::string_view mount) noexcept {
  return path.starts_with(mount) &&
         (path.size() == mount.size() || mount == "/" || path[mount.size()] == '/');
}

}  // namespace

void mount_guards::set(std::string mount, std::shared_ptr<const mount_guard> guard) {
  if (guard)
    guards_[std::move(mount)] = std::move(guard);
  else
    guards_.erase(mount);
}

void mount_guards::complain(complaint about) {
  if (complaints_.size() < most_complaints) complaints_.push_back(std::move(about));
}

error_code mount_guards::ask(const mount_guard::write& what) {
  for (const auto& [mount, guard] : guards_)
    if (is_within(what.path, mount))
      if (const auto error = ask(*guard, what); error != error_code::ok) return error;
  return error_code::ok;
}

error_code mount_guards::ask(const mount_guard& guard, const mount_guard::write& what) {
  using kind = complaint::kind;
  std::vector<txn_change> nothing;
  decision_run view{committed_, options_, pending_, nothing};
  const auto refuse = [&](kind why, std::string reason, error_code error) {
    complain(
        {why, std::string{guard.name()}, std::move(reason), what.session, std::string{what.path}});
    return error;
  };
  try {
    auto objection = guard.objection(view, what);
    if (view.exceeded())
      return refuse(kind::guard_failed, "it exceeded its budget", error_code::system_error);
    if (!objection) return error_code::ok;
    return refuse(kind::guard_objected, *std::move(objection), error_code::no_auth);
  } catch (const std::exception& e) {
    return refuse(kind::guard_failed, e.what(), error_code::system_error);
  } catch (...) {
    return refuse(kind::guard_failed, "it threw something that is no exception",
                  error_code::system_error);
  }
}

}  // namespace troupe::tree
