#include "actors/storage/memory_actor.hpp"

#include "actors/storage/core/file_names.hpp"

namespace troupe::storage {

namespace messages = role::storage;

caf::behavior memory_actor::make_behavior() {
  return handlers<messages::actor, role::component::actor>(
      [this](messages::append& m) { append(m); },
      [this](messages::attach_log& m) { log_client_ = std::move(m.client); },
      [this](messages::attach_snapshots& m) { snapshot_client_ = std::move(m.client); },
      [this](messages::recover_next&) {
        messages::recovery::end end;
        end.start_number = 1;
        log_client_.send(messages::recovered{end});
      },
      [this](messages::write_epochs& m) { log_client_.send(messages::epochs_written{m.epochs}); },
      [this](messages::snapshot_begin&) { snapshot_client_.send(messages::snapshot_progress{}); },
      [this](messages::snapshot_chunk&) { snapshot_client_.send(messages::snapshot_progress{}); },
      [this](messages::snapshot_end&) {
        snapshot_client_.send(messages::snapshot_progress{.finished = true});
      },
      [this](role::component::start&) { report_ready(); },
      [this](role::component::stop&) { finish(); },
      [this](role::component::report_status& m) {
        supervisor_.send(role::component::status_report{
            m.token, number_, {{"last_zxid", to_text(last_)}, {"durable", "false"}}});
      });
}

void memory_actor::append(messages::append& message) {
  if (message.txns.empty()) return;
  last_ = message.txns.back().zxid;
  log_client_.send(messages::persisted{last_});
}

void memory_actor::on_exit() {
  log_client_.reset();
  snapshot_client_.reset();
}

}  // namespace troupe::storage
