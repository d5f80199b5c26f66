// Removing what was never committed from the end of the history.
#include <cerrno>

#include <troupe/sdk/log.hpp>

#include "actors/storage/core/file_names.hpp"
#include "actors/storage/files/log_cut.hpp"
#include "actors/storage/wal_jobs.hpp"

namespace troupe::storage {

namespace messages = role::storage;

void wal_actor::truncate(zxid after) {
  change_history([this, after] { begin_cut(after); });
}

void wal_actor::begin_cut(zxid after) {
  if (const auto bad = journal_->check_cut(after)) return fail(bad->message);
  const auto wanted = extent_after(after);
  const auto end = journal_->durable_end();
  if (after >= journal_->durable()) {
    // Nothing to remove; but what was discarded for want of space is settled now.
    return make_change(
        [place = log_place{end, journal_->history().last()}]() -> sdk::io_result<log_place> {
          return place;
        },
        [this](const log_place& place) { use_cut(place); });
  }
  make_change(
      [&disk = ports_.disk, instance = instance_, wanted, after,
       end]() -> sdk::io_result<log_place> {
        const auto place = log_reader{disk, instance}.locate(wanted, after);
        if (!place) return place.error();
        if (!*place) {
          return sdk::io_error{EINVAL,
                               "it was to be cut after " + to_text(after) +
                                   ", which is not in it; this is a mistake in the program"};
        }
        if (auto bad = cut_log(disk, instance, **place, end.segment)) return *bad;
        return **place;
      },
      [this](const log_place& place) { use_cut(place); });
}

void wal_actor::use_cut(const log_place& place) {
  sdk::log::info("history_cut",
                 {{"last_zxid", to_text(place.point.zxid)}, {"was", to_text(journal_->durable())}});
  journal_->cut(place.point, place.at);
  history_client_.send(messages::truncated{{place.point.zxid, place.point.hash}});
}

}  // namespace troupe::storage
