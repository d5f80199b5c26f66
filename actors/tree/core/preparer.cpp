#include "actors/tree/core/preparer.hpp"

#include <limits>
#include <utility>

#include <troupe/base/check.hpp>
#include <troupe/base/znode_path.hpp>

#include "actors/tree/core/checks.hpp"

namespace troupe::tree {
namespace {

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;  // clang 14 does not deduce it by itself

bool is_empty(const write_op& op) noexcept {
  const auto* multi = std::get_if<multi_op>(&op);
  const auto* script = std::get_if<script_op>(&op);
  return (multi && multi->items.empty()) || (script && script->steps.empty());
}

/// Sessions themselves begin and end once anyway.
bool is_remembered(const write_op& op) noexcept {
  return !std::holds_alternative<create_session_op>(op) &&
         !std::holds_alternative<close_session_op>(op);
}

}  // namespace

void preparer::lead(std::uint32_t epoch, std::string secret, bool ensemble) {
  TROUPE_CHECK(epoch > committed_.applied().epoch(), "a new leader has an epoch of its own");
  overlay_.clear();
  owners_.begin(ensemble);
  epoch_ = epoch;
  last_ = zxid::of(epoch, 0);
  last_proposed_ = committed_.applied();
  secret_ = committed_.secret().empty() ? std::move(secret) : std::string{};
}

void preparer::stop() {
  overlay_.clear();
  owners_.begin(false);
  epoch_ = 0;
}

bool preparer::exhausted() const noexcept {
  return leading() && last_.counter() == std::numeric_limits<std::uint32_t>::max();
}

void preparer::applied(zxid at) {
  if (leading()) overlay_.applied(at);
}

std::variant<txn, verdict> preparer::prepare(write_request request, wall_time now) {
  TROUPE_CHECK(leading(), "only a leader prepares");
  const auto kind = kind_of(request.op);
  const auto* what = std::get_if<decide_op>(&request.op);
  if (!what && owners_.watches() && has_moved(request))
    return refuse(request, error_code::session_moved, 0, kind);
  if (const auto* sync = std::get_if<sync_op>(&request.op))
    return verdict{request.origin,
                   request.session,
                   last_proposed_,
                   {write_result{error_code::ok, sync->path, {}}},
                   kind};
  // Nothing to decide: it succeeds, and there is nothing to log.
  if (is_empty(request.op))
    return verdict{request.origin, request.session, last_proposed_, {}, kind};
  if (exhausted()) return refuse(request, error_code::not_read_only, 0, kind);
  if (what) return decide(request, *what->what, now);
  if (request.request_id != 0 && is_repeated(request))
    return verdict{request.origin, request.session, last_proposed_, {}, kind, request.request_id};
  if (auto* script = std::get_if<script_op>(&request.op))
    return prepare_script(request, *script, now);

  auto decided = begin(request, kind, now);
  const auto before = decided.changes.size();
  auto op = std::move(request.op);
  const auto error = prepare_op(request, decided, op);
  if (error != error_code::ok) {
    overlay_.drop();
    request.op = std::move(op);
    return refuse(request, error, decided.changes.size() - before, kind);
  }
  if (decided.request_id != 0 && is_remembered(op))
    decided.changes.emplace_back(change::answered{{}, true});
  finish(decided);
  return decided;
}

txn preparer::begin(const write_request& request, txn_kind kind, wall_time now) {
  overlay_.begin(last_.next(), now);
  txn decided;
  decided.session = request.session;
  decided.origin = request.origin;
  decided.request_id = request.session ? request.request_id : 0;
  decided.kind = kind;
  if (!secret_.empty()) decided.changes.emplace_back(change::set_secret{secret_});
  return decided;
}

bool preparer::is_repeated(const write_request& request) const {
  return overlay_.is_open(request.session) &&
         overlay_.remembers(request.session, request.request_id);
}

/// A leader that has not heard yet where the session is knows from the history where it was.
bool preparer::is_left_behind(const write_request& request, const last_write& newest) noexcept {
  const bool elsewhere = newest.server != server_id{} && newest.server != request.origin.server;
  return elsewhere && request.since != zxid{} && request.since < newest.at;
}

/// What the servers themselves ask for has no way back, and no owner. The end of a session is not
/// compared either, as in ZooKeeper: it is the last of it, whoever asks.
bool preparer::has_moved(const write_request& request) {
  if (request.origin.server == server_id{} || !overlay_.is_open(request.session)) return false;
  if (std::holds_alternative<close_session_op>(request.op)) return false;
  if (const auto* owner = owners_.find(request.session)) return *owner != request.origin.server;
  const auto* known = committed_.sessions().find(request.session);
  if (known && is_left_behind(request, known->newest)) return true;
  owners_.own(request.session, request.origin.server);
  return false;
}

preparer::outcome preparer::prepare_op(const write_request& request, txn& into, write_op& op) {
  const auto in = context_of(request);
  return std::visit(
      overloaded{
          [&](multi_op& multi) { return prepare_multi(request, into, multi); },
          [&](create_session_op& create) {
            if (!request.session) return error_code::bad_arguments;
            const bool is_new = request.origin.server != server_id{};
            if (!is_new && !overlay_.is_open(request.session)) return error_code::session_expired;
            overlay_.open(request.session);
            into.changes.emplace_back(change::create_session{request.session, create.timeout});
            return error_code::ok;
          },
          [&](close_session_op& close) {
            return close_session(request.session, close.cause, into);
          },
          // Those never come here.
          [](sync_op&) { return error_code::ok; }, [](script_op&) { return error_code::ok; },
          [](decide_op&) { return error_code::ok; },
          [&](auto& single) { return check_and_draft(in, single, into.changes); }},
      op);
}

preparer::outcome preparer::prepare_multi(const write_request& request, txn& into, multi_op& op) {
  const auto in = context_of(request);
  for (auto& item : op.items) {
    const auto error =
        std::visit([&](auto& single) { return check_and_draft(in, single, into.changes); }, item);
    if (error != error_code::ok) return error;
  }
  return error_code::ok;
}

preparer::outcome preparer::close_session(session_id session, close_cause cause, txn& into) {
  if (!overlay_.is_open(session)) return error_code::session_expired;
  for (auto& path : overlay_.ephemerals_of(session)) {
    draft_deletion(overlay_, path, overlay_.look(path));
    into.changes.emplace_back(change::delete_node{std::move(path)});
  }
  overlay_.close(session);
  owners_.closed(session);
  into.changes.emplace_back(change::close_session{session, cause});
  return error_code::ok;
}

verdict preparer::refuse(const write_request& request, outcome error, std::size_t failed_at,
                         txn_kind kind) const {
  verdict refusal{request.origin, request.session, last_proposed_, {}, kind};
  refusal.results.resize(results_of(request.op));
  for (std::size_t i = 0; i < refusal.results.size(); ++i) {
    // Operations before the one that failed were fine, and are rolled back; those after it were
    // never looked at.
    refusal.results[i].error = i < failed_at    ? error_code::ok
                               : i == failed_at ? error
                                                : error_code::runtime_inconsistency;
  }
  return refusal;
}

void preparer::finish(txn& decided) {
  last_ = overlay_.draft_at();
  last_proposed_ = last_;
  decided.zxid = last_;
  decided.time = overlay_.draft_time();
  if (!decided.changes.empty())
    if (const auto* told = std::get_if<change::answered>(&decided.changes.back());
        told && told->remembered)
      overlay_.remember(decided.session, decided.request_id, weight_of(decided));
  overlay_.merge();
  secret_.clear();
}

std::optional<txn> preparer::reap(const std::string& path, wall_time now) {
  TROUPE_CHECK(leading(), "only a leader reaps");
  auto node = overlay_.look(path);
  const bool goes = node.exists && node.num_children == 0 &&
                    (node.kind == node_kind::container || node.kind == node_kind::ttl);
  if (!goes || exhausted()) return std::nullopt;
  auto decided = begin({}, txn_kind::reap, now);
  draft_deletion(overlay_, path, std::move(node));
  decided.changes.emplace_back(change::delete_node{path});
  finish(decided);
  return decided;
}

}  // namespace troupe::tree
