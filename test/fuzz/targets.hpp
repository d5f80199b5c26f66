/// Every decoder of outside bytes, as a function that takes any bytes at all.
#pragma once

#include <span>
#include <string_view>

namespace troupe::fuzz {

// Each returns normally whatever the input is, or ends the process because something that must
// always hold does not: that is a finding. Deterministic: equal input, equal behaviour.

/// The payload of a frame: connect requests, auth packets and every operation, decoded, encoded
/// again independently, and decoded once more.
void jute(std::string_view input);
/// One byte that chooses how the rest is cut: the same frames come out however the stream is cut.
void frames(std::string_view input);
/// A conversation of one client with a connection and a tree: handshake, requests, four-letter
/// words. Two bytes choose how it is cut and how quickly outcomes come back.
void connection(std::string_view input);
/// A script that writes log segments, honest and damaged ones, and then recovers from them.
void journal(std::string_view input);
/// The records of a snapshot, loaded into a tree; or a snapshot file.
void snapshot(std::string_view input);
/// The envelope of a transaction.
void transaction(std::string_view input);
/// The small files of a data directory: identity, epochs, the mark of a clean end.
void server_files(std::string_view input);
/// A deployment file, and behind zero bytes `--set` arguments.
void deployment(std::string_view input);

/// What one end of a connection between servers is sent: while they greet, by somebody who does not
/// know the secret, or after it. Two bytes choose the end, which of the two, and how it is cut.
void peer_link(std::string_view input);
/// A greeting or a refusal of another server.
void peer_greeting(std::string_view input);

struct target {
  std::string_view name;
  void (*run)(std::string_view input);
};
std::span<const target> targets() noexcept;

}  // namespace troupe::fuzz
