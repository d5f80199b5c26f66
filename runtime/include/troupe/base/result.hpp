/// A value or the reason why there is none.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include <troupe/base/check.hpp>

namespace troupe {

/// Why something failed, as a sentence for a person: what, where, and what to do.
struct failure {
  std::string message;
};

/// A `T` or an `E`. Asking for the one that is not there is a broken invariant and ends the
/// process. Construct with a `T`, or with an `E` where the types differ.
template <class T, class E = failure>
class result {
public:
  result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  result(E error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  [[nodiscard]] explicit operator bool() const noexcept { return ok(); }

  [[nodiscard]] T& value() & {
    TROUPE_CHECK(ok(), "value() of a result that holds an error");
    return std::get<0>(state_);
  }
  [[nodiscard]] const T& value() const& {
    TROUPE_CHECK(ok(), "value() of a result that holds an error");
    return std::get<0>(state_);
  }
  [[nodiscard]] T&& value() && { return std::move(value()); }
  [[nodiscard]] T& operator*() & { return value(); }
  [[nodiscard]] const T& operator*() const& { return value(); }
  [[nodiscard]] T* operator->() { return &value(); }
  [[nodiscard]] const T* operator->() const { return &value(); }

  [[nodiscard]] const E& error() const {
    TROUPE_CHECK(!ok(), "error() of a result that holds a value");
    return std::get<1>(state_);
  }

private:
  std::variant<T, E> state_;
};

}  // namespace troupe
