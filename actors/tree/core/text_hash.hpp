/// Hash containers keyed by text, looked up without making a string.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include <absl/container/flat_hash_map.h>

#include "actors/tree/core/fast_hash.hpp"

namespace troupe::tree {

struct text_hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return fast_hash(text); }
};

template <class T>
using text_map = absl::flat_hash_map<std::string, T, text_hash, std::equal_to<>>;

}  // namespace troupe::tree
