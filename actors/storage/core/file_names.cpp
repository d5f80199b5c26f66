#include "actors/storage/core/file_names.hpp"

#include <charconv>
#include <cinttypes>
#include <cstdio>

namespace troupe::storage {

std::string hex16(std::uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016" PRIx64, value);
  return text;
}

std::string to_text(zxid value) {
  char text[19];
  std::snprintf(text, sizeof text, "0x%" PRIx64, value.value);
  return text;
}

std::string segment_path(std::uint64_t number) {
  return std::string{log_directory} + "/" + hex16(number) + ".log";
}

std::string snapshot_path(zxid at) {
  return std::string{snapshot_directory} + "/" + hex16(at.value) + ".snapshot";
}

std::string unfinished_snapshot_path(zxid at) {
  return std::string{snapshot_directory} + "/" + hex16(at.value) + ".tmp";
}

std::string received_snapshot_path(zxid at) {
  return std::string{snapshot_directory} + "/" + hex16(at.value) + received_suffix;
}

std::string unfinished_received_path(zxid at) { return received_snapshot_path(at) + ".tmp"; }

std::optional<std::uint64_t> number_in(std::string_view name, std::string_view suffix) {
  if (name.size() != 16 + suffix.size() || !name.ends_with(suffix)) return {};
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(name.data(), name.data() + 16, value, 16);
  if (problem != std::errc{} || end != name.data() + 16) return {};
  // Upper-case digits would name the same segment twice.
  if (hex16(value) != name.substr(0, 16)) return {};
  return value;
}

}  // namespace troupe::storage
