/// Random requests over a small set of paths, so that they collide.
#pragma once

#include <string>
#include <vector>

#include <troupe/base/prng.hpp>

#include "test/unit/tree/fixture.hpp"

namespace troupe::tree::test {

class generator {
public:
  explicit generator(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }
  bool chance(std::uint64_t numerator, std::uint64_t denominator) {
    return random_.chance(numerator, denominator);
  }

  session_id session() { return {0x100 + below(4)}; }
  std::string path() {
    std::string text;
    for (auto depth = 1 + below(3); depth > 0; --depth)
      text += std::string{"/"} + static_cast<char>('a' + below(3));
    return text;
  }
  std::int32_t version() {
    return chance(2, 5) ? any_version : static_cast<std::int32_t>(below(3));
  }
  blob data() {
    if (chance(1, 10)) return {};
    return blob{std::string_view{std::string(below(40), static_cast<char>('a' + below(26)))}};
  }
  create_op make_create() {
    auto op = create(path());
    op.data = data();
    const auto kind = below(6);
    if (kind == 4) op.kind = node_kind::ephemeral;
    if (kind == 5) op.kind = node_kind::container;
    op.sequential = chance(1, 5);
    return op;
  }
  multi_item item() {
    switch (below(5)) {
    case 0:
      return delete_op{path(), version()};
    case 1:
      return set_data_op{path(), data(), version()};
    case 2:
      return check_op{path(), version()};
    default:
      return make_create();
    }
  }
  write_op write() {
    const auto which = below(100);
    if (which < 40) return make_create();
    if (which < 60) return delete_op{path(), version()};
    if (which < 75) return set_data_op{path(), data(), version()};
    if (which < 80) return set_acl_op{path(), open_acl, version()};
    if (which < 95) {
      multi_op op;
      for (auto n = 1 + below(5); n > 0; --n)
        op.items.push_back(item());
      return op;
    }
    if (which < 98) return create_session_op{milliseconds{1000 + below(1000)}};
    return close_session_op{};
  }

private:
  prng random_;
};

}  // namespace troupe::tree::test
