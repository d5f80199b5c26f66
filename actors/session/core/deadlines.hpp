/// When sessions expire, as a pure state machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <set>
#include <utility>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include <troupe/base/ids.hpp>
#include <troupe/base/time.hpp>

namespace troupe::session {

/// Who has the connection of a session, as far as this server knows.
struct session_owner {
  server_id server;        ///< 0: not known, or another one
  std::uint32_t lane = 0;  ///< of the gateway, if the server is this one; 0: not known
  bool operator==(const session_owner&) const = default;
};

/// What is known of one session besides that it exists.
struct session_record {
  milliseconds timeout{0};
  milliseconds noted{0};    ///< the timeout that the history has, or is about to have
  monotonic_time deadline;  ///< rounded up to a tick, as it stands in the calendar
  session_owner owner;
  bool closing = false;       ///< its end was asked for; it cannot be touched or resumed
  std::uint32_t reports = 0;  ///< how often `expire` has given it
  bool spared = false;        ///< its time was over, and it got more, since it was heard of
};

/// The calendar of sessions.
///
/// A session that was not heard of for its timeout expires at the next tick: never earlier, so that
/// a client that pings in time never loses its session, and at most one tick later. Rounding to
/// ticks makes a touch cheap: most move nothing in the calendar. Expired sessions are *closing*
/// until the transaction that closes them is applied and `closed` is called.
class deadlines {
public:
  explicit deadlines(nanoseconds tick) : tick_(tick) {}

  /// A session exists from now on, with a full timeout ahead of it. `server`: where it was opened,
  /// or 0.
  void opened(session_id session, milliseconds timeout, monotonic_time now, server_id server = {});
  /// The history has another timeout for the session. Its deadline is that of whoever made it so.
  void retimed(session_id session, milliseconds timeout);
  /// Whether the history needs to be told of this timeout; it is taken as told from then on.
  /// The session must exist.
  [[nodiscard]] bool must_note(session_id session, milliseconds timeout);
  /// A session is gone.
  void closed(session_id session);
  /// Forgets everything.
  void clear();

  /// The session was heard of. Unknown and closing sessions are left alone.
  void touch(session_id session, monotonic_time now);

  /// A client goes on with the session at `owner`; its timeout is negotiated anew, and lies ahead
  /// of it in full. Returns the former owner. The session must be `alive`.
  session_owner resume(session_id session, session_owner owner, milliseconds timeout,
                       monotonic_time now);
  /// As `resume`, but another server decides about the session, and may know of it earlier.
  session_owner moved(session_id session, session_owner owner);

  /// Sessions whose time is over, in the order of their deadlines; they are closing from then on.
  /// One that is still there a timeout later is reported again, because the request to close it may
  /// have been refused, for example for want of space.
  std::vector<session_id> expire(monotonic_time now) {
    return expire(now, [](const session_record&) { return false; }, {});
  }
  /// As above, but a session whose client may have been heard elsewhere without anybody here
  /// knowing, which `unheard` decides, gets `grace` more: once, until it is heard of again.
  std::vector<session_id> expire(monotonic_time now,
                                 const std::function<bool(const session_record&)>& unheard,
                                 nanoseconds grace);

  /// Every session gets a full timeout again: while nobody led, nobody could be heard. Nor can it
  /// be known who owns which.
  void restart_all(monotonic_time now);

  [[nodiscard]] bool alive(session_id session) const;
  [[nodiscard]] const session_record* find(session_id session) const;
  [[nodiscard]] std::size_t size() const noexcept { return sessions_.size(); }
  /// When `expire` may have something to do next; far in the future if never.
  [[nodiscard]] monotonic_time next() const noexcept;
  /// The first `most` sessions that are not closing, by deadline.
  [[nodiscard]] std::vector<std::pair<session_id, monotonic_time>>
  list(std::size_t most = std::numeric_limits<std::size_t>::max()) const;

private:
  [[nodiscard]] monotonic_time round_up(monotonic_time t) const noexcept;
  void move(session_id session, session_record& record, monotonic_time deadline);

  const nanoseconds tick_;
  absl::flat_hash_map<session_id, session_record> sessions_;
  /// Sessions by deadline; the id makes the order the same on every run.
  std::set<std::pair<monotonic_time, session_id>> calendar_;
};

}  // namespace troupe::session
