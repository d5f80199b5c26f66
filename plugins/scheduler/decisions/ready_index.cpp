#include "decisions/ready_index.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include <troupe/base/znode_path.hpp>

#include "codec/job_codec.hpp"
#include "decisions/chunked_list.hpp"

namespace scheduler {

namespace {

std::uint64_t hash_of(std::string_view bytes) noexcept {
  std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a
  for (const char c : bytes)
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

std::string class_name(const std::string& job, std::uint64_t hash) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), ".%016llx", static_cast<unsigned long long>(hash));
  return job + text.data();
}

/// The path of a class that is there afterwards.
std::string class_for(book& with, const class_record& what) {
  const auto folder = with.paths().folder("ready");
  const auto bytes = encode(what);
  for (auto hash = hash_of(bytes.view());; ++hash) {
    const auto path = folder + "/" + class_name(what.job, hash);
    const auto facts = with.tree().node(path);
    if (facts) {
      auto present = decode_class(facts->data.view());
      if (present) present->obstacle.clear();
      if (present == what) return path;
      continue;  // another class with the same hash
    }
    const auto all = with.tree().node(folder);
    if (all && static_cast<std::size_t>(all->stat.num_children) >= most_classes) {
      refuse(troupe::error_code::quota_exceeded, "tasks of " + std::to_string(most_classes) +
                                                     " kinds (job, labels, resources) wait; "
                                                     "let some be done first");
    }
    create_node(with.tree(), path, bytes);
    return path;
  }
}

std::string entry_name(instant since, const task_name& name) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%015lld.", static_cast<long long>(since));
  return text.data() + entry_of(name);
}

}  // namespace

std::string add_ready(book& with, const task_name& name, const task_record& task) {
  const auto& definition = with.definition(name, task);
  const auto path = class_for(with, {name.job, definition.needs, definition.weight, {}});
  return append(with.tree(), path + "/" + std::to_string(task.priority),
                entry_name(task.ready, name));
}

void remove_ready(book& with, task_record& task) {
  if (task.place.empty()) return;
  remove_entry(with.tree(), task.place, with.paths().folder("ready"));
  task.place.clear();
}

std::vector<std::string> classes_after(book& with, std::string_view after, std::size_t most) {
  const auto folder = with.paths().folder("ready");
  auto names = with.tree().children(folder);
  const auto next = std::upper_bound(names.begin(), names.end(), after);
  std::rotate(names.begin(), next, names.end());
  if (names.size() > most) names.resize(most);
  for (auto& name : names)
    name = folder + "/" + name;
  return names;
}

waiting_class look_into(book& with, const std::string& path, std::size_t most) {
  waiting_class found{path, {}, {}};
  const auto facts = with.tree().node(path);
  auto what = facts ? decode_class(facts->data.view()) : std::nullopt;
  if (!what) {
    refuse(troupe::error_code::marshalling_error,
           path + " is not what the scheduler wrote; delete it with all below it");
  }
  found.what = std::move(*what);
  auto priorities = with.tree().children(path);
  std::reverse(priorities.begin(), priorities.end());  // one digit each
  for (const auto& priority : priorities) {
    for (const auto& entry : first_of(with.tree(), path + "/" + priority, most)) {
      const auto name = troupe::base_name(entry);
      const auto dot = name.find('.');
      auto task = dot == name.npos ? std::nullopt : task_of(name.substr(dot + 1));
      if (!task) continue;
      waiting_class::one one{std::move(*task), 0, 0};
      std::from_chars(priority.data(), priority.data() + priority.size(), one.priority);
      std::from_chars(name.data(), name.data() + dot, one.since);
      found.first.push_back(std::move(one));
    }
  }
  return found;
}

}  // namespace scheduler
