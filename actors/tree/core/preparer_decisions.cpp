// Decisions and scripts in the prepare stage.
#include <exception>
#include <utility>

#include "actors/tree/core/decision_run.hpp"
#include "actors/tree/core/preparer.hpp"
#include "actors/tree/core/script_run.hpp"

namespace troupe::tree {

std::variant<txn, verdict> preparer::decide(const write_request& request, const decision& what,
                                            wall_time now) {
  auto decided = begin(request, txn_kind::multi, now);
  // Whose session this is for says nothing about where that session's client is.
  decided.session = {};
  decided.request_id = 0;
  const auto before = decided.changes.size();
  const auto error = request.session && !overlay_.is_open(request.session)
                         ? error_code::session_expired
                         : run(request, what, decided);
  if (error == error_code::ok && decided.changes.size() > before) {
    finish(decided);
    return decided;
  }
  overlay_.drop();
  return verdict{
      request.origin, {}, last_proposed_, {write_result{error, {}, {}}}, txn_kind::multi};
}

preparer::outcome preparer::run(const write_request& request, const decision& what, txn& into) {
  decision_run view{committed_, options_, overlay_, into.changes};
  const auto failed = [&](error_code error, const char* why) {
    guards_.complain(
        {complaint::kind::decision_failed, std::string{what.name()}, why, request.session, {}});
    replies_.keep(request.origin, error, blob{std::string_view{why}});
    return error;
  };
  try {
    auto reply = what.decide(view);
    if (view.exceeded())
      return failed(error_code::limit_exceeded, "it went on after it had exceeded its budget");
    replies_.keep(request.origin, error_code::ok, std::move(reply));
    return error_code::ok;
  } catch (const decision_refused& refusal) {
    replies_.keep(request.origin, refusal.error(), blob{std::string_view{refusal.what()}});
    return refusal.error() == error_code::ok ? error_code::decision_failed : refusal.error();
  } catch (const decision_over_budget& e) {
    return failed(error_code::limit_exceeded, e.what());
  } catch (const std::exception& e) {
    return failed(error_code::decision_failed, e.what());
  } catch (...) {
    return failed(error_code::decision_failed, "it threw something that is no exception");
  }
}

std::variant<txn, verdict> preparer::prepare_script(const write_request& request, script_op& script,
                                                    wall_time now) {
  auto decided = begin(request, txn_kind::multi, now);
  const auto in = context_of(request);
  script_run run{in, decided.changes};
  const auto error = run.run(script);
  if (error == error_code::ok && run.changes_something()) {
    decided.changes.emplace_back(change::answered{std::move(run.told()), decided.request_id != 0});
    finish(decided);
    return decided;
  }
  overlay_.drop();
  return verdict{request.origin, request.session, last_proposed_, std::move(run.results()),
                 txn_kind::multi};
}

}  // namespace troupe::tree
