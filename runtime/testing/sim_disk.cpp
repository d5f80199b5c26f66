#include <troupe/testing/sim_disk.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "runtime/testing/sim_disk_state.hpp"

namespace troupe::testing {
namespace {

using sdk::io_error;
using sdk::io_result;
using sdk::io_status;

io_error error(const char* operation, const std::string& path, int code) {
  const std::string reason =
      code == sim_disk::process_gone ? "the process is gone" : std::strerror(code);
  return {code, std::string{"cannot "} + operation + " " + path + ": " + reason};
}

}  // namespace

/// All of the disk; shared with open files, which may outlive it.
struct sim_disk::state : sim::disk_state {
  using disk_state::disk_state;
  std::string name;
  int open_error = 0;
  [[nodiscard]] std::string full(const std::string& path) const {
    return path.empty() ? name : name + "/" + path;
  }
};

namespace {

/// An open file. Dead once the process that opened it is.
template <class State>
class sim_file final : public sdk::file {
public:
  sim_file(std::shared_ptr<State> disk, std::shared_ptr<sim::inode> node, std::string path,
           bool writable)
      : disk_(std::move(disk)), node_(std::move(node)), path_(std::move(path)),
        process_(disk_->process), writable_(writable) {}

  io_result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> into) override {
    if (dead()) return error("read", path_, sim_disk::process_gone);
    const auto& bytes = node_->current;
    if (offset >= bytes.size()) return std::size_t{0};
    const auto n = std::min<std::size_t>(into.size(), bytes.size() - offset);
    std::memcpy(into.data(), bytes.data() + offset, n);
    return n;
  }

  io_status write_at(std::uint64_t offset, std::span<const std::byte> bytes) override {
    if (!writable_) return error("write", path_, EBADF);
    const std::string text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    if (dead()) return error("write", path_, sim_disk::process_gone);
    if (!disk_->change()) {
      maybe_begin(offset, text);
      return error("write", path_, sim_disk::process_gone);
    }
    if (disk_->due(disk_->writes_to_failure)) {
      maybe_begin(offset, text);
      return error("write", path_, EIO);
    }
    const auto room = disk_->room_for(*node_, offset, text.size());
    node_->write(offset, text.substr(0, room));
    if (room < text.size()) return error("write", path_, ENOSPC);
    return {};
  }

  io_status write_zeros(std::uint64_t offset, std::uint64_t size) override {
    constexpr std::uint64_t at_once = 256 * 1024;
    const std::string zeros(std::min(size, at_once), '\0');
    for (std::uint64_t done = 0; done < size; done += zeros.size()) {
      const auto bytes = std::as_bytes(std::span{zeros}).first(std::min(size - done, at_once));
      if (auto bad = write_at(offset + done, bytes)) return bad;
    }
    return {};
  }

  io_status sync() override {
    if (dead() || !disk_->change()) return error("sync", path_, sim_disk::process_gone);
    if (disk_->due(disk_->syncs_to_failure)) {
      node_->lose(disk_->random);
      return error("sync", path_, EIO);
    }
    ++disk_->syncs;
    node_->sync();
    return {};
  }

  io_status write_back(std::uint64_t, std::uint64_t) override {
    // Any part of what was not synced may survive a crash, with this or without.
    if (dead()) return error("write back", path_, sim_disk::process_gone);
    return {};
  }

  io_status truncate(std::uint64_t size) override {
    if (!writable_) return error("truncate", path_, EBADF);
    if (dead() || !disk_->change()) return error("truncate", path_, sim_disk::process_gone);
    const auto now = node_->current.size();
    if (size > now && disk_->room_for(*node_, now, size - now) < size - now) {
      return error("truncate", path_, ENOSPC);
    }
    node_->truncate(size);
    return {};
  }

  io_result<std::uint64_t> size() override {
    if (dead()) return error("look at", path_, sim_disk::process_gone);
    return std::uint64_t{node_->current.size()};
  }

private:
  [[nodiscard]] bool dead() const { return disk_->gone || process_ != disk_->process; }
  /// The write at which the process or the device failed may have begun.
  void maybe_begin(std::uint64_t offset, const std::string& text) {
    if (disk_->random.chance(1, 2)) {
      node_->write(offset, text.substr(0, disk_->room_for(*node_, offset, text.size())));
    }
  }

  const std::shared_ptr<State> disk_;
  const std::shared_ptr<sim::inode> node_;
  const std::string path_;
  const std::uint64_t process_;
  const bool writable_;
};

template <class State>
class sim_lock final : public sdk::directory_lock {
public:
  explicit sim_lock(std::shared_ptr<State> disk) : disk_(std::move(disk)), of_(disk_->process) {}
  ~sim_lock() override {
    if (of_ == disk_->process) disk_->locked = false;
  }

private:
  const std::shared_ptr<State> disk_;
  const std::uint64_t of_;
};

}  // namespace

sim_disk::sim_disk(std::uint64_t seed, std::string name) : state_(std::make_shared<state>(seed)) {
  state_->name = std::move(name);
}
sim_disk::~sim_disk() = default;

io_result<std::unique_ptr<sdk::file>> sim_disk::open(const std::string& path, mode how) {
  auto& all = *state_;
  const auto full = all.full(path);
  if (all.gone) return error("open", full, process_gone);
  if (all.open_error != 0) return error("open", full, all.open_error);
  auto node = all.find(path);
  if (how == mode::create) {
    if (!all.has_directory(sim::folder_of(path))) return error("create", full, ENOENT);
    if (!all.change()) return error("create", full, process_gone);
    if (node) {
      node->truncate(0);
    } else {
      node = std::make_shared<sim::inode>();
      all.name_change({sim::name_op::link, {}, path, node});
    }
  }
  if (!node) return error("open", full, ENOENT);
  return std::unique_ptr<sdk::file>{
      std::make_unique<sim_file<state>>(state_, std::move(node), full, how != mode::read)};
}

io_status sim_disk::make_directory(const std::string& path) {
  if (state_->gone || !state_->change()) return error("make", state_->full(path), process_gone);
  state_->add_directory(path);
  return {};
}

io_result<std::vector<std::string>> sim_disk::list(const std::string& path) {
  if (state_->gone) return error("list", state_->full(path), process_gone);
  if (state_->open_error != 0) return error("list", state_->full(path), state_->open_error);
  if (!state_->has_directory(path)) return error("list", state_->full(path), ENOENT);
  return state_->names_in(path);
}

io_status sim_disk::rename(const std::string& from, const std::string& to) {
  const auto node = state_->find(from);
  if (state_->gone) return error("rename", state_->full(from), process_gone);
  if (!node) return error("rename", state_->full(from), ENOENT);
  const bool alive = state_->change();
  if (alive || state_->random.chance(1, 2)) {
    state_->name_change({sim::name_op::rename, from, to, node});
  }
  if (!alive) return error("rename", state_->full(from), process_gone);
  return {};
}

io_status sim_disk::remove(const std::string& path) {
  if (state_->gone) return error("remove", state_->full(path), process_gone);
  if (!state_->find(path)) return {};
  const bool alive = state_->change();
  if (alive || state_->random.chance(1, 2)) {
    state_->name_change({sim::name_op::unlink, path, path, nullptr});
  }
  if (!alive) return error("remove", state_->full(path), process_gone);
  return {};
}

io_status sim_disk::sync_directory(const std::string& path) {
  if (state_->gone) return error("sync", state_->full(path), process_gone);
  if (state_->open_error != 0) return error("sync", state_->full(path), state_->open_error);
  if (!state_->has_directory(path)) return error("sync", state_->full(path), ENOENT);
  if (!state_->change()) return error("sync", state_->full(path), process_gone);
  state_->sync_names(path);
  return {};
}

io_result<std::unique_ptr<sdk::directory_lock>> sim_disk::lock() {
  if (state_->gone) return error("lock", state_->name, process_gone);
  if (state_->locked) return error("lock", state_->name, EWOULDBLOCK);
  state_->locked = true;
  return std::unique_ptr<sdk::directory_lock>{std::make_unique<sim_lock<state>>(state_)};
}

std::uint64_t sim_disk::free_bytes() {
  const auto used = used_bytes();
  return used < state_->capacity ? state_->capacity - used : 0;
}

std::string sim_disk::full_path(const std::string& path) const { return state_->full(path); }

void sim_disk::crash() { state_->end_process(true); }
void sim_disk::kill() { state_->end_process(false); }
void sim_disk::crash_after_writes(std::uint64_t n) { state_->changes_to_end = n; }
bool sim_disk::process_is_gone() const noexcept { return state_->gone; }
void sim_disk::fail_sync_after(std::uint64_t n) { state_->syncs_to_failure = n; }
void sim_disk::fail_write_after(std::uint64_t n) { state_->writes_to_failure = n; }
void sim_disk::fail_opens(int code) { state_->open_error = code; }
void sim_disk::set_capacity(std::uint64_t bytes) { state_->capacity = bytes; }

bool sim_disk::flip_bit(const std::string& path, std::uint64_t offset, unsigned bit) {
  const auto node = state_->find(path);
  if (!node || offset >= node->current.size()) return false;
  node->flip(offset, static_cast<char>(1U << (bit & 7U)));
  return true;
}

std::uint64_t sim_disk::writes() const noexcept { return state_->changes; }
std::uint64_t sim_disk::syncs() const noexcept { return state_->syncs; }
std::uint64_t sim_disk::used_bytes() const { return state_->used(); }
bool sim_disk::exists(const std::string& path) const { return state_->find(path) != nullptr; }

std::string sim_disk::content(const std::string& path) const {
  const auto node = state_->find(path);
  return node ? node->current : std::string{};
}

void sim_disk::put(const std::string& path, const std::string& bytes) { state_->put(path, bytes); }

void sim_disk::wipe() {
  state_->names.clear();
  state_->durable_names.clear();
  state_->journal.clear();
  state_->directories = {""};
}

std::string sim_disk::dump() const {
  std::string text;
  for (const auto& [path, node] : state_->names) {
    text += state_->full(path) + " " + std::to_string(node->current.size()) + "\n";
  }
  return text;
}

}  // namespace troupe::testing
