// Questions about the history. Whatever has to be read is read on a lane of its own.
#include <algorithm>
#include <utility>

#include <troupe/sdk/log.hpp>

#include "actors/storage/core/file_names.hpp"
#include "actors/storage/wal_jobs.hpp"

namespace troupe::storage {

namespace messages = role::storage;

namespace {

constexpr std::size_t most_range_bytes = 16 * 1024 * 1024;

messages::history_point to_message(const history_point& point) { return {point.zxid, point.hash}; }

void log_lost(const sdk::io_error& reason) {
  sdk::log::warning("log_not_readable", {{"reason", reason.message}});
}

}  // namespace

log_extent wal_actor::extent_after(zxid after) const {
  return {journal_->history().segments_after(after), journal_->durable_end(), journal_->durable()};
}

void wal_actor::read_range(const messages::read_range& asked) {
  if (!recovered_all_) return fail("the log was to be read before the recovered state was given");
  if (stopping_) return;
  if (changing() || asked.after > journal_->durable()) return give_range(asked, std::nullopt);
  if (asked.after == journal_->durable())
    return give_range(asked, log_range{{}, journal_->history().last(), false});
  using outcome = sdk::io_result<std::optional<log_range>>;
  run<outcome>(
      read_lane_,
      [reader = reader_, wanted = extent_after(asked.after), after = asked.after,
       most = std::clamp<std::size_t>(asked.most_bytes, 1, most_range_bytes)] {
        return reader->read(wanted, after, most);
      },
      [this, asked, history = history_number_](outcome& read) {
        const bool valid = history == history_number_;
        if (!read && valid) {
          log_lost(read.error());
          // A snapshot behind the damage is what whoever asked can be given instead.
          snapshot_client_.send(messages::snapshot_wanted{});
        }
        give_range(asked, valid && read ? std::move(*read) : std::nullopt);
        finish_if_idle();
      });
}

void wal_actor::give_range(const messages::read_range& asked, std::optional<log_range> found) {
  messages::range answer{asked.token, {}, {asked.after, 0}, false, !found, {}};
  answer.log_after = journal_->history().log_after();
  if (found) {
    answer.txns = std::move(found->txns);
    answer.after = to_message(found->after);
    answer.more = found->more;
  }
  history_client_.send(std::move(answer));
}

void wal_actor::locate(const messages::locate& asked) {
  if (!recovered_all_) return fail("the log was to be read before the recovered state was given");
  if (stopping_) return;
  const auto answer = [this, asked](std::optional<std::uint64_t> hash) {
    history_client_.send(messages::located{asked.token, asked.zxid, hash});
  };
  const bool unknowable = changing() || asked.zxid > journal_->durable();
  const auto known = journal_->history().hash_at(asked.zxid);
  if (unknowable || known) return answer(unknowable ? std::nullopt : known);
  using outcome = sdk::io_result<std::optional<log_place>>;
  run<outcome>(
      read_lane_,
      [reader = reader_, wanted = extent_after(asked.zxid), at = asked.zxid] {
        return reader->locate(wanted, at);
      },
      [this, answer, history = history_number_](outcome& read) {
        const bool valid = history == history_number_;
        if (!read && valid) log_lost(read.error());
        const bool found = valid && read && *read;
        answer(found ? std::optional{(*read)->point.hash} : std::nullopt);
        finish_if_idle();
      });
}

void wal_actor::describe(std::uint64_t token) {
  if (!recovered_all_) return fail("the history was asked for before it was given");
  descriptions_.push_back({token, journal_->appended(), change_ != change::none});
  give_descriptions();
}

void wal_actor::give_descriptions() {
  while (!descriptions_.empty()) {
    const auto& [token, wanted, after_change] = descriptions_.front();
    if (after_change && change_ != change::none) return;
    if (journal_->durable() < std::min(wanted, journal_->appended())) return;
    const auto& history = journal_->history();
    messages::described answer{token, to_message(history.last()), history.log_after(), {}};
    for (const auto& point : history.epoch_ends())
      answer.epoch_ends.push_back(to_message(point));
    descriptions_.pop_front();
    history_client_.send(std::move(answer));
  }
}

}  // namespace troupe::storage
