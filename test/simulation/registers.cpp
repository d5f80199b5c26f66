#include "test/simulation/registers.hpp"

namespace troupe::test {
namespace {

/// Ordinary histories need a few steps per operation.
constexpr std::uint64_t most_steps = 200'000;
constexpr std::size_t shown_bytes = 12;

}  // namespace

std::size_t register_log::number_of(const std::string& path) {
  const auto [found, fresh] = path_numbers_.emplace(path, paths_.size());
  if (fresh) paths_.push_back(path);
  return found->second;
}

register_op::value_t register_log::value_of(const std::string& data) {
  const auto next = static_cast<register_op::value_t>(values_.size());
  const auto [found, fresh] = value_numbers_.emplace(data, next);
  if (fresh) values_.push_back(data.substr(0, shown_bytes));
  return found->second;
}

std::size_t register_log::begin(int client, const std::string& path, register_op::kind_t kind,
                                const std::string& data) {
  register_op made;
  made.kind = kind;
  made.value = kind == register_op::kind_t::remove ? register_op::empty : value_of(data);
  made.called = tick();
  made.client = client;
  operations_.push_back({made, number_of(path)});
  return operations_.size() - 1;
}

void register_log::finish(std::size_t number, register_op::fate_t fate) {
  auto& one = operations_.at(number).what;
  one.fate = fate;
  one.returned = tick();
}

void register_log::read(int client, const std::string& path, std::uint64_t called, bool there,
                        const std::optional<std::string>& data) {
  register_op made;
  made.kind = register_op::kind_t::read;
  made.fate = register_op::fate_t::done;
  made.value = !there ? register_op::empty : data ? value_of(*data) : register_op::some_value;
  made.called = called;
  made.returned = tick();
  made.client = client;
  operations_.push_back({made, number_of(path)});
  ++reads_;
}

std::string register_log::describe(const register_op& one) const {
  static constexpr const char* kinds[] = {"create", "set", "remove", "read"};
  std::string value = one.value == register_op::some_value ? "something"
                      : one.value == register_op::empty    ? "nothing"
                                                           : values_[one.value];
  std::string text = "client " + std::to_string(one.client) + "'s ";
  if (one.fate == register_op::fate_t::refused) text += "refused ";
  return text + kinds[static_cast<std::size_t>(one.kind)] + " of " + value + " between moments " +
         std::to_string(one.called) + " and " + std::to_string(one.returned);
}

std::vector<std::string> register_log::check() const {
  std::vector<std::vector<register_op>> by_path(paths_.size());
  for (const auto& one : operations_) {
    if (!one.dropped) by_path[one.path].push_back(one.what);
  }
  std::vector<std::string> wrong;
  for (std::size_t i = 0; i < by_path.size(); ++i) {
    const auto found = check_register(by_path[i], most_steps);
    if (found.answer == linearizability::answer_t::no) {
      wrong.push_back(paths_[i] + " is not linearizable: no place for " +
                      describe(by_path[i][found.culprit]));
    }
  }
  return wrong;
}

}  // namespace troupe::test
