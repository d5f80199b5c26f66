#include "actors/storage/files/log_writer.hpp"

#include <algorithm>

#include <troupe/base/check.hpp>

#include "actors/storage/files/clean_mark.hpp"

namespace troupe::storage {
namespace {

constexpr std::uint64_t page = 4096;

}  // namespace

log_writer::log_writer(sdk::disk& disk, std::uint64_t instance, position end, history_point last)
    : disk_(disk), instance_(instance), end_(end), last_(last) {}

void log_writer::begin_segment(const prepared_segment& next) {
  TROUPE_CHECK(next.number > end_.segment, "segment numbers only grow");
  buffer_ = encode(segment_header{next.number, instance_, end_, last_.zxid, last_.hash});
  file_ = next.file;
  capacity_ = next.capacity;
}

sdk::io_result<written_batch> log_writer::commit(const batch& all) {
  buffer_.clear();
  const auto synced_through = end_;
  if (all.next) {
    begin_segment(*all.next);
    end_ = {all.next->number, 0};
  }
  TROUPE_CHECK(file_ != nullptr, "a segment is open when a batch is written");
  const record_codec codec{instance_, end_.segment};
  const auto newest = all.txns.empty() ? last_.zxid : all.txns.back().zxid;
  codec.add_mark(buffer_, synced_through, std::min(all.committed, newest));
  written_batch done;
  done.points.reserve(all.txns.size());
  for (const auto& one : all.txns) {
    TROUPE_CHECK(follows(last_.zxid, one.zxid), "the log has no gaps");
    last_ = extend(last_, one.zxid, one.body.view());
    done.points.push_back(last_);
    codec.add_transaction(buffer_, one.zxid, one.body.view());
  }
  if (auto bad = write_out()) return *bad;
  done.end = end_;
  return done;
}

sdk::io_status log_writer::write_out() {
  const auto end = end_.offset + buffer_.size();
  // A page that is not written whole would have to be read first, unless it is in the cache.
  const auto whole = std::min((end + page - 1) / page * page, capacity_);
  if (whole > end) buffer_.resize(buffer_.size() + (whole - end));
  if (auto bad = file_->write_at(end_.offset, std::as_bytes(std::span{buffer_}))) return bad;
  if (auto bad = file_->sync()) return bad;
  end_.offset = end;
  return {};
}

void log_writer::go_on_after(position end, history_point last) {
  end_ = end;
  last_ = last;
  file_.reset();
}

sdk::io_status log_writer::close(zxid committed) {
  committed = std::min(committed, last_.zxid);
  if (file_) {
    buffer_.clear();
    record_codec{instance_, end_.segment}.add_mark(buffer_, end_, committed);
    if (auto bad = write_out()) return bad;
    if (auto bad = file_->truncate(end_.offset)) return bad;
    if (auto bad = file_->sync()) return bad;
    file_.reset();
  }
  return write_clean_mark(disk_, {end_, last_, committed});
}

}  // namespace troupe::storage
