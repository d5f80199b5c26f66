#include "core/text.hpp"

#include <array>
#include <concepts>

#include "core/text_fields.hpp"

namespace scheduler {

namespace {

using troupe::failure;

constexpr std::array<std::string_view, 4> report_states = {"running", "succeeded", "failed",
                                                           "cancelled"};

std::string field(std::string_view key, std::string_view value) {
  return std::string{key} + ": " + std::string{value} + "\n";
}
std::string field(std::string_view key, std::integral auto value) {
  return field(key, std::to_string(value));
}

/// Values are lines: what would end one becomes a blank.
std::string in_one_line(std::string text) {
  for (auto& c : text)
    if (c == '\n' || c == '\r') c = ' ';
  return text;
}

failure not_a_number(std::string_view what) {
  return {"a field of this " + std::string{what} + " that should be a number is none"};
}

bool take(std::string_view& from, std::uint64_t bytes, std::string& to) {
  if (from.size() < bytes) return false;
  to = from.substr(0, static_cast<std::size_t>(bytes));
  from.remove_prefix(static_cast<std::size_t>(bytes));
  return true;
}

}  // namespace

std::string write_assignment(const assignment_text& what) {
  return field("job", what.task.job) + field("run", what.task.run) + field("task", what.task.task) +
         field("attempt", what.attempt) + field("fence", what.fence) +
         field("state", what.cancelled ? "cancelled" : "assigned") +
         field("schedule-to-start-ms", what.limits.schedule_to_start) +
         field("start-to-close-ms", what.limits.start_to_close) +
         field("schedule-to-close-ms", what.limits.schedule_to_close) +
         field("heartbeat-ms", what.limits.heartbeat) +
         field("payload-bytes", what.payload.size()) + field("item-bytes", what.item.size()) +
         "\n" + what.payload + what.item;
}

troupe::result<assignment_text> read_assignment(std::string_view text) {
  const auto fields = text_fields::parse(text);
  if (!fields) return fields.error();
  assignment_text what;
  what.task = {std::string{fields->text("job")}, std::string{fields->text("run")},
               std::string{fields->text("task")}};
  what.cancelled = fields->text("state") == "cancelled";
  std::uint64_t payload = 0, item = 0;
  if (!fields->number("attempt", what.attempt) || !fields->number("fence", what.fence) ||
      !fields->number("schedule-to-start-ms", what.limits.schedule_to_start) ||
      !fields->number("start-to-close-ms", what.limits.start_to_close) ||
      !fields->number("schedule-to-close-ms", what.limits.schedule_to_close) ||
      !fields->number("heartbeat-ms", what.limits.heartbeat) ||
      !fields->number("payload-bytes", payload) || !fields->number("item-bytes", item)) {
    return not_a_number("assignment");
  }
  auto body = fields->body();
  if (!take(body, payload, what.payload) || !take(body, item, what.item)) {
    return failure{"this assignment has fewer bytes than it says"};
  }
  return what;
}

std::string write_report(const report_text& what) {
  std::string items, bodies;
  for (const auto& one : what.items) {
    items += (items.empty() ? "" : ",") + std::to_string(one.size());
    bodies += one;
  }
  return field("state", report_states[static_cast<std::size_t>(what.state)]) +
         field("attempt", what.attempt) + field("fence", what.fence) +
         field("error-class", in_one_line(what.error_class)) + field("items", items) + "\n" +
         bodies + what.body;
}

troupe::result<report_text> read_report(std::string_view text) {
  const auto fields = text_fields::parse(text);
  if (!fields) return fields.error();
  report_text what;
  const auto state = fields->text("state");
  std::size_t number = 0;
  while (number < report_states.size() && report_states[number] != state)
    ++number;
  if (number == report_states.size()) {
    return failure{"the report's state is \"" + std::string{state.substr(0, 40)} +
                   "\"; it is one of running, succeeded, failed, cancelled"};
  }
  what.state = static_cast<report_text::what>(number);
  if (!fields->number("attempt", what.attempt) || !fields->number("fence", what.fence)) {
    return not_a_number("report");
  }
  what.error_class = fields->text("error-class");
  auto body = fields->body();
  for (const auto length : split_list(fields->text("items"))) {
    std::uint64_t bytes = 0;
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bytes);
    if (error != std::errc{} || end != length.data() + length.size() ||
        !take(body, bytes, what.items.emplace_back())) {
      return failure{"the report's items are the lengths of what follows, as 3,5,8"};
    }
  }
  what.body = body;
  return what;
}

std::string write_worker(const worker_record& what) {
  std::string labels;
  for (const auto& label : what.labels)
    labels += (labels.empty() ? "" : ",") + label;
  auto text = field("slots", what.slots) + field("load", what.load) + field("labels", labels) +
              field("draining", what.draining ? "yes" : "no");
  for (const auto& [name, amount] : what.capacity)
    text += field("resource-" + name, amount);
  return text;
}

troupe::result<worker_record> read_worker(std::string_view text) {
  const auto fields = text_fields::parse(text);
  if (!fields) return fields.error();
  worker_record what;
  if (!fields->number("slots", what.slots) || !fields->number("load", what.load)) {
    return not_a_number("worker");
  }
  if (what.slots > 10'000 || what.load < 0 || what.load > 1'000'000'000) {
    return failure{"a worker has 0 to 10000 slots and a load of 0 to 10^9"};
  }
  what.draining = fields->text("draining") == "yes";
  for (const auto label : split_list(fields->text("labels"))) {
    if (!is_name(label)) return failure{"\"" + std::string{label.substr(0, 80)} + "\" is no label"};
    what.labels.emplace_back(label);
  }
  for (const auto& [key, value] : fields->all()) {
    constexpr std::string_view prefix = "resource-";
    if (!key.starts_with(prefix)) continue;
    auto& amount = what.capacity[std::string{key.substr(prefix.size())}];
    if (!fields->number(key, amount) || amount < 0 || amount > (std::int64_t{1} << 50)) {
      return failure{"\"" + std::string{value.substr(0, 40)} + "\" is no amount of a resource"};
    }
  }
  return what;
}

}  // namespace scheduler
