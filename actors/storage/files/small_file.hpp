/// The small files beside the log: a few named numbers each, readable by people, replaced as a
/// whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/base/result.hpp>
#include <troupe/sdk/disk.hpp>

namespace troupe::storage {

/// One line of such a file.
struct fact {
  std::string_view key;
  std::uint64_t value = 0;
  bool hexadecimal = false;
};

/// The text of a file: a title with the format's version, the facts, and a checksum of it all.
std::string encode_facts(std::string_view title, const std::vector<fact>& facts);

/// Reads the values of `facts`, whose keys must be those of the file. Returns what is wrong, or
/// nothing. Only texts that `encode_facts` makes are taken, byte by byte.
std::optional<std::string> decode_facts(std::string_view text, std::string_view title,
                                        std::vector<fact>& facts);

/// Makes `text` the content of `path`, atomically and durably.
sdk::io_status replace_file(sdk::disk& disk, const std::string& path, std::string_view text);

/// The content of a small file, at most 4 KiB; nothing if there is no such file.
sdk::io_result<std::optional<std::string>> read_small_file(sdk::disk& disk,
                                                           const std::string& path);

}  // namespace troupe::storage
