#include "actors/storage/files/log_scan.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "actors/storage/core/file_names.hpp"
#include "actors/storage/files/segment_reader.hpp"

namespace troupe::storage {
namespace {

using problem = std::optional<start_failure>;

class scanner {
public:
  scanner(sdk::disk& disk, std::uint64_t instance, history_point snapshot)
      : disk_(disk), instance_(instance), snapshot_(snapshot) {}

  result<scanned_log, start_failure> run() {
    if (auto bad = read_headers()) return *bad;
    const auto first = first_segment();
    if (!first) {
      if (auto bad = explain_missing_begin()) return *bad;
      for (const auto& [number, header] : headers_)
        log_.unused.push_back(number);
      return std::move(log_);
    }
    if (auto bad = walk(*first)) return *bad;
    if (auto bad = compare_with_snapshot_at_end()) return *bad;
    return std::move(log_);
  }

private:
  using headers = std::map<std::uint64_t, std::optional<segment_facts>>;

  start_failure damage(position where, const std::string& what) const {
    return log_damage(disk_, where, log_.last.zxid, what);
  }

  problem read_headers() {
    const auto names = disk_.list(log_directory);
    if (!names) return failure{names.error().message};
    for (const auto& name : *names) {
      const auto number = number_in(name, ".log");
      if (!number) continue;
      auto reader = segment_reader::open(disk_, instance_, *number);
      if (!reader) return failure{reader.error().message};
      const auto found = reader->header();
      if (!found) return failure{found.error().message};
      if (found->problem == header_problem::newer) return written_by_newer(*number);
      if (found->header && found->header->instance != instance_) return foreign(*number);
      headers_[*number] = std::nullopt;
      if (found->header) headers_[*number] = segment_facts{*found->header, reader->size()};
      log_.highest = std::max(log_.highest, *number);
    }
    return {};
  }

  failure written_by_newer(std::uint64_t number) const {
    return {disk_.full_path(segment_path(number)) +
            ": a newer program wrote this segment, this one reads log format version " +
            std::to_string(log_version) + "; run the newer program"};
  }

  failure foreign(std::uint64_t number) const {
    return {disk_.full_path(segment_path(number)) +
            ": this segment belongs to another data directory (its header and " +
            disk_.full_path(identity_file) +
            " name different instances); move it back, or restore all of the data directory from "
            "one backup"};
  }

  /// The newest segment that begins at or before the snapshot.
  std::optional<headers::const_iterator> first_segment() const {
    std::optional<headers::const_iterator> first;
    for (auto at = headers_.begin(); at != headers_.end(); ++at) {
      if (at->second && at->second->header.previous <= snapshot_.zxid) first = at;
    }
    return first;
  }

  problem explain_missing_begin() const {
    for (const auto& [number, facts] : headers_) {
      if (facts) {
        return log_damage(disk_, {number, 0}, snapshot_.zxid,
                          "the log begins after transaction " + to_text(facts->header.previous) +
                              ", and no older segment leads there");
      }
      const auto synced = synced_through({number, 0}, number);
      if (!synced) return failure{synced.error().message};
      if (*synced > position{number, 0}) {
        return log_damage(disk_, {number, 0}, snapshot_.zxid, "the segment's header is damaged");
      }
    }
    if (snapshot_.zxid == zxid{}) return {};
    return start_failure::of_damage(
        disk_.full_path(log_directory) + ": the log is missing, although " +
            disk_.full_path(snapshot_path(snapshot_.zxid)) +
            " exists; what was acknowledged after that snapshot would be lost",
        ". Choices: put the log back, or restore the data directory from a backup");
  }

  /// The largest position that anything at or after `from` calls durable, looking into the rest of
  /// that segment (from which `inside` may be 0: not at all) and into every later one.
  sdk::io_result<position> synced_through(position from, std::uint64_t inside) const {
    position newest;
    for (auto at = headers_.lower_bound(from.segment); at != headers_.end(); ++at) {
      const bool later = at->first > from.segment;
      if (!later && at->first != inside) continue;
      if (later && at->second) newest = std::max(newest, at->second->header.previous_end);
      auto reader = segment_reader::open(disk_, instance_, at->first);
      if (!reader) return reader.error();
      const auto found = reader->synced_through_after(later ? 0 : from.offset);
      if (!found) return found.error();
      newest = std::max(newest, found->value_or(position{}));
    }
    return newest;
  }

  problem walk(headers::const_iterator at) {
    for (auto older = headers_.cbegin(); older != at; ++older) {
      if (older->second) take_segment(*older->second);
    }
    log_.first = log_.segments.size();
    log_.last = {at->second->header.previous, at->second->header.history_hash};
    if (auto bad = reached(log_.last, {at->first, 0})) return bad;
    while (true) {
      take_segment(*at->second);
      if (auto bad = walk_segment(at->first)) return bad;
      const auto next = std::next(at);
      if (next == headers_.end() || !next->second) return end_at(next);
      if (auto bad = check_joint(next->second->header)) return bad;
      at = next;
    }
  }

  void take_segment(const segment_facts& facts) {
    log_.segments.push_back(facts);
    const auto& header = facts.header;
    log_.history.begin_segment({header.number, {header.previous, header.history_hash}},
                               header.previous_end.segment);
  }

  problem walk_segment(std::uint64_t number) {
    auto reader = segment_reader::open(disk_, instance_, number);
    if (!reader) return failure{reader.error().message};
    log_.end = {number, segment_header_size};
    log_.sealed = false;
    while (true) {
      const auto found = reader->record_at(log_.end.offset);
      if (!found) return failure{found.error().message};
      if (!*found) return {};
      const auto& one = **found;
      if (one.kind == record_kind::end) {
        log_.sealed = true;
        return {};
      }
      if (one.kind == record_kind::mark) {
        log_.committed = std::max(log_.committed, one.zxid);
        log_.certain = synced_through_of(one);
      }
      if (one.kind == record_kind::transaction) {
        if (auto bad = take(one)) return bad;
      }
      log_.end.offset += one.size;
    }
  }

  problem take(const record& one) {
    if (!follows(log_.last.zxid, one.zxid)) {
      return damage(log_.end, "transaction " + to_text(one.zxid) + " does not follow " +
                                  to_text(log_.last.zxid));
    }
    log_.last = extend(log_.last, one.zxid, one.body);
    if (log_.last.zxid > snapshot_.zxid) {
      ++log_.transactions;
      log_.bytes += one.size;
    }
    return reached(log_.last, log_.end);
  }

  /// The history is known up to `point`; it must agree with the snapshot's.
  problem reached(history_point point, position where) {
    log_.history.add(point);
    if (point.zxid != snapshot_.zxid) return {};
    compared_ = true;
    if (point.hash == snapshot_.hash) return {};
    return damage(where, "its history differs from the one in " +
                             disk_.full_path(snapshot_path(snapshot_.zxid)) +
                             "; one of the two is not of this server");
  }

  problem check_joint(const segment_header& next) const {
    if (next.previous_end != log_.end) {
      return damage(log_.end, "no sound record is here, but segment " + hex16(next.number) +
                                  " says that the log goes on to offset " +
                                  std::to_string(next.previous_end.offset) + " of segment " +
                                  hex16(next.previous_end.segment));
    }
    if (history_point{next.previous, next.history_hash} != log_.last) {
      return log_damage(disk_, {next.number, 0}, log_.last.zxid,
                        "this segment does not continue the history of the one before");
    }
    return {};
  }

  /// No segment follows that was begun for sure. Whether this is the end or damage.
  problem end_at(headers::const_iterator next) {
    const auto synced = synced_through(log_.end, log_.sealed ? 0 : log_.end.segment);
    if (!synced) return failure{synced.error().message};
    if (*synced > log_.end) {
      return damage(log_.end, "no sound record is here, but later ones say that the log was "
                              "durable up to offset " +
                                  std::to_string(synced->offset) + " of segment " +
                                  hex16(synced->segment));
    }
    for (; next != headers_.end(); ++next)
      log_.unused.push_back(next->first);
    log_.committed = std::min(std::max(log_.committed, snapshot_.zxid), log_.last.zxid);
    return {};
  }

  problem compare_with_snapshot_at_end() const {
    if (compared_) return {};
    const auto snapshot = disk_.full_path(snapshot_path(snapshot_.zxid));
    return start_failure::of_damage(
        disk_.full_path(segment_path(log_.end.segment)) + ": the log ends at offset " +
            std::to_string(log_.end.offset) + " with transaction " + to_text(log_.last.zxid) +
            ", and transaction " + to_text(snapshot_.zxid) + " of " + snapshot + " is not in it",
        ". Choices: restore the data directory from a backup; or give up what that snapshot has "
        "by moving it away");
  }

  sdk::disk& disk_;
  const std::uint64_t instance_;
  const history_point snapshot_;
  headers headers_;
  scanned_log log_;
  bool compared_ = false;
};

}  // namespace

result<scanned_log, start_failure> scan_log(sdk::disk& disk, std::uint64_t instance,
                                            history_point snapshot) {
  return scanner{disk, instance, snapshot}.run();
}

start_failure log_damage(const sdk::disk& disk, position where, zxid last,
                         const std::string& what) {
  const auto path = disk.full_path(segment_path(where.segment));
  return start_failure::of_damage(
      path + ": damage at offset " + std::to_string(where.offset) + ", after transaction " +
          to_text(last) + ": " + what,
      ". Nothing was changed. Choices: restore the data directory from a backup; on a member "
      "of an ensemble, start it with an empty data directory; or give up every transaction "
      "after " +
          to_text(last) + ": 'truncate -s " + std::to_string(where.offset) + " " + path +
          "', move the later files of " + disk.full_path(log_directory) + " away and remove " +
          disk.full_path(clean_file));
}

}  // namespace troupe::storage
