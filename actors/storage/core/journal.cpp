#include "actors/storage/core/journal.hpp"

#include <algorithm>
#include <utility>

#include <troupe/base/check.hpp>

#include "actors/storage/core/file_names.hpp"

namespace troupe::storage {
namespace {

/// Each segment after a start is so many times the one before, up to the usual size.
constexpr std::uint64_t growth = 4;

}  // namespace

journal::journal(const journal_settings& settings, journal_start start, std::uint64_t seed)
    : settings_(settings), random_(seed), appended_(start.history.last().zxid),
      durable_(start.history.last().zxid), committed_(start.committed),
      epoch_promised_(start.epoch_promised), durable_end_(start.end),
      next_number_(start.next_segment), next_bytes_(settings.first_segment_bytes),
      history_(std::move(start.history)), bytes_since_snapshot_(start.bytes_since_snapshot),
      transactions_since_snapshot_(start.transactions_since_snapshot),
      snapshot_bytes_(start.snapshot_bytes) {
  draw_threshold();
}

std::optional<failure> journal::append(std::vector<encoded_txn> txns, zxid committed) {
  for (auto& one : txns) {
    if (one.zxid.epoch() <= epoch_discarded_) continue;
    if (!follows(appended_, one.zxid)) {
      return failure{"transaction " + to_text(one.zxid) + " was appended after " +
                     to_text(appended_) +
                     ", which it does not follow; this is a mistake in the "
                     "program"};
    }
    if (one.zxid.epoch() > epoch_promised_) {
      return failure{"transaction " + to_text(one.zxid) +
                     " was appended before its epoch was "
                     "promised durably; this is a mistake in the program"};
    }
    appended_ = one.zxid;
    pending_.push_back(std::move(one));
  }
  committed_ = std::max(committed_, std::min(committed, appended_));
  return {};
}

std::uint64_t journal::free_in_segment() const noexcept {
  return capacity_ > end_.offset ? capacity_ - end_.offset : 0;
}

std::uint64_t journal::smallest_batch() const noexcept {
  if (starved_bytes_ > 0) return starved_bytes_;
  return mark_size + (pending_.empty() ? 0 : size_in_log(pending_.front()));
}

bool journal::next_fits() const noexcept {
  return next_ && segment_header_size + smallest_batch() <= next_->capacity;
}

std::optional<batch> journal::take_batch() {
  // A segment that is being grown is not to be written.
  if (writing_ || (preparing_ && next_ && smallest_batch() > free_in_segment()) || pending_.empty())
    return {};
  batch taken;
  if (smallest_batch() <= free_in_segment()) {
    fill(taken, free_in_segment());
  } else if (next_fits()) {
    capacity_ = next_->capacity;
    end_ = {next_->number, segment_header_size};
    fill(taken, capacity_ - segment_header_size);
    taken.next = std::exchange(next_, std::nullopt);
    next_number_ = taken.next->number + 1;
    next_bytes_ = std::min(settings_.segment_bytes, next_bytes_ * growth);
  } else {
    return {};
  }
  taken.committed = committed_;
  writing_ = true;
  return taken;
}

void journal::fill(batch& next, std::uint64_t room) {
  std::uint64_t used = mark_size;
  while (!pending_.empty() && used < batch_bytes) {
    const auto size = size_in_log(pending_.front());
    if (used + size > room) break;
    used += size;
    next.txns.push_back(std::move(pending_.front()));
    pending_.pop_front();
  }
  bytes_since_snapshot_ += used;
  transactions_since_snapshot_ += next.txns.size();
}

void journal::written(const written_batch& done) {
  writing_ = false;
  end_ = done.end;
  if (done.end.segment != durable_end_.segment) {
    history_.begin_segment({done.end.segment, history_.last()}, durable_end_.segment);
  }
  durable_end_ = done.end;
  for (const auto& point : done.points) {
    history_.add(point);
    durable_ = point.zxid;
    if (snapshot_ && snapshot_->zxid == point.zxid) {
      snapshot_->hash = point.hash;
      snapshot_hash_known_ = true;
    }
  }
}

std::optional<preparation> journal::take_preparation() {
  if (preparing_ || no_space_) return {};
  const auto needed = segment_header_size + smallest_batch();
  const bool anything = !pending_.empty() || starved_bytes_ > 0;
  const bool room_wanted = anything && smallest_batch() > free_in_segment();
  if (next_ ? !room_wanted || next_fits()
            : !room_wanted && capacity_ > 0 && end_.offset < capacity_ / 4) {
    return {};
  }
  preparing_ = true;
  // Numbers are used in order and without gaps, so that a start can tell a missing segment.
  return preparation{next_number_, std::max(next_bytes_, needed), next_};
}

void journal::prepared(prepared_segment segment) {
  preparing_ = no_space_ = false;
  next_ = std::move(segment);
}

void journal::not_prepared() {
  preparing_ = false;
  no_space_ = true;
}

bool journal::blocked() const noexcept {
  const bool anything = !pending_.empty() || starved_bytes_ > 0;
  const bool room = anything ? smallest_batch() <= free_in_segment() : capacity_ > 0;
  return !room && !writing_ && !next_fits();
}

std::optional<bool> journal::take_space_change() {
  // Between a failure and the end of the next attempt nothing has changed.
  const bool now = blocked() && (no_space_ || was_blocked_);
  if (now == was_blocked_) return {};
  was_blocked_ = now;
  starved_bytes_ = 0;
  if (now) {
    starved_bytes_ = smallest_batch();
    pending_.clear();
    appended_ = durable_;
    epoch_discarded_ = epoch_promised_;
  }
  return !now;
}

void journal::draw_threshold() {
  // Half to whole, so that the servers of an ensemble do not write snapshots at the same time.
  const auto draw = [&](std::uint64_t all) { return all / 2 + random_.below(all / 2 + 1); };
  bytes_threshold_ = draw(settings_.snapshot_log_bytes);
  transactions_threshold_ = draw(settings_.snapshot_transactions);
}

bool journal::take_snapshot_wanted() {
  if (snapshot_asked_ || snapshot_ || bytes_since_snapshot_ < snapshot_bytes_ / 2) return false;
  if (bytes_since_snapshot_ < bytes_threshold_ &&
      transactions_since_snapshot_ < transactions_threshold_) {
    return false;
  }
  snapshot_asked_ = true;
  return true;
}

void journal::snapshot_begins(zxid at) {
  const auto hash = history_.hash_at(at);
  // Only what is committed is applied, and so in a snapshot.
  committed_ = std::max(committed_, std::min(at, appended_));
  snapshot_ = history_point{at, hash.value_or(0)};
  snapshot_hash_known_ = hash.has_value();
  snapshot_asked_ = true;
  bytes_since_snapshot_ = transactions_since_snapshot_ = 0;
  draw_threshold();
}

std::optional<std::uint64_t> journal::snapshot_hash() const {
  if (!snapshot_ || !snapshot_hash_known_) return {};
  return snapshot_->hash;
}

void journal::snapshot_finished(std::uint64_t bytes) {
  snapshot_.reset();
  snapshot_bytes_ = bytes;
  snapshot_asked_ = false;
}

void journal::snapshot_failed() {
  snapshot_.reset();
  // What made the log long enough has not changed; only `retry_snapshot` lets it be asked for.
  snapshot_asked_ = true;
  bytes_since_snapshot_ = std::max(bytes_threshold_, snapshot_bytes_ / 2);
}

std::optional<failure> journal::check_cut(zxid after) const {
  if (after >= committed_) return {};
  return failure{"the history was to be cut after " + to_text(after) +
                 ", although transactions up to " + to_text(committed_) +
                 " are known to be committed; this is a mistake in the program"};
}

void journal::cut(history_point last, position end) {
  TROUPE_CHECK(rests(), "nothing is written while the history is cut");
  history_.cut(last, end.segment);
  appended_ = durable_ = last.zxid;
  committed_ = std::min(committed_, last.zxid);
  durable_end_ = end;
  // A segment that was cut is never added to.
  capacity_ = 0;
  epoch_discarded_ = 0;
}

std::optional<failure> journal::check_installation(zxid at) const {
  const auto mistake = [&](const std::string& what) {
    return failure{"the snapshot of another server at " + to_text(at) +
                   " was to replace the history, " + what + "; this is a mistake in the program"};
  };
  if (at == zxid{}) return mistake("but there is nothing in it");
  if (at < committed_) {
    return mistake("although transactions up to " + to_text(committed_) +
                   " are known to be committed");
  }
  if (at.epoch() > epoch_promised_) return mistake("before its epoch was promised durably");
  return {};
}

void journal::restart(history_point base, position end, std::uint64_t bytes) {
  TROUPE_CHECK(rests(), "nothing is written while the history is replaced");
  history_.restart(base, end.segment);
  appended_ = durable_ = committed_ = base.zxid;
  durable_end_ = end;
  capacity_ = 0;
  next_.reset();
  next_number_ = end.segment + 1;
  epoch_discarded_ = 0;
  snapshot_finished(bytes);
  bytes_since_snapshot_ = transactions_since_snapshot_ = 0;
  draw_threshold();
}

bool journal::drained() const {
  if (writing_) return false;
  return pending_.empty() || (no_space_ && blocked());
}

}  // namespace troupe::storage
