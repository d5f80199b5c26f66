/// Effects of the core as messages, one for each lane.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <troupe/roles/tree.hpp>

#include "actors/tree/core/effects.hpp"

namespace troupe::tree {

/// Sorts the effects of one message handled into one output for each lane, keeping their order.
class lane_outputs {
public:
  using lanes = std::map<std::uint32_t, role::tree::lane>;

  lane_outputs(zxid applied, const std::string& secret, const lanes& to)
      : applied_(applied), secret_(secret), lanes_(to) {}

  /// Makes room for so many effects in each output that gets one. Most servers have one lane.
  void expect(std::size_t effects) noexcept { expected_ = effects; }
  void add(effect::any effect);
  /// What `lane` gets, so far. Null if there is no such lane.
  [[nodiscard]] role::tree::output* of(std::uint32_t lane);
  /// Sends what was added; with `to_all`, every lane gets at least `applied`.
  void send(bool to_all, const role::tree::session_listener& sessions);

private:
  void add_one(effect::write_outcome& e);
  void add_one(effect::session_outcome& e);
  void add_one(effect::read_outcome& e);
  void add_one(effect::event& e);
  void add_one(effect::session_opened& e);
  void add_one(effect::session_closed& e);
  void add_one(effect::secret_changed& e);
  void add_one(effect::read_piece& e);
  template <class Item>
  void put(std::uint32_t lane, Item item);

  const zxid applied_;
  const std::string& secret_;
  const lanes& lanes_;
  std::map<std::uint32_t, role::tree::output> outputs_;
  std::size_t expected_ = 0;
  std::uint32_t newest_lane_ = 0;  ///< whose output was asked for last
  role::tree::output* newest_ = nullptr;
  role::tree::session_changes sessions_;
};

}  // namespace troupe::tree
