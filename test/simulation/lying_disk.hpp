/// A disk that says it has done what it has not.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <troupe/sdk/disk.hpp>

namespace troupe::test {

enum class lie { sync, sync_directory };

/// Passes everything on to another disk but, for the log, the kind of sync about which it lies.
class lying_disk final : public sdk::disk {
public:
  lying_disk(sdk::disk& real, lie about) : real_(real), about_(about) {}

  sdk::io_result<std::unique_ptr<sdk::file>> open(const std::string& path, mode how) override {
    auto opened = real_.open(path, how);
    if (!opened || about_ != lie::sync || !of_log(path)) return opened;
    return std::unique_ptr<sdk::file>{std::make_unique<lying_file>(std::move(*opened))};
  }
  sdk::io_status make_directory(const std::string& path) override {
    return real_.make_directory(path);
  }
  sdk::io_result<std::vector<std::string>> list(const std::string& path) override {
    return real_.list(path);
  }
  sdk::io_status rename(const std::string& from, const std::string& to) override {
    return real_.rename(from, to);
  }
  sdk::io_status remove(const std::string& path) override { return real_.remove(path); }
  sdk::io_status sync_directory(const std::string& path) override {
    return about_ == lie::sync_directory && of_log(path) ? sdk::io_status{}
                                                         : real_.sync_directory(path);
  }
  sdk::io_result<std::unique_ptr<sdk::directory_lock>> lock() override { return real_.lock(); }
  std::uint64_t free_bytes() override { return real_.free_bytes(); }
  std::string full_path(const std::string& path) const override { return real_.full_path(path); }

private:
  static bool of_log(const std::string& path) { return path.starts_with("log"); }

  class lying_file final : public sdk::file {
  public:
    explicit lying_file(std::unique_ptr<sdk::file> real) : real_(std::move(real)) {}
    sdk::io_result<std::size_t> read_at(std::uint64_t at, std::span<std::byte> into) override {
      return real_->read_at(at, into);
    }
    sdk::io_status write_at(std::uint64_t at, std::span<const std::byte> bytes) override {
      return real_->write_at(at, bytes);
    }
    sdk::io_status write_zeros(std::uint64_t at, std::uint64_t size) override {
      return real_->write_zeros(at, size);
    }
    sdk::io_status sync() override { return {}; }
    sdk::io_status write_back(std::uint64_t at, std::uint64_t size) override {
      return real_->write_back(at, size);
    }
    sdk::io_status truncate(std::uint64_t size) override { return real_->truncate(size); }
    sdk::io_result<std::uint64_t> size() override { return real_->size(); }

  private:
    const std::unique_ptr<sdk::file> real_;
  };

  sdk::disk& real_;
  const lie about_;
};

}  // namespace troupe::test
