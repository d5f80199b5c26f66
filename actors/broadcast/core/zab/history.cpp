#include "actors/broadcast/core/zab/history.hpp"

#include <algorithm>

#include <troupe/base/check.hpp>

namespace troupe::broadcast::zab {
namespace {

bool is_before(zxid at, const encoded_txn& txn) noexcept { return at < txn.zxid; }

}  // namespace

history::history(zxid base, std::size_t keep_bytes)
    : keep_bytes_(keep_bytes), base_(base), last_(base), durable_(base), committed_(base),
      recent_after_(base) {
  if (base != zxid{}) ends_.push_back(base);
}

void history::note_end(zxid last) {
  if (!ends_.empty() && ends_.back().epoch() == last.epoch())
    ends_.back() = last;
  else
    ends_.push_back(last);
}

void history::recovered(encoded_txn txn, bool committed) {
  TROUPE_CHECK(follows(last_, txn.zxid), "storage gives back a history without gaps");
  TROUPE_CHECK(!committed || committed_ == last_, "what is committed comes first");
  last_ = durable_ = txn.zxid;
  if (committed) committed_ = last_;
  note_end(last_);
  recent_bytes_ += txn.body.size();
  recent_.push_back(std::move(txn));
  forget_old();
}

void history::know_older_ends(std::span<const zxid> ends) {
  const auto newer = std::find_if(ends.begin(), ends.end(), [this](zxid end) {
    return !ends_.empty() && end.epoch() >= ends_.front().epoch();
  });
  ends_.insert(ends_.begin(), ends.begin(), newer);
}

void history::restart(zxid base) {
  TROUPE_CHECK(base >= committed_, "what is committed is not taken back");
  base_ = last_ = durable_ = committed_ = recent_after_ = base;
  ends_.assign(1, base);
  recent_.clear();
  recent_bytes_ = 0;
}

bool history::append(std::span<const encoded_txn> txns) {
  auto end = last_;
  for (const auto& one : txns) {
    if (!follows(end, one.zxid)) return false;
    end = one.zxid;
  }
  for (const auto& one : txns) {
    note_end(one.zxid);
    recent_bytes_ += one.body.size();
    recent_.push_back(one);
  }
  last_ = end;
  forget_old();
  return true;
}

void history::persisted(zxid through) {
  TROUPE_CHECK(through <= last_, "only what was appended can become durable");
  durable_ = std::max(durable_, through);
}

bool history::cut(zxid after) {
  if (after == last_) return true;
  if (after > last_ || after < committed_) return false;
  // What is not committed is always in memory, so the point can be looked up there.
  const auto gone = std::upper_bound(recent_.begin(), recent_.end(), after, is_before);
  const bool is_there =
      gone == recent_.begin() ? after == recent_after_ : std::prev(gone)->zxid == after;
  if (!is_there) return false;
  for (auto one = gone; one != recent_.end(); ++one)
    recent_bytes_ -= one->body.size();
  recent_.erase(gone, recent_.end());
  last_ = after;
  durable_ = std::min(durable_, last_);
  while (!ends_.empty() && ends_.back().epoch() > last_.epoch())
    ends_.pop_back();
  if (last_ != zxid{}) note_end(last_);
  return true;
}

std::vector<encoded_txn> history::commit(zxid through) {
  TROUPE_CHECK(through <= last_, "nothing is committed before it is in the history");
  if (through <= committed_) return {};
  const auto from = std::upper_bound(recent_.begin(), recent_.end(), committed_, is_before);
  const auto to = std::upper_bound(from, recent_.end(), through, is_before);
  std::vector<encoded_txn> due{from, to};
  committed_ = through;
  forget_old();
  return due;
}

void history::forget_old() {
  while (recent_bytes_ > keep_bytes_ && !recent_.empty() && recent_.front().zxid <= committed_) {
    recent_bytes_ -= recent_.front().body.size();
    recent_after_ = recent_.front().zxid;
    recent_.pop_front();
  }
}

common_point history::common_with(std::span<const zxid> theirs) const {
  for (auto their = theirs.rbegin(); their != theirs.rend(); ++their) {
    // Their epochs before the oldest known one may have been ours too.
    if (base_ != zxid{} && their->epoch() < ends_.front().epoch()) return {};
    for (auto our = ends_.rbegin(); our != ends_.rend(); ++our) {
      if (our->epoch() == their->epoch()) return {true, std::min(*our, *their)};
    }
  }
  // Not one epoch in common. Both begin with nothing, unless ours begins with a snapshot.
  return {base_ == zxid{}, {}};
}

std::optional<std::vector<encoded_txn>> history::after(zxid after) const {
  if (after < recent_after_) return std::nullopt;
  const auto from = std::upper_bound(recent_.begin(), recent_.end(), after, is_before);
  return std::vector<encoded_txn>{from, recent_.end()};
}

}  // namespace troupe::broadcast::zab
