#include "decisions/timers.hpp"

#include <array>
#include <charconv>
#include <cstdio>

#include <troupe/base/znode_path.hpp>

#include "decisions/chunked_list.hpp"

namespace scheduler {

namespace {

/// When the bucket of something that happens at `at` is due: not after it where it is far away, and
/// at most 100 ms after it where it is near.
instant bucket_of(instant at, instant now) {
  const auto distance = at - now;
  const auto down = [&](instant step) { return at / step * step; };
  if (distance <= 10'000) return (at + 99) / 100 * 100;
  if (distance <= 1'000'000) return down(10'000);
  if (distance <= 1'000'000'000) return down(1'000'000);
  return down(100'000'000);
}

std::string bucket_name(instant when) {
  std::array<char, 24> name{};
  std::snprintf(name.data(), name.size(), "%015lld", static_cast<long long>(when));
  return name.data();
}

instant number_of(std::string_view name) {
  instant when = 0;
  std::from_chars(name.data(), name.data() + name.size(), when);
  return when;
}

/// The bucket in timers/<bucket>/<chunk>/<entry>.
instant bucket_in(std::string_view path) {
  return number_of(troupe::base_name(troupe::parent_path(troupe::parent_path(path))));
}

}  // namespace

std::string timer_of(const task_name& task) { return "t." + entry_of(task); }
std::string timer_of(std::string_view job) { return "j." + std::string{job}; }

timer_owner owner_of(std::string_view entry) {
  timer_owner owner;
  if (entry.starts_with("t.")) owner.task = task_of(entry.substr(2));
  if (entry.starts_with("j.") && is_name(entry.substr(2))) owner.job = entry.substr(2);
  return owner;
}

void arm(book& with, const std::string& entry, instant at, std::string& present) {
  const auto bucket = bucket_of(at, with.now());
  // An early entry is as good: it is armed again when it comes up.
  if (at != 0 && !present.empty()) {
    const auto now_in = bucket_in(present);
    if (now_in <= bucket && now_in > with.now()) return;
    if (now_in == bucket) return;
  }
  const auto folder = with.paths().folder("timers");
  if (!present.empty()) remove_entry(with.tree(), present, folder);
  present.clear();
  if (at != 0) present = append(with.tree(), folder + "/" + bucket_name(bucket), entry);
}

std::vector<std::string> due_timers(book& with, std::size_t most) {
  const auto folder = with.paths().folder("timers");
  std::vector<std::string> found;
  for (const auto& bucket : with.tree().children(folder)) {
    if (found.size() >= most || number_of(bucket) > with.now()) break;
    auto more = first_of(with.tree(), folder + "/" + bucket, most - found.size());
    found.insert(found.end(), more.begin(), more.end());
  }
  return found;
}

std::optional<instant> next_timer(book& with) {
  const auto buckets = with.tree().children(with.paths().folder("timers"));
  if (buckets.empty()) return std::nullopt;
  return number_of(buckets.front());
}

}  // namespace scheduler
