#include "actors/storage/files/recovery.hpp"

#include <algorithm>
#include <utility>

#include "actors/storage/core/file_names.hpp"
#include "actors/storage/files/clean_mark.hpp"
#include "actors/storage/files/housekeeper.hpp"
#include "actors/storage/files/installation.hpp"
#include "actors/storage/files/log_cut.hpp"
#include "actors/storage/files/replacement.hpp"

namespace troupe::storage {
namespace {

using problem = std::optional<start_failure>;

problem to_problem(sdk::io_status status) {
  if (!status) return {};
  return failure{std::move(status->message)};
}

/// Removes what an interrupted process left unfinished in a directory.
sdk::io_status remove_unfinished(sdk::disk& disk, const std::string& directory) {
  const auto names = disk.list(directory);
  if (!names) return names.error();
  for (const auto& name : *names) {
    if (!name.ends_with(".tmp")) continue;
    if (auto bad = disk.remove(directory.empty() ? name : directory + "/" + name)) return bad;
  }
  return {};
}

problem check_clean_end(sdk::disk& disk, const clean_mark& mark, const scanned_log& log) {
  if (mark.end == log.end && mark.last == log.last) return {};
  return log_damage(disk, log.end, log.last.zxid,
                    "the last shutdown was clean and left the log's end at offset " +
                        std::to_string(mark.end.offset) + " of segment " + hex16(mark.end.segment) +
                        ", after transaction " + to_text(mark.last.zxid));
}

/// A member of an ensemble that has lost its directory must not give the origins and session ids of
/// its former life again, which the others remember. So each directory counts its starts from
/// another number, and leaves the upper ones of the 24 bits in a session id for counting.
std::uint32_t starts_before(const directory_identity& identity) {
  return static_cast<std::uint32_t>(identity.instance >> 41U);
}

}  // namespace

result<std::unique_ptr<recovery>> recovery::open(sdk::disk& disk, server_id server,
                                                 std::uint64_t new_instance, on_damage policy) {
  std::unique_ptr<recovery> made{new recovery{disk}};
  if (auto bad = made->identify(server)) return failure{bad->message};
  if (auto bad = made->make_directories()) return failure{bad->message};
  if (made->facts_.first_start) {
    if (auto bad = made->initialise({server, new_instance})) return failure{bad->message};
  }
  const auto finished = finish_setting_aside(disk);
  if (!finished) return finished.error();
  auto damaged = made->examine();
  if (damaged && policy == on_damage::replace) damaged = made->replace(*damaged);
  if (damaged) return failure{damaged->message};
  if (auto bad = made->check_epochs()) return failure{bad->message};
  if (auto bad = made->settle()) return failure{bad->message};
  return made;
}

problem recovery::examine() {
  if (auto bad = finish_changes()) return bad;
  if (auto bad = choose_snapshot()) return bad;
  return scan();
}

problem recovery::replace(const start_failure& why) {
  if (why.damage.empty()) return why;
  const auto epochs = read_epochs(disk_);
  if (!epochs) return epochs.error();  // nobody else knows what was promised
  if (!*epochs || (*epochs)->current == 0 || !(*epochs)->shared) {
    return failure{why.message + ". This history was not replaced by that of an ensemble, because "
                                 "nobody else is known to have it"};
  }
  const auto number = (*epochs)->start_number + 1;
  if (auto bad = to_problem(set_aside(disk_, number))) return bad;
  recovered_facts empty;
  empty.identity = facts_.identity;
  empty.warnings = std::move(facts_.warnings);
  empty.replaced = why.damage;
  facts_ = std::move(empty);
  snapshot_point_ = {};
  return examine();
}

problem recovery::identify(server_id server) {
  const auto found = read_identity(disk_);
  if (!found) return found.error();
  facts_.first_start = !*found;
  if (facts_.first_start) return {};
  facts_.identity = **found;
  if (facts_.identity.server == server) return {};
  return failure{disk_.full_path(identity_file) + ": this data directory belongs to server " +
                 std::to_string(facts_.identity.server.value) + ", but this is server " +
                 std::to_string(server.value) + "; correct node.id or node.data_dir"};
}

problem recovery::make_directories() {
  for (const auto* directory : {log_directory, snapshot_directory}) {
    if (auto bad = to_problem(disk_.make_directory(directory))) return bad;
  }
  for (const auto* directory : {"", log_directory, snapshot_directory}) {
    if (auto bad = to_problem(remove_unfinished(disk_, directory))) return bad;
    // A process that was killed may have left names that are not durable yet.
    if (auto bad = to_problem(disk_.sync_directory(directory))) return bad;
  }
  return {};
}

problem recovery::initialise(directory_identity identity) {
  if (auto bad = check_emptiness()) return bad;
  facts_.identity = identity;
  return to_problem(write_identity(disk_, identity));
}

problem recovery::check_emptiness() {
  const std::pair<std::string, std::vector<std::string>> signs[] = {
      {"", {epochs_file, clean_file, cut_file, member_file, shared_file, damaged_file}},
      {log_directory, {".log"}},
      {snapshot_directory, {".snapshot", received_suffix}}};
  for (const auto& [directory, endings] : signs) {
    const auto names = disk_.list(directory);
    if (!names) return failure{names.error().message};
    for (const auto& name : *names) {
      const auto ends = [&](const std::string& ending) { return name.ends_with(ending); };
      if (std::none_of(endings.begin(), endings.end(), ends)) continue;
      return failure{disk_.full_path(identity_file) + " is missing, although " +
                     disk_.full_path(directory.empty() ? name : directory + "/" + name) +
                     " exists; without it nobody knows whose history this is. Choices: put it "
                     "back, restore the data directory from a backup, or name an empty data_dir"};
    }
  }
  return {};
}

problem recovery::finish_changes() {
  const auto cut = finish_cut(disk_, facts_.identity.instance);
  if (!cut) return cut.error();
  const auto installation = finish_installation(disk_, facts_.identity.instance);
  if (!installation) return installation.error();
  return {};
}

problem recovery::choose_snapshot() {
  const auto all = list_snapshots(disk_);
  if (!all) return failure{all.error().message};
  for (auto at = all->rbegin(); at != all->rend(); ++at) {
    auto reader = snapshot_reader::open(disk_, facts_.identity.instance, *at);
    auto bad = reader ? (*reader)->verify() : std::optional{reader.error()};
    if (bad) {
      facts_.warnings.push_back(bad->message);
      facts_.newest_unusable = std::max(facts_.newest_unusable, *at);
      continue;
    }
    facts_.snapshot = *at;
    facts_.snapshot_bytes = (*reader)->plain_bytes();
    snapshot_point_ = {*at, (*reader)->header().history_hash};
    return {};
  }
  return {};
}

problem recovery::scan() {
  const auto mark = read_clean_mark(disk_);
  if (!mark) return mark.error();
  auto found = scan_log(disk_, facts_.identity.instance, snapshot_point_);
  if (!found) {
    auto bad = found.error();
    for (const auto& warning : facts_.warnings) {
      bad.message += ". Not usable: " + warning;
      if (!bad.damage.empty()) bad.damage += ". Not usable: " + warning;
    }
    return bad;
  }
  facts_.log = std::move(*found);
  if (facts_.newest_unusable > facts_.log.last.zxid) {
    return start_failure::of_damage(
        facts_.warnings.front() + ", and the log, which ends with transaction " +
            to_text(facts_.log.last.zxid) + ", cannot make up for it",
        ". Choices: restore the data directory from a backup; on a member of an ensemble, start "
        "it with an empty data directory");
  }
  if (!*mark) return {};
  facts_.clean = true;
  facts_.log.committed = std::max(facts_.log.committed, (*mark)->committed);
  return check_clean_end(disk_, **mark, facts_.log);
}

problem recovery::check_epochs() {
  const auto found = read_epochs(disk_);
  if (!found) return found.error();
  const auto path = disk_.full_path(epochs_file);
  const auto last = facts_.log.last.zxid;
  if (!*found) {
    facts_.epochs.start_number = starts_before(facts_.identity);
    const auto lost = read_loss(disk_);
    if (!lost) return lost.error();
    if (last == zxid{} && !*lost) return {};
    return failure{path + " is missing, although there is a history up to " + to_text(last) +
                   "; what was promised to other servers is unknown. Choices: put it back, or "
                   "restore the data directory from a backup"};
  }
  facts_.epochs = **found;
  if (facts_.epochs.incomplete) {
    const auto lost = read_loss(disk_);
    if (!lost) return lost.error();
    facts_.evidence = disk_.full_path(evidence_directory((*lost)->evidence));
  }
  if (facts_.epochs.accepted < facts_.epochs.current || facts_.epochs.accepted < last.epoch()) {
    return failure{path + ": the promised epoch " + std::to_string(facts_.epochs.accepted) +
                   " is older than the present one, " + std::to_string(facts_.epochs.current) +
                   ", or than the last transaction, " + to_text(last) +
                   "; this file is not of the same time as the log. Restore the data directory "
                   "from one backup"};
  }
  return {};
}

problem recovery::settle() {
  if (facts_.clean) {
    if (auto bad = to_problem(remove_clean_mark(disk_))) return bad;
  }
  if (auto bad = to_problem(end_log())) return bad;
  ++facts_.epochs.start_number;
  return to_problem(write_epochs(disk_, facts_.epochs, facts_.epochs));
}

sdk::io_status recovery::end_log() {
  auto& log = facts_.log;
  for (const auto number : log.unused) {
    if (auto bad = disk_.remove(segment_path(number))) return bad;
  }
  if (!log.unused.empty()) {
    if (auto bad = disk_.sync_directory(log_directory)) return bad;
  }
  if (log.segments.empty()) return {};
  auto file = disk_.open(segment_path(log.end.segment), sdk::disk::mode::write_existing);
  if (!file) return file.error();
  // Gives the prepared space back, and whatever is left of a torn batch is out of the way for ever.
  if (auto bad = (*file)->truncate(log.end.offset)) return bad;
  if (auto bad = write_again(**file)) return bad;
  std::string mark;
  record_codec{facts_.identity.instance, log.end.segment}.add_end(mark, log.last.zxid);
  if (auto bad = (*file)->write_at(log.end.offset, std::as_bytes(std::span{mark}))) return bad;
  // Also what a killed process wrote and did not sync becomes durable here, before it is handed
  // out.
  return (*file)->sync();
}

sdk::io_status recovery::write_again(sdk::file& file) {
  const auto& log = facts_.log;
  std::string bytes;
  auto at = log.certain.segment == log.end.segment ? log.certain.offset : 0;
  while (at < log.end.offset) {
    bytes.resize(
        static_cast<std::size_t>(std::min<std::uint64_t>(piece_bytes, log.end.offset - at)));
    const auto got = file.read_at(at, std::as_writable_bytes(std::span{bytes}));
    if (!got) return got.error();
    if (*got == 0) break;  // whoever made it shorter is found out when it is read
    if (auto bad = file.write_at(at, std::as_bytes(std::span{bytes}).first(*got))) return bad;
    at += *got;
  }
  return {};
}

result<std::optional<recovered_piece>> recovery::next() {
  if (!facts_.snapshot) return next_of_log();
  if (!snapshot_begun_) {
    auto reader = snapshot_reader::open(disk_, facts_.identity.instance, *facts_.snapshot);
    if (!reader) return reader.error();
    snapshot_begun_ = true;
    snapshot_ = std::move(*reader);
    return std::optional<recovered_piece>{snapshot_->header()};
  }
  if (snapshot_) {
    auto chunk = snapshot_->next();
    if (!chunk) return chunk.error();
    if (*chunk) return std::optional<recovered_piece>{std::move(**chunk)};
    snapshot_.reset();
  }
  return next_of_log();
}

result<std::optional<recovered_piece>> recovery::next_of_log() {
  recovered_transactions piece;
  std::size_t bytes = 0;
  while (bytes < piece_bytes) {
    const auto found = next_record();
    if (!found) return found.error();
    if (!*found) break;
    const auto& one = **found;
    if (one.kind == record_kind::transaction) {
      const bool committed = one.zxid <= facts_.log.committed;
      const bool wanted = one.zxid > snapshot_point_.zxid;
      if (wanted && !piece.txns.empty() &&
          (committed != piece.committed || bytes + one.size > piece_bytes)) {
        break;  // read again for the next piece
      }
      if (!follows(last_read_, one.zxid)) return changed_meanwhile();
      last_read_ = one.zxid;
      if (wanted) {
        piece.committed = committed;
        piece.txns.push_back({one.zxid, blob{one.body}});
        bytes += one.size;
      }
    }
    at_.offset += one.size;
  }
  if (!piece.txns.empty()) return std::optional<recovered_piece>{std::move(piece)};
  if (last_read_ != facts_.log.last.zxid) return changed_meanwhile();
  return std::optional<recovered_piece>{};
}

failure recovery::changed_meanwhile() const {
  return {disk_.full_path(log_directory) +
          ": the log was sound when it was checked, and is not when it is read again, after "
          "transaction " +
          to_text(last_read_) +
          "; check the disk, and that nobody else writes "
          "there"};
}

result<std::optional<record>> recovery::next_record() {
  const auto& log = facts_.log;
  if (at_ == position{}) {
    segment_index_ = log.first;
    if (!log.segments.empty()) last_read_ = log.segments[log.first].header.previous;
  }
  while (at_ < log.end) {
    if (!segment_) {
      const auto number = log.segments.at(segment_index_++).header.number;
      auto reader = segment_reader::open(disk_, facts_.identity.instance, number);
      if (!reader) return failure{reader.error().message};
      segment_ = std::move(*reader);
      at_ = {number, segment_header_size};
      continue;
    }
    const auto found = segment_->record_at(at_.offset);
    if (!found) return failure{found.error().message};
    if (*found && (*found)->kind != record_kind::end) return *found;
    // The end of this segment; the log's own end was not reached yet.
    if (segment_index_ == log.segments.size()) return changed_meanwhile();
    segment_.reset();
  }
  return std::optional<record>{};
}

}  // namespace troupe::storage
