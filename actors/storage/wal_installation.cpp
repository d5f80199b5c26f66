// A snapshot of another server, which takes the place of the history.
#include <utility>

#include <troupe/sdk/log.hpp>

#include "actors/storage/core/file_names.hpp"
#include "actors/storage/files/installation.hpp"
#include "actors/storage/wal_jobs.hpp"

namespace troupe::storage {

namespace messages = role::storage;

void wal_actor::begin_installation(const messages::install_begin& message) {
  if (!recovered_all_) return fail("a snapshot was received before the recovered state was given");
  if (change_ != change::none)
    return fail("a snapshot was received while the history was to be changed");
  if (stopping_) return;
  abandon_installation();
  incoming_base_ = {message.zxid, message.history_hash};
  incoming_ = std::make_shared<snapshot_writer>(
      ports_.disk, instance_, message.zxid, message.tree_digest, received_snapshot(message.zxid));
  run<sdk::io_status>(
      file_lane_, [to = incoming_] { return to->begin(); },
      [this, to = incoming_](sdk::io_status& status) { use_installation_step(to, status); });
}

void wal_actor::add_to_installation(messages::install_chunk& message) {
  if (!incoming_) return;  // given up; the sender was told
  if (change_ != change::none)
    return fail("a chunk of a snapshot was received while the history was to be changed");
  if (message.bytes.size() > largest_chunk)
    return fail("a chunk of a received snapshot is larger than any can be");
  run<sdk::io_status>(
      file_lane_, [to = incoming_, bytes = message.bytes] { return to->add(bytes.view()); },
      [this, to = incoming_](sdk::io_status& status) { use_installation_step(to, status); });
}

void wal_actor::use_installation_step(const std::shared_ptr<snapshot_writer>& of,
                                      const sdk::io_status& status) {
  if (of != incoming_) return finish_if_idle();
  if (!status) return history_client_.send(messages::install_progress{});
  if (!status->may_pass()) return give_up("a received snapshot cannot be written", status->message);
  sdk::log::warning("installation_given_up",
                    {{"zxid", to_text(of->at())}, {"reason", status->message}});
  abandon_installation();
  history_client_.send(messages::install_progress{.failed = true});
}

void wal_actor::abandon_installation() {
  if (!incoming_ || change_ != change::none) return;
  run<sdk::io_status>(
      file_lane_, [from = std::exchange(incoming_, nullptr)] { return from->abandon(); },
      [this](sdk::io_status& bad) {
        if (bad) return give_up("an unfinished snapshot cannot be removed", bad->message);
        finish_if_idle();
      });
}

void wal_actor::end_installation() {
  if (!incoming_) return;
  change_history([this] { complete_installation(); });
}

void wal_actor::complete_installation() {
  if (const auto bad = journal_->check_installation(incoming_base_.zxid)) return fail(bad->message);
  if (snapshot_) give_snapshot_up("the history of another server takes the place of its own");
  void_readings();
  run<sdk::io_status>(
      file_lane_, [to = incoming_, hash = incoming_base_.hash] { return to->complete(hash); },
      [this](sdk::io_status& status) {
        if (!status) return replace_history();
        // Nothing is changed yet, so it need not be carried on.
        end_change();
        use_installation_step(incoming_, status);
        drive();
        finish_if_idle();
      });
}

void wal_actor::replace_history() {
  make_change(
      [&disk = ports_.disk, instance = instance_, to = incoming_, keeper = keeper_,
       base = incoming_base_]() -> sdk::io_result<log_place> {
        if (auto bad = to->publish()) return *bad;
        auto place = settle_installation(disk, instance, base);
        if (place) keeper->begin_anew(base.zxid);
        return place;
      },
      [this](const log_place& place) { use_installed(place); });
}

void wal_actor::use_installed(const log_place& place) {
  sdk::log::info("history_replaced", {{"snapshot_zxid", to_text(place.point.zxid)},
                                      {"was", to_text(journal_->durable())},
                                      {"bytes", incoming_->bytes()}});
  replaced_up_to_ = place.point.zxid;
  if (snapshot_) give_snapshot_up("its state was replaced while it began");
  journal_->restart(place.point, place.at, incoming_->plain_bytes());
  incoming_.reset();
  history_client_.send(messages::installed{{place.point.zxid, place.point.hash}});
}

}  // namespace troupe::storage
