#include "actors/storage/memory_actor.hpp"

#include <algorithm>
#include <utility>

#include "actors/storage/core/file_names.hpp"

namespace troupe::storage {

namespace messages = role::storage;

caf::behavior memory_actor::make_behavior() {
  return handlers<messages::actor, role::component::actor>(
      [this](messages::append& m) { append(m); },
      [this](messages::attach_log& m) { log_client_ = std::move(m.client); },
      [this](messages::attach_snapshots& m) { snapshot_client_ = std::move(m.client); },
      [this](messages::attach_history& m) { history_client_ = std::move(m.client); },
      [this](messages::recover_next&) {
        messages::recovery::end end;
        end.start_number = 1;
        log_client_.send(messages::recovered{std::move(end)});
      },
      [this](messages::write_epochs& m) { log_client_.send(messages::epochs_written{m.epochs}); },
      [this](messages::read_range& m) { give_range(m); },
      [this](messages::locate& m) {
        history_client_.send(messages::located{m.token, m.zxid, log_.hash_at(m.zxid)});
      },
      [this](messages::describe& m) { describe(m.token); },
      [this](messages::truncate& m) { truncate(m.after); },
      [this](messages::snapshot_begin&) { snapshot_client_.send(messages::snapshot_progress{}); },
      [this](messages::snapshot_chunk&) { snapshot_client_.send(messages::snapshot_progress{}); },
      [this](messages::snapshot_end&) {
        snapshot_client_.send(messages::snapshot_progress{.finished = true});
      },
      [this](role::component::start&) { report_ready(); },
      [this](role::component::stop&) { finish(); },
      [this](role::component::report_status& m) {
        supervisor_.send(role::component::status_report{
            m.token, number_, {{"last_zxid", to_text(log_.last().zxid)}, {"durable", "false"}}});
      });
}

void memory_actor::append(messages::append& message) {
  log_.append(message.txns);
  committed_ = std::max(committed_, std::min(message.committed, log_.last().zxid));
  if (!message.txns.empty()) log_client_.send(messages::persisted{log_.last().zxid});
}

void memory_actor::give_range(const messages::read_range& asked) {
  auto found = log_.read(asked.after, asked.most_bytes);
  messages::range answer{asked.token, {}, {asked.after, 0}, false, !found, log_.log_after()};
  if (found) {
    answer.txns = std::move(found->txns);
    answer.after.hash = found->after.hash;
    answer.more = found->more;
  }
  history_client_.send(std::move(answer));
}

void memory_actor::describe(std::uint64_t token) {
  messages::described answer{token, {log_.last().zxid, log_.last().hash}, log_.log_after(), {}};
  for (const auto& point : log_.epoch_ends())
    answer.epoch_ends.push_back({point.zxid, point.hash});
  history_client_.send(std::move(answer));
}

void memory_actor::truncate(zxid after) {
  if (after < committed_) {
    return fail("the history was to be cut after " + to_text(after) + ", although " +
                to_text(committed_) + " is committed; this is a mistake in the program");
  }
  if (after < log_.last().zxid && !log_.cut(after)) {
    return fail("the history was to be cut after " + to_text(after) +
                ", which is not in it; this is a mistake in the program");
  }
  history_client_.send(messages::truncated{{log_.last().zxid, log_.last().hash}});
}

void memory_actor::on_exit() {
  log_client_.reset();
  snapshot_client_.reset();
  history_client_.reset();
}

}  // namespace troupe::storage
