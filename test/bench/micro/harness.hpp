/// The smallest harness for timing one piece of code.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace micro {

/// One piece: `run(n)` does it n times. What it needs is made when it is first run.
struct piece {
  std::string name;
  std::function<void(std::uint64_t n)> run;
};

/// Keeps the compiler from dropping the computation of `value`.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

/// The pieces of each room.
std::vector<piece> wire_pieces();
std::vector<piece> tree_pieces();
std::vector<piece> storage_pieces();
std::vector<piece> reactor_pieces();

}  // namespace micro
