// Changes of the history other than by appending: one at a time, while nothing is being written.
#include <utility>

#include <troupe/sdk/log.hpp>

#include "actors/storage/wal_jobs.hpp"

namespace troupe::storage {

void wal_actor::change_history(std::function<void()> begin) {
  if (!recovered_all_)
    return fail("the history was to be changed before the recovered state was given");
  if (change_ != change::none)
    return fail("the history was to be changed while it was being changed");
  if (stopping_) return;
  change_ = change::waiting;
  begin_change_ = std::move(begin);
  drive();
}

bool wal_actor::begin_change_if_due() {
  if (change_ != change::waiting || !journal_->rests()) return false;
  change_ = change::under_way;
  // What reads the old history now must not say so afterwards.
  ++history_number_;
  reader_ = std::make_shared<log_reader>(ports_.disk, instance_);
  begin_change_();
  return true;
}

void wal_actor::make_change(std::function<sdk::io_result<log_place>()> job,
                            std::function<void(const log_place&)> use) {
  // On the files' lane, where nobody makes or removes segments meanwhile. Nobody writes the log.
  run<sdk::io_result<log_place>>(file_lane_, std::move(job),
                                 [this, use = std::move(use)](sdk::io_result<log_place>& made) {
                                   if (!made) return use_failed_change(made.error());
                                   end_change();
                                   writer_->go_on_after(made->at, made->point);
                                   use(*made);
                                   refresh_usage();
                                   drive();
                                   finish_if_idle();
                                 });
}

void wal_actor::end_change() {
  change_ = change::none;
  begin_change_ = nullptr;
}

void wal_actor::use_failed_change(const sdk::io_error& bad) {
  if (!bad.may_pass()) return give_up("the history cannot be changed", bad.message);
  sdk::log::warning("no_space_for_change", {{"reason", bad.message}});
  change_ = change::put_off;
  if (stopping_) {
    leave_change();
    return finish_if_idle();
  }
  retry_after(settings_.space_retry, change_timer_, [this] {
    if (change_ != change::put_off) return;
    change_ = change::waiting;
    drive();
  });
}

void wal_actor::leave_change() {
  // It may be half done: where the log ends cannot be marked. The next start settles it.
  sdk::log::warning("unclean_shutdown", {{"reason", "the history was being changed"}});
  closing_ = closed_ = true;
}

}  // namespace troupe::storage
