/// ZooKeeper's administrative commands: four letters instead of a first packet (section 13.1).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::zk {

/// All words that this gateway knows, in alphabetical order.
inline constexpr std::array<std::string_view, 18> four_letter_words = {
    "conf", "cons", "crst", "dirs", "dump", "envi", "gtmk", "hash", "isro",
    "mntr", "ruok", "srst", "srvr", "stat", "stmk", "wchc", "wchp", "wchs"};

/// The words that are open by default: cheap, changing nothing, and naming no znode.
inline const std::vector<std::string> default_four_letter_words = {
    "conf", "cons", "dirs", "envi", "gtmk", "hash", "isro", "mntr", "ruok", "srvr", "stat", "wchs"};

/// The known word at the beginning of `bytes`, if any.
std::optional<std::string_view> find_word(std::string_view bytes) noexcept;

/// What the operator allowed: single words, or "*" for all.
class word_list {
public:
  explicit word_list(const std::vector<std::string>& allowed);
  [[nodiscard]] bool allows(std::string_view word) const noexcept;

private:
  std::vector<std::string> allowed_;
};

/// Bytes of the mask that follows `stmk`.
inline constexpr std::size_t trace_mask_bytes = 8;

}  // namespace troupe::zk
