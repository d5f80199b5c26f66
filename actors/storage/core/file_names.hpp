/// Where storage keeps what, below data_dir.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <troupe/base/ids.hpp>

namespace troupe::storage {

inline constexpr const char* identity_file = "identity";
inline constexpr const char* epochs_file = "epochs";
inline constexpr const char* clean_file = "clean";
/// Its existence says that the server's votes count, although no epoch is claimed yet.
inline constexpr const char* member_file = "member";
/// Its existence says that the history is an ensemble's.
inline constexpr const char* shared_file = "shared";
/// Where the log is to end, while its end is being removed.
inline constexpr const char* cut_file = "cut";
/// Its existence says that a damaged history was put aside and not made up for yet.
inline constexpr const char* damaged_file = "damaged";
inline constexpr const char* log_directory = "log";
inline constexpr const char* snapshot_directory = "snapshots";
/// A segment that is being written full of zeros.
inline constexpr const char* unfinished_segment = "log/prepared.tmp";
/// Written and removed to see whether there is space for a segment.
inline constexpr const char* space_probe = "space.tmp";
/// A segment without transactions that is being made.
inline constexpr const char* unfinished_base = "log/base.tmp";

/// 16 lower-case hexadecimal digits.
std::string hex16(std::uint64_t value);
/// As people write zxids: 0x and hexadecimal digits.
std::string to_text(zxid value);

/// `log/<number>.log`
std::string segment_path(std::uint64_t number);
/// `snapshots/<zxid>.snapshot`
std::string snapshot_path(zxid at);
/// The name of a snapshot that is being written.
std::string unfinished_snapshot_path(zxid at);

/// A complete snapshot of another server that is to replace the history, and its name before that.
std::string received_snapshot_path(zxid at);
std::string unfinished_received_path(zxid at);
inline constexpr const char* received_suffix = ".received";

/// The number in a file name such as `<16 digits>.log`, if it is one.
std::optional<std::uint64_t> number_in(std::string_view name, std::string_view suffix);

}  // namespace troupe::storage
