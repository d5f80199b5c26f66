/// What clients did to nodes that behave like registers, to be checked for linearizability.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "test/simulation/linearizability.hpp"

namespace troupe::test {

/// Collects operations with the moments at which they were asked for and answered. A node counts
/// if nothing but writes of its clients can change it; each is a register of its own, because a
/// history is linearizable when those of its registers are.
class register_log {
public:
  /// Whether clients use this path as a register: not for ephemeral nodes, nor for those with
  /// children.
  [[nodiscard]] static bool is_register(const std::string& path) {
    return path.starts_with("/own-") || path.starts_with("/shared-");
  }

  /// The moment that it is now: another one at each call.
  std::uint64_t tick() { return ++now_; }

  /// A write is asked for. Until more is known it may happen at any time.
  std::size_t begin(int client, const std::string& path, register_op::kind_t kind,
                    const std::string& data);
  void done(std::size_t number) { finish(number, register_op::fate_t::done); }
  /// For what the node's state was.
  void refused(std::size_t number) { finish(number, register_op::fate_t::refused); }
  /// It certainly did not happen, for another reason.
  void not_done(std::size_t number) { operations_.at(number).dropped = true; }

  /// A linearizable read was answered that had been asked for at `called`: `data` if the node was
  /// there and its content is known.
  void read(int client, const std::string& path, std::uint64_t called, bool there,
            const std::optional<std::string>& data);

  /// Everything that is wrong, as sentences.
  [[nodiscard]] std::vector<std::string> check() const;

  [[nodiscard]] std::size_t operations() const noexcept { return operations_.size(); }
  [[nodiscard]] std::size_t reads() const noexcept { return reads_; }

private:
  struct operation {
    register_op what;
    std::size_t path = 0;
    bool dropped = false;
  };
  void finish(std::size_t number, register_op::fate_t fate);
  std::size_t number_of(const std::string& path);
  register_op::value_t value_of(const std::string& data);
  [[nodiscard]] std::string describe(const register_op& one) const;

  std::uint64_t now_ = 0;
  std::vector<operation> operations_;
  std::vector<std::string> paths_;
  std::map<std::string, std::size_t> path_numbers_;
  std::vector<std::string> values_{""};  ///< by number, shortened
  std::map<std::string, register_op::value_t> value_numbers_;
  std::size_t reads_ = 0;
};

}  // namespace troupe::test
