#include <troupe/base/ids.hpp>

#include <array>
#include <charconv>

namespace troupe {
namespace {

std::string hexadecimal(std::uint64_t value) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
  return "0x" + std::string{digits.data(), end};
}

}  // namespace

std::string to_string(zxid id) { return hexadecimal(id.value); }
std::string to_string(session_id id) { return hexadecimal(id.value); }

}  // namespace troupe
