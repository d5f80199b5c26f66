#include "core/handlers.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace queue_handler {

namespace {

outcome upper_case(std::string_view item) {
  std::string text{item};
  for (auto& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

/// `1 2 3` gives `6`.
outcome sum(std::string_view item) {
  std::int64_t total = 0;
  for (std::size_t begin = 0; begin < item.size();) {
    const auto end = std::min(item.find(' ', begin), item.size());
    const auto word = item.substr(begin, end - begin);
    std::int64_t number = 0;
    const auto [rest, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error != std::errc{} || rest != word.data() + word.size()) {
      return troupe::failure{"\"" + std::string{word} + "\" is not a whole number"};
    }
    if (__builtin_add_overflow(total, number, &total)) {
      return troupe::failure{"the sum does not fit in 64 bits"};
    }
    begin = end + 1;
  }
  return std::to_string(total);
}

}  // namespace

std::span<const registered_handler> registered_handlers() {
  static const registered_handler all[] = {{"upper_case", upper_case}, {"sum", sum}};
  return all;
}

const handle_function& handler_called(std::string_view name) {
  const auto all = registered_handlers();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const registered_handler& one) { return one.name == name; });
  TROUPE_CHECK(found != all.end(), "the option `handler` takes only registered names");
  return found->handle;
}

}  // namespace queue_handler
