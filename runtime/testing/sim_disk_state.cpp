#include "runtime/testing/sim_disk_state.hpp"

#include <algorithm>
#include <utility>

namespace troupe::testing::sim {
namespace {

constexpr std::uint64_t sector_size = 512;

void overwrite(std::string& content, std::uint64_t offset, std::string_view bytes) {
  if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size(), '\0');
  content.replace(offset, bytes.size(), bytes);
}

/// Those sectors of a write that reached the medium.
void write_some_sectors(std::string& content, const inode::pending_change& write, prng& random) {
  const auto end = write.offset + write.bytes.size();
  for (auto at = write.offset; at < end;) {
    const auto next = std::min(end, (at / sector_size + 1) * sector_size);
    if (random.chance(1, 2)) {
      overwrite(content, at, std::string_view{write.bytes}.substr(at - write.offset, next - at));
    }
    at = next;
  }
}

void carry_out(name_table& names, const name_op& op) {
  if (op.kind != name_op::link) names.erase(op.from);
  if (op.kind != name_op::unlink) names[op.to] = op.node;
}

}  // namespace

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string{} : path.substr(0, slash);
}

void inode::write(std::uint64_t offset, std::string bytes) {
  overwrite(current, offset, bytes);
  pending.push_back({offset, std::move(bytes), false});
}

void inode::truncate(std::uint64_t size) {
  current.resize(size, '\0');
  pending.push_back({size, {}, true});
}

void inode::sync() {
  for (const auto& one : pending) {
    if (one.truncates) {
      durable.resize(one.offset, '\0');
    } else {
      overwrite(durable, one.offset, one.bytes);
    }
  }
  pending.clear();
}

void inode::lose(prng& random) {
  for (const auto& one : pending) {
    const auto fate = random.below(3);
    if (fate == 0) continue;
    if (one.truncates) {
      durable.resize(one.offset, '\0');
    } else if (fate == 1) {
      overwrite(durable, one.offset, one.bytes);
    } else {
      write_some_sectors(durable, one, random);
    }
  }
  pending.clear();
}

void inode::crash(prng& random) {
  lose(random);
  current = durable;
}

void inode::flip(std::uint64_t offset, char mask) {
  current[offset] = static_cast<char>(current[offset] ^ mask);
  if (offset < durable.size()) durable[offset] = static_cast<char>(durable[offset] ^ mask);
}

bool disk_state::change() {
  if (due(changes_to_end)) gone = true;
  if (!gone) ++changes;
  return !gone;
}

bool disk_state::due(std::optional<std::uint64_t>& count) {
  if (!count) return false;
  if (*count > 0) {
    --*count;
    return false;
  }
  count.reset();
  return true;
}

std::uint64_t disk_state::room_for(const inode& node, std::uint64_t offset,
                                   std::uint64_t size) const {
  const std::uint64_t now = node.current.size();
  if (offset + size <= now) return size;
  const auto all = used();
  const auto free = all < capacity ? capacity - all : 0;
  const auto end = now + std::min(free, offset + size - now);
  return end > offset ? end - offset : 0;
}

std::uint64_t disk_state::used() const {
  std::uint64_t sum = 0;
  for (const auto& [path, node] : names)
    sum += node->current.size();
  return sum;
}

std::shared_ptr<inode> disk_state::find(const std::string& path) const {
  const auto found = names.find(path);
  return found == names.end() ? nullptr : found->second;
}

void disk_state::add_directory(const std::string& path) {
  for (auto part = path; !part.empty(); part = folder_of(part))
    directories.insert(part);
}

std::vector<std::string> disk_state::names_in(const std::string& directory) const {
  std::set<std::string> found;
  const auto prefix = directory.empty() ? std::string{} : directory + "/";
  const auto add = [&](const std::string& path) {
    if (path.empty() || !path.starts_with(prefix) || path.size() == prefix.size()) return;
    found.insert(path.substr(prefix.size(), path.find('/', prefix.size()) - prefix.size()));
  };
  for (const auto& [path, node] : names)
    add(path);
  for (const auto& path : directories)
    add(path);
  return {found.begin(), found.end()};
}

void disk_state::name_change(name_op op) {
  carry_out(names, op);
  journal[folder_of(op.to)].push_back(std::move(op));
}

void disk_state::sync_names(const std::string& directory) {
  for (const auto& op : journal[directory])
    carry_out(durable_names, op);
  journal.erase(directory);
}

void disk_state::put(const std::string& path, const std::string& bytes) {
  auto node = std::make_shared<inode>();
  node->current = node->durable = bytes;
  add_directory(folder_of(path));
  sync_names(folder_of(path));
  names[path] = durable_names[path] = std::move(node);
}

void disk_state::end_process(bool power_cut) {
  ++process;
  gone = locked = false;
  changes_to_end.reset();
  syncs_to_failure.reset();
  writes_to_failure.reset();
  if (!power_cut) return;
  for (auto& [directory, ops] : journal) {
    const auto kept = random.below(ops.size() + 1);
    for (std::size_t i = 0; i < kept; ++i)
      carry_out(durable_names, ops[i]);
  }
  journal.clear();
  names = durable_names;
  for (auto& [path, node] : names)
    node->crash(random);
}

}  // namespace troupe::testing::sim
