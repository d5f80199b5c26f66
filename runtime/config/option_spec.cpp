#include <stdexcept>

#include <troupe/sdk/options.hpp>

#include "runtime/config/scalars.hpp"

namespace troupe::sdk {

namespace {

option_spec make(std::string name, option_kind kind, std::string doc) {
  option_spec spec;
  spec.name = std::move(name);
  spec.kind = kind;
  spec.doc = std::move(doc);
  return spec;
}

[[noreturn]] void mistake(const option_spec& spec, const std::string& what) {
  throw std::logic_error("option " + spec.name + ": " + what);
}

option_spec with_default(option_spec spec, option_value value) {
  spec.default_value = std::move(value);
  spec.required = false;
  return spec;
}

}  // namespace

option_spec option_spec::boolean(std::string name, std::string doc) {
  return make(std::move(name), option_kind::boolean, std::move(doc));
}

option_spec option_spec::integer(std::string name, std::string doc) {
  return make(std::move(name), option_kind::integer, std::move(doc));
}

option_spec option_spec::bytes(std::string name, std::string doc) {
  return make(std::move(name), option_kind::size_bytes, std::move(doc));
}

option_spec option_spec::duration(std::string name, std::string doc) {
  return make(std::move(name), option_kind::duration, std::move(doc));
}

option_spec option_spec::text(std::string name, std::string doc) {
  return make(std::move(name), option_kind::text, std::move(doc));
}

option_spec option_spec::address(std::string name, std::string doc) {
  return make(std::move(name), option_kind::address, std::move(doc));
}

option_spec option_spec::list(std::string name, std::string doc) {
  return make(std::move(name), option_kind::list_of_text, std::move(doc));
}

option_spec option_spec::addresses(std::string name, std::string doc) {
  return make(std::move(name), option_kind::addresses_by_id, std::move(doc));
}

option_spec option_spec::ids(std::string name, std::string doc) {
  return make(std::move(name), option_kind::ids, std::move(doc));
}

option_spec option_spec::numbers(std::string name, std::string doc) {
  return make(std::move(name), option_kind::numbers_by_id, std::move(doc));
}

option_spec option_spec::id_groups(std::string name, std::string doc) {
  return make(std::move(name), option_kind::groups_of_ids, std::move(doc));
}

option_spec option_spec::choice(std::string name, std::vector<std::string> choices,
                                std::string doc) {
  auto spec = make(std::move(name), option_kind::choice, std::move(doc));
  spec.choices = std::move(choices);
  return spec;
}

option_spec option_spec::by_default(bool value) && {
  if (kind != option_kind::boolean) mistake(*this, "the default is a boolean, the kind is not");
  return with_default(std::move(*this), value);
}

option_spec option_spec::by_default(std::int64_t value) && {
  if (kind == option_kind::integer) return with_default(std::move(*this), value);
  if (kind != option_kind::size_bytes || value < 0) {
    mistake(*this, "the default is a number that does not suit the kind");
  }
  return with_default(std::move(*this), static_cast<std::uint64_t>(value));
}

option_spec option_spec::by_default(std::chrono::nanoseconds value) && {
  if (kind != option_kind::duration) mistake(*this, "the default is a duration, the kind is not");
  return with_default(std::move(*this), value);
}

option_spec option_spec::by_default(const char* value) && {
  if (kind == option_kind::text || kind == option_kind::choice) {
    return with_default(std::move(*this), std::string(value));
  }
  if (kind != option_kind::address) mistake(*this, "the default is text, the kind is not");
  auto parsed = config::parse_address(value);
  if (!parsed.value) mistake(*this, parsed.problem.message);
  return with_default(std::move(*this), std::move(*parsed.value));
}

option_spec option_spec::by_default(std::vector<std::string> value) && {
  if (kind != option_kind::list_of_text) mistake(*this, "the default is a list, the kind is not");
  return with_default(std::move(*this), std::move(value));
}

option_spec option_spec::not_required() && {
  required = false;
  return std::move(*this);
}

option_spec option_spec::between(std::int64_t low, std::int64_t high) && {
  if (kind != option_kind::integer && kind != option_kind::size_bytes &&
      kind != option_kind::numbers_by_id) {
    mistake(*this, "only integers and sizes have plain bounds");
  }
  minimum = low;
  maximum = high;
  return std::move(*this);
}

option_spec option_spec::between(std::chrono::nanoseconds low, std::chrono::nanoseconds high) && {
  if (kind != option_kind::duration) mistake(*this, "only durations are bounded by durations");
  minimum = low.count();
  maximum = high.count();
  return std::move(*this);
}

option_spec option_spec::for_example(std::string value) && {
  example = std::move(value);
  return std::move(*this);
}

option_spec option_spec::secret() && {
  is_secret = true;
  return std::move(*this);
}

option_spec option_spec::counted_in(std::string unit_name) && {
  unit = std::move(unit_name);
  return std::move(*this);
}

std::string to_string(const address& value) {
  const bool v6 = value.host.find(':') != std::string::npos;
  return (v6 ? '[' + value.host + ']' : value.host) + ':' + std::to_string(value.port);
}

}  // namespace troupe::sdk
