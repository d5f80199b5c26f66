/// Lines of `key: value` and then bytes.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <troupe/base/result.hpp>

namespace scheduler {

/// Reads them. Points into the text, which must outlive it.
class text_fields {
public:
  /// The failure names the line that is no field.
  static troupe::result<text_fields> parse(std::string_view text);

  /// Empty if there is no such field.
  [[nodiscard]] std::string_view text(std::string_view key) const noexcept;
  [[nodiscard]] const std::vector<std::pair<std::string_view, std::string_view>>& all() const {
    return fields_;
  }
  [[nodiscard]] std::string_view body() const noexcept { return body_; }

  /// A number within its type; `to` stays as it is if there is no such field. False if it is none.
  template <class Number>
  bool number(std::string_view key, Number& to) const noexcept {
    const auto value = text(key);
    if (value.empty()) return true;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), to);
    return error == std::errc{} && end == value.data() + value.size();
  }

private:
  std::vector<std::pair<std::string_view, std::string_view>> fields_;
  std::string_view body_;
};

/// The words of a list with commas between them; none of an empty text.
std::vector<std::string_view> split_list(std::string_view text);

}  // namespace scheduler
