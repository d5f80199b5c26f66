/// Whether what several clients saw of one register can have happened in some order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace troupe::test {

/// One operation on a register that is empty or holds a value. Every value is written at most once.
struct register_op {
  enum class kind_t : std::uint8_t {
    create,  ///< empty -> value; refused if it is not empty
    set,     ///< another value; refused if it is empty
    remove,  ///< empty; refused if it is that already
    read,
  };
  enum class fate_t : std::uint8_t {
    done,
    refused,
    unknown,  ///< it may have happened at any time after it was called, or never
  };
  using value_t = std::uint32_t;
  static constexpr value_t empty = 0;
  static constexpr value_t some_value = ~value_t{0};  ///< a read saw that it was not empty
  static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

  kind_t kind = kind_t::read;
  fate_t fate = fate_t::unknown;
  value_t value = empty;  ///< written, or read
  std::uint64_t called = 0;
  std::uint64_t returned = never;  ///< if it was answered; all times of a history differ
  int client = 0;                  ///< for messages only
};

struct linearizability {
  enum class answer_t : std::uint8_t {
    yes,
    no,
    undecided,  ///< too many possibilities
  };
  answer_t answer = answer_t::yes;
  /// If not `yes`: an operation that had returned and found no place after as many others as
  /// possible.
  std::size_t culprit = 0;
  std::uint64_t steps = 0;
};

/// Looks for an order of the operations in which each does what it did, and which keeps the order
/// of any two of which one had returned before the other was called. The search is that of Wing and
/// Gong with Lowe's memory of what has been tried: a register's value and the set of operations
/// done. An operation that changes nothing is placed as soon as it fits, which loses no solution.
/// The register is empty at first. Pure.
linearizability check_register(std::span<const register_op> all, std::uint64_t most_steps);

}  // namespace troupe::test
