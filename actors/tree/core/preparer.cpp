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

/// How many results a refusal has.
std::size_t size_of(const write_op& op) noexcept {
  const auto* multi = std::get_if<multi_op>(&op);
  return multi ? multi->items.size() : 1;
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
  if (owners_.watches() && has_moved(request))
    return refuse(request, error_code::session_moved, 0, kind);
  const auto* empty_multi = std::get_if<multi_op>(&request.op);
  if (const auto* sync = std::get_if<sync_op>(&request.op))
    return verdict{request.origin,
                   request.session,
                   last_proposed_,
                   {write_result{error_code::ok, sync->path, {}}},
                   kind};
  // Nothing to decide: it succeeds, and there is nothing to log.
  if (empty_multi && empty_multi->items.empty())
    return verdict{request.origin, request.session, last_proposed_, {}, kind};
  if (exhausted()) return refuse(request, error_code::not_read_only, 0, kind);

  txn decided;
  decided.session = request.session;
  decided.origin = request.origin;
  decided.request_id = request.request_id;
  decided.kind = kind;
  if (!secret_.empty()) decided.changes.emplace_back(change::set_secret{secret_});
  const auto before = decided.changes.size();
  auto op = std::move(request.op);
  const auto error = prepare_op(request, decided, op);
  if (error != error_code::ok) {
    overlay_.drop();
    request.op = std::move(op);
    return refuse(request, error, decided.changes.size() - before, kind);
  }
  finish(decided, now);
  return decided;
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
  const check_context in{committed_, options_, overlay_, request.session, request.who};
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
          [](sync_op&) { return error_code::ok; },
          [&](auto& single) { return check_and_draft(in, single, into.changes); }},
      op);
}

preparer::outcome preparer::prepare_multi(const write_request& request, txn& into, multi_op& op) {
  const check_context in{committed_, options_, overlay_, request.session, request.who};
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
  refusal.results.resize(size_of(request.op));
  for (std::size_t i = 0; i < refusal.results.size(); ++i) {
    // Operations before the one that failed were fine, and are rolled back; those after it were
    // never looked at.
    refusal.results[i].error = i < failed_at    ? error_code::ok
                               : i == failed_at ? error
                                                : error_code::runtime_inconsistency;
  }
  return refusal;
}

void preparer::finish(txn& decided, wall_time now) {
  last_ = last_.next();
  last_proposed_ = last_;
  decided.zxid = last_;
  decided.time = now;
  overlay_.merge(last_);
  secret_.clear();
}

std::optional<txn> preparer::reap(const std::string& path, wall_time now) {
  TROUPE_CHECK(leading(), "only a leader reaps");
  auto node = overlay_.look(path);
  const bool goes = node.exists && node.num_children == 0 &&
                    (node.kind == node_kind::container || node.kind == node_kind::ttl);
  if (!goes || exhausted()) return std::nullopt;
  txn decided;
  decided.kind = txn_kind::reap;
  if (!secret_.empty()) decided.changes.emplace_back(change::set_secret{secret_});
  draft_deletion(overlay_, path, std::move(node));
  decided.changes.emplace_back(change::delete_node{path});
  finish(decided, now);
  return decided;
}

}  // namespace troupe::tree
