#include <stdexcept>

#include <troupe/sdk/options.hpp>

namespace troupe::sdk {

option_values option_values::defaults_of(const std::vector<option_spec>& specs) {
  option_values values;
  for (const auto& spec : specs) {
    if (!std::holds_alternative<std::monostate>(spec.default_value)) {
      values.set(spec.name, spec.default_value);
    }
  }
  return values;
}

option_values& option_values::set(std::string name, option_value value) {
  values_.insert_or_assign(std::move(name), std::move(value));
  return *this;
}

bool option_values::has(std::string_view name) const {
  const auto found = values_.find(name);
  return found != values_.end() && !std::holds_alternative<std::monostate>(found->second);
}

template <typename T>
const T& option_values::get(std::string_view name, const char* kind) const {
  const auto found = values_.find(name);
  if (found == values_.end()) {
    throw std::logic_error("option " + std::string(name) + " has no value");
  }
  const auto* value = std::get_if<T>(&found->second);
  if (value == nullptr) {
    throw std::logic_error("option " + std::string(name) + " is not " + kind);
  }
  return *value;
}

bool option_values::boolean(std::string_view name) const { return get<bool>(name, "a boolean"); }

std::int64_t option_values::integer(std::string_view name) const {
  return get<std::int64_t>(name, "an integer");
}

std::uint64_t option_values::bytes(std::string_view name) const {
  return get<std::uint64_t>(name, "a size");
}

std::chrono::nanoseconds option_values::duration(std::string_view name) const {
  return get<std::chrono::nanoseconds>(name, "a duration");
}

std::chrono::milliseconds option_values::milliseconds(std::string_view name) const {
  return std::chrono::floor<std::chrono::milliseconds>(duration(name));
}

const std::string& option_values::text(std::string_view name) const {
  return get<std::string>(name, "text");
}

const address& option_values::address(std::string_view name) const {
  return get<sdk::address>(name, "an address");
}

const std::vector<std::string>& option_values::list(std::string_view name) const {
  return get<std::vector<std::string>>(name, "a list");
}

const std::map<std::int64_t, address>& option_values::addresses(std::string_view name) const {
  return get<std::map<std::int64_t, sdk::address>>(name, "a mapping of addresses");
}

const std::vector<std::int64_t>& option_values::ids(std::string_view name) const {
  return get<std::vector<std::int64_t>>(name, "a list of server ids");
}

const std::map<std::int64_t, std::int64_t>& option_values::numbers(std::string_view name) const {
  return get<std::map<std::int64_t, std::int64_t>>(name, "a mapping of numbers");
}

const std::vector<std::vector<std::int64_t>>&
option_values::id_groups(std::string_view name) const {
  return get<std::vector<std::vector<std::int64_t>>>(name, "a list of groups of server ids");
}

}  // namespace troupe::sdk
