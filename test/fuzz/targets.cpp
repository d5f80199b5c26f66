#include "test/fuzz/targets.hpp"

namespace troupe::fuzz {

std::span<const target> targets() noexcept {
  static constexpr target all[] = {
      {"connection", connection},
      {"deployment", deployment},
      {"frames", frames},
      {"journal", journal},
      {"jute", jute},
      {"peer_greeting", peer_greeting},
      {"peer_link", peer_link},
      {"server_files", server_files},
      {"snapshot", snapshot},
      {"transaction", transaction},
  };
  return all;
}

}  // namespace troupe::fuzz
