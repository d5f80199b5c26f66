/// A client of a deployment in the same process, for plain threads.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/base/operation.hpp>
#include <troupe/base/result.hpp>
#include <troupe/embed/deployment.hpp>
#include <troupe/roles/coordinator.hpp>

namespace troupe::embed {

/// Why an operation gave nothing.
struct error {
  /// What the server answered. Nothing if no answer came, because the coordinator ended first; then
  /// nobody knows whether a write was done.
  std::optional<error_code> code;
  std::string message;  ///< operation, path and reason
  /// Of a multi: what became of each operation.
  std::vector<write_result> results = {};
};

/// What an operation gives, or why it gives nothing.
template <class T>
using answer = result<T, error>;

using event = role::coordinator::event;

/// Whether a read leaves a watch behind, which fires once.
enum class watch : bool { no, yes };

/// What a znode holds.
struct znode {
  blob data;
  troupe::stat stat;
};

struct create_options {
  node_kind kind = node_kind::persistent;
  bool sequential = false;  ///< the server appends ten digits to the path
  troupe::acl acl = {{permission_all, {"world", "anyone"}}};
  std::int64_t ttl_ms = -1;  ///< only for node_kind::ttl
};

struct client_settings {
  std::string coordinator = {};  ///< name of the component; needed only if there are several
  milliseconds session_timeout{10'000};
  identities who = nullptr;  ///< as whom; null means only world
  /// Called for every event, in order, on a thread of the client's own, where operations may be
  /// used as everywhere. As with ZooKeeper's clients, a read may return before the call for an
  /// event that it shows.
  std::function<void(const event&)> on_event = {};
  /// Called once, after the last event, when the client is of no more use although it was not
  /// closed: the session expired, or the coordinator or the deployment ended.
  std::function<void(const std::string& reason)> on_lost = {};
};

class client_core;

/// A session, with operations that wait for their answers. Every operation is answered: at the
/// latest when the coordinator ends. Thread-safe; operations of one client take effect in the order
/// in which they were called. The session lives as long as the client and the deployment do; there
/// is no ping, and it cannot be resumed. May outlive the deployment; then every operation fails.
class client {
public:
  /// Opens a session; waits until the deployment serves.
  static answer<client> open(const deployment& where, client_settings how = {});
  /// Ends the session without waiting: its ephemeral nodes go soon after.
  ~client();

  client(client&&) noexcept = default;
  client& operator=(client&& other) noexcept;

  [[nodiscard]] session_id session() const;
  /// The timeout that was granted; matters only if the whole process stands still.
  [[nodiscard]] milliseconds session_timeout() const;

  /// Gives the path, which is longer than the one asked for if `sequential`.
  answer<std::string> create(std::string path, std::string_view data, create_options how = {});
  answer<stat> set(std::string path, std::string_view data, std::int32_t version = any_version);
  answer<zxid> remove(std::string path, std::int32_t version = any_version);
  /// All or nothing. Gives one result for each operation.
  answer<std::vector<write_result>> multi(std::vector<multi_item> items);
  /// Gives the zxid that this server had reached when the sync went through.
  answer<zxid> sync();

  answer<znode> get(std::string path, watch also = watch::no);
  /// Nothing if there is no such node; a watch fires when it is created.
  answer<std::optional<stat>> exists(std::string path, watch also = watch::no);
  /// Bare names, in no order.
  answer<std::vector<std::string>> children(std::string path, watch also = watch::no);
  /// A watch that stays until it is removed.
  answer<zxid> add_watch(std::string path, watch_mode mode);
  answer<zxid> remove_watches(std::string path, watch_selector which = watch_selector::any);

  /// Any other operation. An error is one of the result's fields then, unless no answer came.
  answer<role::coordinator::wrote> write(write_op what);
  answer<role::coordinator::read_done> read(read_op what);

  /// Ends the session and waits until its ephemeral nodes are gone.
  answer<zxid> close();

private:
  explicit client(std::shared_ptr<client_core> core) : core_(std::move(core)) {}
  std::shared_ptr<client_core> core_;
};

}  // namespace troupe::embed
