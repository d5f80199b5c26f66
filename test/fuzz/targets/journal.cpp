#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <troupe/base/check.hpp>
#include <troupe/testing/sim_disk.hpp>

#include "actors/storage/core/file_names.hpp"
#include "actors/storage/core/history.hpp"
#include "actors/storage/files/clean_mark.hpp"
#include "actors/storage/files/recovery.hpp"
#include "test/fuzz/script.hpp"
#include "test/fuzz/targets.hpp"

namespace troupe::fuzz {
namespace {

using namespace storage;

constexpr std::uint64_t instance = 77;
constexpr std::size_t most_bytes = 1 << 20;

/// Writes segments as the script says: as a server would, with sound checksums over nonsense, or
/// simply bytes.
class log_writing {
public:
  void step(script& in) {
    switch (in.u8() % 11) {
    case 0:
      return begin({number_ + 1, instance, end(), last_.zxid, last_.hash});
    case 1:
      return codec().add_mark(bytes(), end(), last_.zxid);
    case 2:
      return add_next(in.take(in.u8()));
    case 3:
      return codec().add_transaction(bytes(), zxid{in.u64()}, in.take(in.u8()));
    case 4: {
      const position synced{in.u8(), in.u16()};
      return codec().add_mark(bytes(), synced, zxid{in.u64()});
    }
    case 5:
      return codec().add_end(bytes(), last_.zxid);
    case 6:
      bytes() += in.take(in.u8());
      return;
    case 7:
      bytes().append(in.u8(), '\0');
      return;
    case 8: {
      const position previous{in.u8(), in.u16()};
      return begin({in.u8(), instance, previous, zxid{in.u64()}, in.u64()});
    }
    case 9:
      return flip(in.u16(), in.u8());
    default:
      return bytes().resize(in.u16() % (bytes().size() + 1));
    }
  }

  void put(testing::sim_disk& disk) const {
    for (const auto& [number, content] : files_)
      disk.put(segment_path(number), content);
  }
  [[nodiscard]] std::size_t size() const {
    std::size_t all = 0;
    for (const auto& [number, content] : files_)
      all += content.size();
    return all;
  }

  /// Whether exactly this transaction stands somewhere with a checksum that fits.
  [[nodiscard]] bool has(const encoded_txn& one) const {
    for (const auto& [number, content] : files_) {
      std::string record;
      record_codec{instance, number}.add_transaction(record, one.zxid, one.body.view());
      if (content.find(record) != std::string::npos) return true;
    }
    return false;
  }
  [[nodiscard]] clean_mark clean() const { return {end(), last_, last_.zxid}; }

private:
  std::string& bytes() { return files_[number_]; }
  [[nodiscard]] position end() const {
    const auto found = files_.find(number_);
    return found == files_.end() ? position{} : position{number_, found->second.size()};
  }
  [[nodiscard]] record_codec codec() const { return {instance, number_}; }

  void begin(const segment_header& header) {
    number_ = header.number;
    bytes() += encode(header);
  }
  void add_next(std::string_view body) {
    const auto next = last_.zxid == zxid{} ? zxid::of(1, 1) : zxid{last_.zxid.value + 1};
    codec().add_transaction(bytes(), next, body);
    last_ = extend(last_, next, body);
  }
  void flip(std::size_t at, std::uint8_t bits) {
    auto& content = bytes();
    if (!content.empty()) content[at % content.size()] ^= static_cast<char>(bits);
  }

  std::map<std::uint64_t, std::string> files_;
  std::uint64_t number_ = 0;
  history_point last_;
};

/// One start; what it recovers, or nothing if it refuses.
std::optional<std::vector<encoded_txn>> recover(testing::sim_disk& disk) {
  auto opened = recovery::open(disk, {1}, instance);
  if (!opened) {
    TROUPE_CHECK(!opened.error().message.empty(), "a refusal says why");
    return std::nullopt;
  }
  std::vector<encoded_txn> all;
  while (true) {
    auto piece = (*opened)->next();
    TROUPE_CHECK(piece, "what was checked can be read");
    if (!*piece) return all;
    auto& txns = std::get<recovered_transactions>(**piece).txns;
    for (auto& one : txns)
      all.push_back(std::move(one));
  }
}

}  // namespace

void journal(std::string_view input) {
  script in{input};
  const auto mode = in.u8();
  log_writing log;
  while (!in.ended() && log.size() < most_bytes)
    log.step(in);

  testing::sim_disk disk{1};
  TROUPE_CHECK(!write_identity(disk, {{1}, instance}), "the disk works");
  const epoch_facts epochs{mode % 2 == 0 ? 0xffffffffU : 1U, 1, 1};
  TROUPE_CHECK(!write_epochs(disk, epochs, {}), "the disk works");
  if (mode % 4 == 3) TROUPE_CHECK(!write_clean_mark(disk, log.clean()), "the disk works");
  log.put(disk);

  const auto first = recover(disk);
  if (!first) return;
  zxid before;
  for (const auto& one : *first) {
    TROUPE_CHECK(log.has(one), "only what stands in the log with its checksum is recovered");
    TROUPE_CHECK(before < one.zxid, "in order");
    before = one.zxid;
  }
  disk.crash();
  const auto second = recover(disk);
  TROUPE_CHECK(second, "what could be recovered once can be recovered again");
  TROUPE_CHECK(first->size() == second->size(), "a start neither adds nor removes");
  for (std::size_t i = 0; i < first->size(); ++i) {
    TROUPE_CHECK((*first)[i].zxid == (*second)[i].zxid && (*first)[i].body == (*second)[i].body,
                 "a start changes nothing");
  }
}

}  // namespace troupe::fuzz
