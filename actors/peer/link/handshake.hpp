/// How two servers make sure of each other.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "actors/peer/codec/frames.hpp"
#include "actors/peer/codec/greeting.hpp"
#include "actors/peer/codec/proof.hpp"

namespace troupe::peer {

/// What a server is to the others; all its links share it.
struct identity {
  server_id self;
  std::set<server_id> members;  ///< of the deployment, itself included
  std::string secret;           ///< empty: none
  std::uint64_t instance = 0;
};

/// What decides about a link beside identities.
class gate {
public:
  /// Whether somebody uses this channel here.
  [[nodiscard]] virtual bool is_used(channel on) const = 0;
  /// Whether this process of a server was followed by another one, so that there are two.
  [[nodiscard]] virtual bool is_superseded(server_id server, std::uint64_t instance) const = 0;

protected:
  ~gate() = default;
};

/// One end of a handshake, as a pure state machine over the payloads of frames. The one who dials
/// greets and proves first, because it is easier to reach a port than to be reached in the place of
/// another:
///
///     dialer                       acceptor
///     hello  -------------------->
///            <--------------------  hello
///     proof  -------------------->
///            <--------------------  welcome (its proof)
///
/// Either may send a refusal instead of its next frame.
class handshake {
public:
  /// `own` and `rules` outlive it. `first` is this end's greeting; the one who was dialed fills in
  /// receiver and channel when it knows them.
  handshake(const identity& own, const gate& rules, side end, hello first);

  enum class state { going_on, done, refused };
  [[nodiscard]] state where() const noexcept { return state_; }

  /// What the one who dials says first. Once.
  std::string begin();
  /// A frame has arrived. Returns the frames to send, possibly none.
  std::string step(frame_kind kind, std::string_view payload);

  /// The other end, as it says; proven when the handshake is done.
  [[nodiscard]] const hello& other() const noexcept { return other_; }
  /// Who was meant, or who it says it is; 0 before anything is known.
  [[nodiscard]] server_id server() const noexcept;
  [[nodiscard]] channel on() const noexcept { return own_.channel; }

  /// Of one that was refused.
  struct failure {
    std::string why;           ///< with both values, for people
    bool worth_a_line = true;  ///< false: what is normal while servers start
    bool by_other_end = false;
  };
  [[nodiscard]] const failure& why() const noexcept { return failure_; }

private:
  enum class expects { hello, proof, welcome, nothing };

  std::string on_hello(std::string_view payload);
  std::string on_proof(std::string_view payload);
  void on_welcome(std::string_view payload);
  void on_refusal(std::string_view payload);
  [[nodiscard]] std::string own_proof(side who) const;
  /// Ends it. Returns the frame that says why.
  std::string refuse(refusal_reason reason, std::string why);
  void malformed(std::string why);
  /// Whether the other end is one to talk with; else what to say.
  struct objection {
    refusal_reason reason;
    std::string why;
  };
  [[nodiscard]] std::optional<objection> objection_to(const hello& greeting) const;
  [[nodiscard]] std::optional<objection> last_objection() const;

  const identity& identity_;
  const gate& gate_;
  const side side_;
  hello own_;
  hello other_;
  std::string dialers_hello_, acceptors_hello_;  ///< bytes, for the proofs
  expects expects_ = expects::hello;
  state state_ = state::going_on;
  failure failure_;
};

}  // namespace troupe::peer
