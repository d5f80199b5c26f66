#include "runtime/client/state_machine.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include <kj/debug.h>

#include "runtime/client/codec/sizes.hpp"

namespace troupe::client {
namespace {

/// Of a message, for what is not in the operations themselves.
constexpr std::size_t message_overhead = 4096;
/// Writes that a session remembers by their request ids, less some for what was done in between.
constexpr std::size_t most_remembered = 100;
/// And what their answers may come to, in the measure of the session's window (64 KiB): each result
/// counts this much beside its path.
constexpr std::size_t most_remembered_bytes = 48 * 1024, result_bytes = 160;

/// At least what the answer to a write counts in the window.
std::size_t remembered_bytes(const operation& what) {
  return std::visit(
      [&]<class Op>(const Op& op) -> std::size_t {
        if constexpr (std::is_same_v<Op, multi_op>) {
          std::size_t bytes = 0;
          for (const auto& item : op.items)
            bytes +=
                result_bytes + std::visit([](const auto& one) { return one.path.size(); }, item);
          return bytes;
        } else if constexpr (std::is_same_v<Op, script_op>) {
          // Steps may stand in steps, and every one is some bytes long.
          return result_bytes * (op.steps.size() + codec::size_of(what) / 16);
        } else if constexpr (requires { op.path; }) {
          return result_bytes + op.path.size();
        } else {
          return result_bytes;
        }
      },
      std::get<write_op>(what));
}

bool is_write(const codec::asked& one) { return std::holds_alternative<write_op>(one.what); }

bool is_of_the_protocol(const operation& what) {
  const auto* write = std::get_if<write_op>(&what);
  return !write || !(std::holds_alternative<create_session_op>(*write) ||
                     std::holds_alternative<close_session_op>(*write) ||
                     std::holds_alternative<decide_op>(*write));
}

answer failed(problem why) {
  answer made;
  made.why = std::move(why);
  made.read.error = to_error_code(made.why.what);
  return made;
}

}  // namespace

session::state_machine::state_machine(environment around, settings how, listener told)
    : around_(around), how_(std::move(how)), told_(std::move(told)), random_(around.seed),
      pause_(how_.longest_pause),
      next_server_(random_.below(std::max<std::uint64_t>(how_.servers.size(), 1))), tasks_(*this) {
  wanted_.timeout = how_.session_timeout;
  life_ = kj::evalLater([this] { return keep_connected(); }).eagerlyEvaluate(nullptr);
}

session::state_machine::~state_machine() noexcept = default;

void session::state_machine::taskFailed(kj::Exception&& error) {
  KJ_LOG(ERROR, "a client's task failed", error);
}

monotonic_time session::state_machine::now() const {
  return {nanoseconds{(around_.timer.now() - kj::origin<kj::TimePoint>()) / kj::NANOSECONDS}};
}

void session::state_machine::set_state(session_state next) {
  if (std::exchange(state_, next) == next) return;
  if (told_.on_state) told_.on_state(next);
}

// --------------------------------------------------------------- operations

kj::Promise<answer> session::state_machine::submit(operation what, freshness how_new) {
  if (over() || closing_) return failed({fault::session_lost, {}, 0, 0, why_lost_.text});
  if (!is_of_the_protocol(what)) {
    return failed(
        {fault::bad_arguments,
         {},
         0,
         0,
         "sessions begin and end by other ways, and decisions never leave their process"});
  }
  if (count_ >= how_.max_waiting) {
    return failed({fault::too_many_waiting,
                   {},
                   how_.max_waiting,
                   count_ + 1,
                   "max_waiting operations have no answer yet"});
  }
  auto promise = kj::newPromiseAndFulfiller<answer>();
  const auto request_id =
      how_.retry_writes && std::holds_alternative<write_op>(what) ? ++request_ids_ : 0;
  queue_.push_back({{std::move(what), how_new, request_id}, kj::mv(promise.fulfiller)});
  ++count_;
  flush_later();
  return kj::mv(promise.promise);
}

void session::state_machine::flush_later() {
  if (state_ != session_state::connected || queue_.empty() || std::exchange(flush_due_, true))
    return;
  tasks_.add(kj::evalLater([this] {
    flush_due_ = false;
    flush();
  }));
}

/// Whoever waits for a write waits for the disk; so reads in front of writes go by themselves.
bool session::state_machine::fits(const flight& batch, std::size_t bytes,
                                  const waiting& next) const {
  if (batch.batch.empty()) return true;
  if (batch.batch.size() >= facts_.most_operations) return false;
  if (bytes + codec::size_of(next.op.what) + message_overhead > facts_.most_bytes) return false;
  return !is_write(next.op) || is_write(batch.batch.front());
}

void session::state_machine::flush() {
  while (state_ == session_state::connected && !queue_.empty()) {
    if (const auto size = codec::size_of(queue_.front().op.what) + message_overhead;
        size > facts_.most_bytes) {
      // It would end the connection, again and again.
      auto large = std::move(queue_.front());
      queue_.pop_front();
      settle_one(large.op, kj::mv(large.to),
                 failed({fault::too_large,
                         {},
                         facts_.most_bytes,
                         size,
                         "the server takes no message of this size (max_message_bytes)"}));
      continue;
    }
    auto batch = std::make_shared<flight>();
    std::size_t bytes = 0;
    while (!queue_.empty() && fits(*batch, bytes, queue_.front())) {
      auto& next = queue_.front();
      bytes += codec::size_of(next.op.what);
      batch->batch.push_back(std::move(next.op));
      batch->to.push_back(kj::mv(next.to));
      queue_.pop_front();
    }
    send(std::move(batch));
  }
}

void session::state_machine::send(shared_flight batch) {
  batch->sent = now();
  liveness_.said(batch->sent);
  flights_.push_back(batch);
  tasks_.add(connection_->submit(batch->batch)
                 .then([this, batch](codec::answers&& got) { answered(batch, std::move(got)); },
                       [this, batch](kj::Exception&& why) {
                         if (batch->over) return;
                         // Without a connection nobody knows what became of it. An answer that
                         // cannot be made or read is not asked for again.
                         if (why.getType() == kj::Exception::Type::DISCONNECTED)
                           return disconnect();
                         refused(batch, why);
                       }));
}

void session::state_machine::refused(const shared_flight& batch, const kj::Exception& why) {
  codec::answers all;
  const auto none = failed({fault::system_error, {}, 0, 0, why.getDescription().cStr()});
  all.each.resize(batch->batch.size(), none);
  settle(batch, std::move(all));
}

void session::state_machine::answered(const shared_flight& batch, codec::answers&& answers) {
  if (batch->over) return;
  liveness_.answered(batch->sent, now(), flights_.size() > 1);
  if (answers.events > events_seen_ || !held_.empty()) {
    held_.push_back({batch, std::move(answers)});
    return;
  }
  settle(batch, std::move(answers));
}

void session::state_machine::settle(const shared_flight& batch, codec::answers&& answers) {
  batch->over = true;
  std::erase(flights_, batch);
  for (std::size_t i = 0; i < batch->batch.size(); ++i)
    settle_one(batch->batch[i], kj::mv(batch->to[i]), std::move(answers.each[i]));
  close_if_idle();
}

void session::state_machine::settle_one(const codec::asked& asked, fulfiller to, answer&& what) {
  wanted_.seen = std::max(wanted_.seen, what.zxid);
  what.read.error = to_error_code(what.why.what);
  if (const auto* read = std::get_if<read_op>(&asked.what)) watches_.answered(*read, what.read);
  if (to.get() == nullptr) return;
  --count_;
  to->fulfill(std::move(what));
}

/// The connection is gone. What only read, and what its server remembers, is asked again.
void session::state_machine::give_up(flight& batch, bool again) {
  batch.over = true;
  for (std::size_t i = batch.batch.size(); i-- > 0;) {
    if (batch.to[i].get() == nullptr) continue;
    auto& one = batch.batch[i];
    if (!over() && (!is_write(one) || (again && one.request_id != 0))) {
      queue_.push_front({std::move(one), kj::mv(batch.to[i])});
      continue;
    }
    --count_;
    const auto why = over() ? fault::session_lost : fault::connection_lost;
    batch.to[i]->fulfill(failed({why, {}, 0, 0, "nobody knows whether it was done"}));
  }
}

/// Whether the session remembers all writes under way, if they were done.
bool session::state_machine::are_remembered() const {
  std::size_t writes = 0, bytes = 0;
  for (const auto& flying : flights_) {
    for (const auto& one : flying->batch) {
      if (!is_write(one)) continue;
      ++writes;
      bytes += remembered_bytes(one.what);
    }
  }
  // The newest is remembered whatever it comes to.
  return writes <= 1 || (writes <= most_remembered && bytes <= most_remembered_bytes);
}

void session::state_machine::happened(std::vector<event> events) {
  for (auto& one : events) {
    ++events_seen_;
    watches_.fired(one.kind, one.path);
    wanted_.seen = std::max(wanted_.seen, one.zxid);
    if (told_.on_event) told_.on_event(one);
  }
  while (!held_.empty() && held_.front().answers.events <= events_seen_) {
    auto next = std::move(held_.front());
    held_.pop_front();
    settle(next.of, std::move(next.answers));
  }
}

// -------------------------------------------------------------- other calls

kj::Promise<problem> session::state_machine::authenticate(credential who) {
  if (over()) return problem{fault::session_lost, {}, 0, 0, why_lost_.text};
  return when_connected()
      .then([this, who]() -> kj::Promise<problem> {
        if (connection_.get() == nullptr) return problem{fault::connection_lost, {}, 0, 0, {}};
        return connection_->authenticate(who);
      })
      .then(
          [this, who](problem&& why) {
            if (why.what == fault::none) how_.credentials.push_back(who);
            return std::move(why);
          },
          [](kj::Exception&& error) {
            return problem{fault::connection_lost, {}, 0, 0, error.getDescription().cStr()};
          });
}

kj::Promise<std::vector<identity>> session::state_machine::identities() {
  return when_connected().then([this]() -> kj::Promise<std::vector<identity>> {
    if (connection_.get() == nullptr) return KJ_EXCEPTION(DISCONNECTED, "the connection is lost");
    return connection_->identities();
  });
}

kj::Promise<void> session::state_machine::when_connected() {
  if (state_ == session_state::connected) return kj::READY_NOW;
  auto promise = kj::newPromiseAndFulfiller<void>();
  if (over())
    promise.fulfiller->reject(KJ_EXCEPTION(FAILED, "the session is lost", why_lost_.text.c_str()));
  else
    connected_wishes_.push_back(kj::mv(promise.fulfiller));
  return kj::mv(promise.promise);
}

kj::Promise<void> session::state_machine::close() {
  if (over()) return kj::READY_NOW;
  closing_ = true;
  auto promise = kj::newPromiseAndFulfiller<void>();
  close_wishes_.push_back(kj::mv(promise.fulfiller));
  if (!wanted_.id && state_ == session_state::connecting) {
    tasks_.add(kj::evalLater([this] { finish(session_state::closed, {fault::session_lost}); }));
  } else {
    tasks_.add(kj::evalLater([this] { close_if_idle(); }));
  }
  return kj::mv(promise.promise);
}

void session::state_machine::close_if_idle() {
  if (!closing_ || close_sent_ || !queue_.empty() || !flights_.empty()) return;
  if (state_ != session_state::connected) return;
  close_sent_ = true;
  tasks_.add(connection_->close().then(
      [this] {
        finish(session_state::closed, {fault::session_lost, {}, 0, 0, "closed"});
      },
      [this](kj::Exception&&) {
        close_sent_ = false;  // asked again in the next connection
        disconnect();
      }));
}

}  // namespace troupe::client
