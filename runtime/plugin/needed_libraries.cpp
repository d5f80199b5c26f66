#include "runtime/plugin/needed_libraries.hpp"

#include <elf.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace troupe::plugin {

namespace {

constexpr std::size_t max_segments = 64;
constexpr std::size_t max_entries = 1024;
constexpr std::size_t max_name = 256;

/// Up to `count` values of type T from an offset; fewer if the file ends or the offset is absurd.
template <class T>
std::vector<T> read(std::istream& file, std::uint64_t offset, std::size_t count) {
  std::vector<T> values(count);
  file.clear();
  if (offset > INT64_MAX || !file.seekg(static_cast<std::streamoff>(offset))) return {};
  file.read(reinterpret_cast<char*>(values.data()),
            static_cast<std::streamsize>(count * sizeof(T)));
  values.resize(static_cast<std::size_t>(file.gcount()) / sizeof(T));
  return values;
}

/// Where in the file an address of the loaded library is, or 0.
std::uint64_t offset_of(std::uint64_t address, const std::vector<Elf64_Phdr>& segments) {
  for (const auto& one : segments) {
    if (one.p_type == PT_LOAD && address >= one.p_vaddr && address - one.p_vaddr < one.p_filesz) {
      return one.p_offset + (address - one.p_vaddr);
    }
  }
  return 0;
}

std::string name_at(std::istream& file, std::uint64_t offset) {
  const auto bytes = read<char>(file, offset, max_name);
  return {bytes.begin(), std::find(bytes.begin(), bytes.end(), '\0')};
}

}  // namespace

std::vector<std::string> needed_libraries(std::istream& file) {
  const auto headers = read<Elf64_Ehdr>(file, 0, 1);
  if (headers.empty() || std::memcmp(headers[0].e_ident, ELFMAG, SELFMAG) != 0 ||
      headers[0].e_ident[EI_CLASS] != ELFCLASS64 || headers[0].e_ident[EI_DATA] != ELFDATA2LSB ||
      headers[0].e_phentsize != sizeof(Elf64_Phdr)) {
    return {};
  }
  const auto segments = read<Elf64_Phdr>(file, headers[0].e_phoff,
                                         std::min<std::size_t>(headers[0].e_phnum, max_segments));
  std::vector<Elf64_Dyn> entries;
  for (const auto& one : segments) {
    if (one.p_type != PT_DYNAMIC) continue;
    entries = read<Elf64_Dyn>(file, one.p_offset,
                              std::min<std::size_t>(one.p_filesz / sizeof(Elf64_Dyn), max_entries));
  }
  std::uint64_t strings = 0;
  for (const auto& entry : entries) {
    if (entry.d_tag == DT_STRTAB) strings = offset_of(entry.d_un.d_ptr, segments);
  }
  std::vector<std::string> names;
  for (const auto& entry : entries) {
    if (entry.d_tag == DT_NEEDED) names.push_back(name_at(file, strings + entry.d_un.d_val));
  }
  return names;
}

}  // namespace troupe::plugin
