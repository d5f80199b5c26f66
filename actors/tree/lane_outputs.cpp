#include "actors/tree/lane_outputs.hpp"

#include <utility>

namespace troupe::tree {

void lane_outputs::add(effect::any effect) {
  std::visit([this](auto& e) { add_one(e); }, effect);
}

role::tree::output* lane_outputs::of(std::uint32_t lane) {
  if (newest_ && newest_lane_ == lane) return newest_;
  if (!lanes_.contains(lane)) return nullptr;
  newest_lane_ = lane;
  newest_ = &outputs_[lane];
  if (newest_->items.empty()) newest_->items.reserve(expected_);
  return newest_;
}

template <class Item>
void lane_outputs::put(std::uint32_t lane, Item item) {
  // A lane that is not there any more, or an origin that nobody listens for, gets nothing.
  if (auto* to = of(lane)) to->items.emplace_back(std::in_place_type<Item>, std::move(item));
}

void lane_outputs::add_one(effect::write_outcome& e) {
  put(e.lane, role::tree::write_reply{e.sequence, e.zxid, std::move(e.results), e.is_multi,
                                      std::move(e.reply)});
}

void lane_outputs::add_one(effect::session_outcome& e) {
  put(e.lane, role::tree::session_reply{e.sequence, e.zxid, e.error, e.session, e.timeout,
                                        std::move(e.password)});
}

void lane_outputs::add_one(effect::read_outcome& e) {
  put(e.lane, role::tree::read_reply{e.sequence, e.connection, e.zxid, std::move(e.result)});
}

void lane_outputs::add_one(effect::event& e) {
  // Watchers are sorted by lane, so each lane's connections are one run.
  for (auto it = e.watchers.begin(); it != e.watchers.end();) {
    const auto lane = it->lane;
    role::tree::watch_event event{e.kind, e.path, e.zxid, {}};
    for (; it != e.watchers.end() && it->lane == lane; ++it)
      event.connections.push_back(it->connection);
    put(lane, std::move(event));
  }
}

void lane_outputs::add_one(effect::session_opened& e) {
  sessions_.changes.emplace_back(role::tree::session_changes::opened{e.session, e.timeout});
}

void lane_outputs::add_one(effect::session_closed& e) {
  sessions_.changes.emplace_back(role::tree::session_changes::closed{e.session, e.cause});
  for (const auto& [number, lane] : lanes_)
    put(number, role::tree::session_ended{e.session, e.cause});
}

void lane_outputs::add_one(effect::secret_changed&) { sessions_.secret = secret_; }

void lane_outputs::add_one(effect::read_piece& e) {
  put(e.to.lane, role::tree::read_piece{e.to.connection, std::move(e.names), e.given_up});
}

void lane_outputs::send(bool to_all, const role::tree::session_listener& sessions) {
  // Sessions first: whoever hears of a new session from a lane may ask the session component.
  if (!sessions_.changes.empty() || !sessions_.secret.empty()) sessions.send(std::move(sessions_));
  for (const auto& [number, lane] : lanes_) {
    auto& output = outputs_[number];
    if (output.items.empty() && !to_all) continue;
    output.applied = applied_;
    lane.send(std::move(output));
  }
}

}  // namespace troupe::tree
