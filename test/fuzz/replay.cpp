// Runs a target over files, as a plain test in every build.
//
//   fuzz_replay TARGET FILE|DIRECTORY...
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "test/fuzz/targets.hpp"

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> inputs(int count, char** names) {
  std::vector<fs::path> files;
  for (int i = 0; i < count; ++i) {
    if (!fs::is_directory(names[i])) {
      files.emplace_back(names[i]);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator{names[i]}) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool run(const troupe::fuzz::target& which, const fs::path& path) {
  // An unhandled exception or a failed check says what, this says where.
  std::fprintf(stderr, "%s\n", path.c_str());
  std::ifstream file{path, std::ios::binary};
  const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
  if (!file) {
    std::fprintf(stderr, "cannot be read\n");
    return false;
  }
  // On the heap and not a byte longer, so that AddressSanitizer sees every step beyond it.
  const auto exact = std::make_unique<char[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), exact.get());
  which.run({exact.get(), bytes.size()});
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  const auto all = troupe::fuzz::targets();
  const std::string name = count > 1 ? arguments[1] : "";
  const auto found = std::find_if(all.begin(), all.end(), [&](auto& t) { return t.name == name; });
  if (found == all.end()) {
    std::fprintf(stderr, "usage: fuzz_replay TARGET FILE|DIRECTORY...; there is no target \"%s\"\n",
                 name.c_str());
    return 2;
  }
  const auto files = inputs(count - 2, arguments + 2);
  if (files.empty()) {
    std::fprintf(stderr, "there are no inputs for %s\n", name.c_str());
    return 1;
  }
  bool good = true;
  for (const auto& path : files)
    good = run(*found, path) && good;
  std::printf("%zu inputs of %s\n", files.size(), name.c_str());
  return good ? 0 : 1;
}
