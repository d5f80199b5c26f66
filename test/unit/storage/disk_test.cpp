// The two disks: what the real one does and says, and how the simulated one forgets.
#include <catch2/catch.hpp>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <set>

#include <unistd.h>

#include <troupe/testing/sim_disk.hpp>

#include "actors/storage/files/recovery.hpp"
#include "runtime/reactor/posix_disk.hpp"

namespace troupe {
namespace {

using Catch::Matchers::Contains;
using sdk::disk;

struct temporary_directory {
  std::string path;
  explicit temporary_directory(
      const std::filesystem::path& in = std::filesystem::temp_directory_path())
      : path((in / "troupe-disk-XXXXXX").string()) {
    REQUIRE(::mkdtemp(path.data()) != nullptr);
  }
  ~temporary_directory() { std::filesystem::remove_all(path); }
};

sdk::io_status write(sdk::file& file, std::uint64_t offset, std::string_view text) {
  return file.write_at(offset, std::as_bytes(std::span{text}));
}

std::string read(sdk::file& file, std::uint64_t offset, std::size_t size) {
  std::string text(size, '?');
  const auto got = file.read_at(offset, std::as_writable_bytes(std::span{text}));
  REQUIRE(got);
  return text.substr(0, *got);
}

/// Zeros take the place of what was there, nothing beside it, wherever they begin and end.
void check_zeros(disk& any) {
  constexpr std::uint64_t long_range = 600 * 1024;  // more than leaves at once
  auto file = any.open("zeros", disk::mode::create);
  REQUIRE(file);
  REQUIRE_FALSE((*file)->write_zeros(0, long_range));
  CHECK(*(*file)->size() == long_range);
  CHECK(read(**file, 0, long_range) == std::string(long_range, '\0'));
  REQUIRE_FALSE(write(**file, 0, std::string(20'000, 'x')));
  REQUIRE_FALSE((*file)->write_zeros(8192, 5000));
  REQUIRE_FALSE((*file)->write_zeros(3, 2));
  REQUIRE_FALSE((*file)->write_zeros(long_range, 1));
  auto wanted = std::string(20'000, 'x');
  wanted.replace(8192, 5000, 5000, '\0').replace(3, 2, 2, '\0');
  CHECK(read(**file, 0, 20'000) == wanted);
  CHECK(*(*file)->size() == long_range + 1);
  CHECK((*any.open("zeros", disk::mode::read))->write_zeros(0, 4096)->code == EBADF);
  REQUIRE_FALSE(any.remove("zeros"));
}

/// What both disks must do alike.
void check_contract(disk& any) {
  check_zeros(any);
  REQUIRE_FALSE(any.make_directory("a/b"));
  REQUIRE_FALSE(any.make_directory("a/b"));
  CHECK(any.open("a/missing", disk::mode::read).error().code == ENOENT);
  CHECK(any.open("a/missing", disk::mode::write_existing).error().code == ENOENT);
  CHECK(any.open("nowhere/file", disk::mode::create).error().code == ENOENT);
  CHECK(any.list("nowhere").error().code == ENOENT);

  auto file = any.open("a/one", disk::mode::create);
  REQUIRE(file);
  REQUIRE_FALSE(write(**file, 3, "hello"));
  CHECK(read(**file, 0, 100) == std::string("\0\0\0hello", 8));
  CHECK(read(**file, 4, 2) == "el");
  CHECK(read(**file, 8, 2).empty());
  CHECK(*(*file)->size() == 8);
  REQUIRE_FALSE((*file)->sync());
  REQUIRE_FALSE((*file)->truncate(5));
  CHECK(*(*file)->size() == 5);
  auto reader = any.open("a/one", disk::mode::read);
  REQUIRE(reader);
  CHECK(write(**reader, 0, "x")->code == EBADF);
  CHECK(read(**reader, 3, 9) == "he");

  REQUIRE_FALSE(any.rename("a/one", "a/two"));
  CHECK(any.rename("a/one", "a/two")->code == ENOENT);
  CHECK(*any.list("a") == std::vector<std::string>{"b", "two"});
  CHECK(read(**any.open("a/two", disk::mode::write_existing), 0, 9).size() == 5);
  CHECK(*(*any.open("a/two", disk::mode::create))->size() == 0);
  REQUIRE_FALSE(any.remove("a/two"));
  REQUIRE_FALSE(any.remove("a/two"));
  REQUIRE_FALSE(any.sync_directory("a"));
  REQUIRE_FALSE(any.sync_directory(""));
  CHECK(any.free_bytes() > 0);

  auto lock = any.lock();
  REQUIRE(lock);
  CHECK_FALSE(any.lock());
  lock->reset();
  CHECK(any.lock());
}

}  // namespace

TEST_CASE("the real and the simulated disk keep the same contract", "[disk]") {
  const temporary_directory directory;
  reactor::posix_disk real{directory.path};
  check_contract(real);
  if (std::filesystem::exists("/dev/shm")) {
    // A file system of another kind, which does not take everything that others do.
    const temporary_directory in_memory{"/dev/shm"};
    reactor::posix_disk other{in_memory.path};
    check_zeros(other);
  }
  testing::sim_disk simulated{1};
  check_contract(simulated);
}

TEST_CASE("the real disk's errors say operation, path, reason and what to do", "[disk]") {
  const temporary_directory directory;
  reactor::posix_disk real{directory.path};
  CHECK(real.open("log/x", disk::mode::read).error().message ==
        "cannot open " + directory.path + "/log/x: No such file or directory; check the path");
  const auto first = real.lock();
  REQUIRE(first);
  reactor::posix_disk other{directory.path};
  CHECK_THAT(other.lock().error().message,
             Contains(directory.path) && Contains("(process " + std::to_string(::getpid()) + ")") &&
                 Contains("another data_dir"));
  CHECK(sdk::io_error{ENOSPC, ""}.no_space());
  CHECK_FALSE(sdk::io_error{EIO, ""}.no_space());
  for (const int code : {ENOSPC, EDQUOT, EMFILE, ENFILE})
    CHECK(sdk::io_error{code, ""}.may_pass());
  CHECK_FALSE(sdk::io_error{EIO, ""}.may_pass());
  CHECK_FALSE(sdk::io_error{EMFILE, ""}.no_space());
}

TEST_CASE("the real disk reads a file that is named by its whole path", "[disk]") {
  temporary_directory here, elsewhere;
  reactor::posix_disk other{elsewhere.path};
  auto made = other.open("secret", disk::mode::create);
  REQUIRE(made);
  REQUIRE_FALSE(write(**made, 0, "text"));
  reactor::posix_disk disk{here.path};
  const auto found = disk.open(elsewhere.path + "/secret", disk::mode::read);
  REQUIRE(found);
  CHECK(read(**found, 0, 10) == "text");
}

TEST_CASE("a data directory is opened on the real disk, and belongs to one server", "[disk]") {
  const temporary_directory directory;
  reactor::posix_disk real{directory.path};
  for (std::uint32_t start = 1; start <= 3; ++start) {
    auto opened = storage::recovery::open(real, {1}, 99);
    REQUIRE(opened);
    CHECK((*opened)->facts().epochs.start_number == start);
    CHECK((*opened)->facts().identity.instance == 99);
  }
  CHECK_THAT(storage::recovery::open(real, {2}, 99).error().message,
             Contains(directory.path + "/identity"));
}

TEST_CASE("a server that lost its directory does not count its starts from the beginning",
          "[disk]") {
  const temporary_directory before, after;
  const std::uint64_t instances[] = {0x1234'5678'9abc'def0, 0x8234'5678'9abc'def0};
  reactor::posix_disk first{before.path}, second{after.path};
  auto lost = storage::recovery::open(first, {1}, instances[0]);
  auto found = storage::recovery::open(second, {1}, instances[1]);
  REQUIRE(lost);
  REQUIRE(found);
  const auto one = (*lost)->facts().epochs.start_number;
  const auto other = (*found)->facts().epochs.start_number;
  CHECK(one == (instances[0] >> 41U) + 1);
  CHECK(other == (instances[1] >> 41U) + 1);
  // A session id has 24 bits for it.
  CHECK(other < 1U << 24U);
  found->reset();
  REQUIRE((found = storage::recovery::open(second, {1}, 1)));
  CHECK((*found)->facts().epochs.start_number == other + 1);
}

TEST_CASE("a crash of the simulated disk keeps what was synced and some of the rest", "[disk]") {
  std::set<std::string> contents;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    testing::sim_disk simulated{seed};
    auto file = simulated.open("file", disk::mode::create);
    REQUIRE_FALSE(simulated.sync_directory(""));
    REQUIRE_FALSE(write(**file, 0, std::string(1024, 'a')));
    REQUIRE_FALSE((*file)->sync());
    REQUIRE_FALSE(write(**file, 0, std::string(1024, 'b')));
    simulated.crash();
    CHECK((*file)->sync()->code == testing::sim_disk::process_gone);
    const auto content = simulated.content("file");
    REQUIRE(content.size() == 1024);
    contents.insert(content.substr(0, 1) + content.substr(1023));
    CHECK(content.substr(0, 512) == std::string(512, content[0]));
  }
  CHECK(contents == std::set<std::string>{"aa", "ab", "ba", "bb"});
}

TEST_CASE("names of the simulated disk survive a crash in order, once synced for sure", "[disk]") {
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    testing::sim_disk simulated{seed};
    REQUIRE(simulated.open("sure", disk::mode::create));
    REQUIRE_FALSE(simulated.sync_directory(""));
    REQUIRE(simulated.open("one", disk::mode::create));
    REQUIRE_FALSE(simulated.rename("one", "two"));
    REQUIRE_FALSE(simulated.remove("sure"));
    simulated.crash();
    outcomes.insert(simulated.dump());
  }
  CHECK(outcomes == std::set<std::string>{"sim/sure 0\n", "sim/one 0\nsim/sure 0\n",
                                          "sim/sure 0\nsim/two 0\n", "sim/two 0\n"});
}

TEST_CASE("a failed sync loses data that can still be read", "[disk]") {
  int lost = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    testing::sim_disk simulated{seed};
    auto file = simulated.open("file", disk::mode::create);
    REQUIRE_FALSE(simulated.sync_directory(""));
    simulated.fail_sync_after(0);
    REQUIRE_FALSE(write(**file, 0, "data"));
    CHECK((*file)->sync()->code == EIO);
    CHECK_FALSE((*file)->sync());  // "succeeds", as the kernel's does
    CHECK(read(**file, 0, 4) == "data");
    simulated.crash();
    lost += simulated.content("file") == "data" ? 0 : 1;
  }
  CHECK(lost > 0);
  CHECK(lost < 100);
}

TEST_CASE("the simulated disk ends a process at any operation, and has a size", "[disk]") {
  testing::sim_disk simulated{1};
  simulated.crash_after_writes(2);
  auto file = simulated.open("file", disk::mode::create);
  REQUIRE_FALSE(write(**file, 0, "a"));
  CHECK_FALSE(simulated.process_is_gone());
  CHECK(write(**file, 0, "b")->code == testing::sim_disk::process_gone);
  CHECK(simulated.process_is_gone());
  CHECK(simulated.list("").error().code == testing::sim_disk::process_gone);
  simulated.kill();
  CHECK(simulated.exists("file"));

  simulated.set_capacity(10);
  auto next = simulated.open("file", disk::mode::create);
  CHECK(write(**next, 0, std::string(20, 'x'))->no_space());
  CHECK(simulated.content("file").size() == 10);
  CHECK(simulated.free_bytes() == 0);
  CHECK(simulated.flip_bit("file", 0, 0));
  CHECK(simulated.content("file")[0] == 'y');
}

}  // namespace troupe
