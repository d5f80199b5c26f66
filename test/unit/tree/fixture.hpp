/// A leading tree for tests: requests are prepared, encoded, decoded and applied.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <troupe/base/txn.hpp>

#include "actors/tree/codec/txn_codec.hpp"
#include "actors/tree/core/tree.hpp"

namespace troupe::tree::test {

inline const acl open_acl{{permission_all, {"world", "anyone"}}};
inline const acl read_acl{{permission_read, {"world", "anyone"}}};

inline identities who(std::vector<identity> ids) {
  return std::make_shared<const std::vector<identity>>(std::move(ids));
}

inline create_op create(std::string path, std::string data = "",
                        node_kind kind = node_kind::persistent, bool sequential = false) {
  return {std::move(path), blob{std::string_view{data}}, open_acl, kind, sequential, -1};
}
inline create_op ephemeral(std::string path) {
  return create(std::move(path), "", node_kind::ephemeral);
}
inline create_op sequential(std::string path) {
  return create(std::move(path), "", node_kind::persistent, true);
}
inline create_op with_ttl(std::string path, std::int64_t ttl_ms) {
  auto op = create(std::move(path), "", node_kind::ttl);
  op.ttl_ms = ttl_ms;
  return op;
}
inline set_data_op set(std::string path, std::string data, std::int32_t version = any_version) {
  return {std::move(path), blob{std::string_view{data}}, version};
}

inline constexpr session_id alice{0x100000000000001}, bob{0x100000000000002};
inline constexpr std::uint32_t lane = 7;

/// One server that leads, with the sessions of alice and bob. Every request gets a new sequence
/// number in the lane, and the time moves on by one millisecond.
struct fixture {
  explicit fixture(const tree_options& options = {}) : tree_(options) {
    tree_.set_server({1}, 1);
    tree_.lead(1, "a secret of the deployment");
    write(create_session_op{milliseconds{4000}}, alice);
    write(create_session_op{milliseconds{8000}}, bob);
  }

  write_request request(write_op op, session_id session = alice, identities ids = {}) {
    return {{{1}, 1, lane, ++sequence_}, session, std::move(ids), 0, std::move(op)};
  }

  /// Prepares without applying.
  std::variant<txn, verdict> prepare(write_op op, session_id session = alice, identities ids = {}) {
    ++now_.ms;
    return tree_.preparing().prepare(request(std::move(op), session, std::move(ids)), now_);
  }
  /// Applies what was prepared, as another server would get it.
  void deliver(const std::variant<txn, verdict>& outcome) {
    if (const auto* decided = std::get_if<txn>(&outcome))
      tree_.deliver(codec::decode(codec::encode(*decided).body).value());
    else
      tree_.deliver(std::get<verdict>(outcome));
  }
  /// Does both; the outcome is the last effect that is one.
  std::vector<write_result> write(write_op op, session_id session = alice, identities ids = {}) {
    deliver(prepare(std::move(op), session, std::move(ids)));
    effects_ = tree_.take_effects();
    std::vector<write_result> results;
    for (const auto& one : effects_)
      if (const auto* outcome = std::get_if<effect::write_outcome>(&one))
        results = outcome->results;
    return results;
  }
  /// The single result of a write.
  write_result one(write_op op, session_id session = alice, identities ids = {}) {
    return write(std::move(op), session, std::move(ids)).at(0);
  }
  error_code error(write_op op, session_id session = alice, identities ids = {}) {
    return one(std::move(op), session, std::move(ids)).error;
  }
  std::vector<error_code> errors(std::vector<multi_item> items, session_id session = alice) {
    std::vector<error_code> codes;
    for (const auto& result : write(multi_op{std::move(items)}, session))
      codes.push_back(result.error);
    return codes;
  }

  read_result read(read_op op, identities ids = {}, std::uint64_t connection = 1,
                   session_id session = alice) {
    tree_.read(lane, {++sequence_, 0, connection, session, std::move(ids), std::move(op)});
    effects_ = tree_.take_effects();
    return std::get<effect::read_outcome>(effects_.back()).result;
  }
  stat stat_of(const std::string& path) { return read(exists_op{path}).stat; }
  std::string data_of(const std::string& path) {
    return std::string{read(get_data_op{path}).data.view()};
  }
  bool exists(const std::string& path) { return read(exists_op{path}).error == error_code::ok; }

  /// Events of the last write or read, as "kind path connection,connection".
  std::vector<std::string> events() const {
    static const char* const names[] = {"", "created", "deleted", "changed", "children"};
    std::vector<std::string> texts;
    for (const auto& one : effects_) {
      const auto* event = std::get_if<effect::event>(&one);
      if (!event) continue;
      std::string text = names[static_cast<int>(event->kind)];
      text += " " + event->path + " ";
      for (const auto& watcher : event->watchers)
        text += (text.back() == ' ' ? "" : ",") + std::to_string(watcher.connection);
      texts.push_back(text);
    }
    return texts;
  }

  tree tree_;
  wall_time now_{1'700'000'000'000};
  std::uint64_t sequence_ = 0;
  std::vector<effect::any> effects_;
};

}  // namespace troupe::tree::test
