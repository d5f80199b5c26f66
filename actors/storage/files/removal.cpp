#include "actors/storage/files/removal.hpp"

namespace troupe::storage {
namespace {

sdk::io_status shorten(sdk::disk& disk, const std::string& path) {
  const auto file = disk.open(path, sdk::disk::mode::write_existing);
  if (!file) return {};  // whether it can be removed is what matters
  const auto size = (*file)->size();
  if (!size) return size.error();
  for (auto left = *size; left > removal_step; left -= removal_step) {
    if (auto bad = (*file)->truncate(left - removal_step)) return bad;
  }
  return {};
}

}  // namespace

sdk::io_status remove_in_steps(sdk::disk& disk, const std::string& path) {
  if (auto bad = shorten(disk, path)) return bad;
  return disk.remove(path);
}

sdk::io_status retire(sdk::disk& disk, const std::string& directory,
                      const std::vector<std::string>& paths) {
  if (paths.empty()) return {};
  for (const auto& path : paths) {
    if (auto bad = disk.rename(path, path + ".tmp")) return bad;
  }
  if (auto bad = disk.sync_directory(directory)) return bad;
  for (const auto& path : paths) {
    if (auto bad = remove_in_steps(disk, path + ".tmp")) return bad;
  }
  return {};
}

}  // namespace troupe::storage
