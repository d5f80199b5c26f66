#include "actors/gateway/rpc/codec/message_queue.hpp"

#include <cstdint>
#include <cstring>
#include <utility>

#include <capnp/serialize.h>

namespace troupe::rpc::codec {
namespace {

constexpr std::size_t word_bytes = sizeof(capnp::word);
/// As Cap'n Proto's own reader has it.
constexpr std::uint32_t most_segments = 512;
/// What is read of a message may be read several times: once by the RPC system, and paths again for
/// errors. But pointers that show everything to the same place must not make much out of little.
constexpr std::uint64_t reads_of_each_word = 8;

struct owned_words {
  kj::Array<capnp::word> words;
};

/// A message with its bytes.
class owned_message final : private owned_words, public capnp::FlatArrayMessageReader {
public:
  owned_message(kj::Array<capnp::word> all, std::shared_ptr<link_context> link)
      : owned_words{kj::mv(all)}, capnp::FlatArrayMessageReader(owned_words::words,
                                                                limits(owned_words::words)),
        link_(std::move(link)), bytes_(owned_words::words.size() * word_bytes) {
    link_->outstanding_bytes += bytes_;
  }
  ~owned_message() noexcept(false) override { link_->outstanding_bytes -= bytes_; }

private:
  static capnp::ReaderOptions limits(kj::ArrayPtr<const capnp::word> all) {
    capnp::ReaderOptions options;
    options.traversalLimitInWords = reads_of_each_word * all.size() + reads_of_each_word;
    return options;
  }

  const std::shared_ptr<link_context> link_;
  const std::size_t bytes_;
};

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i]));
  };
  return byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
}

}  // namespace

bool message_queue::push(std::string_view bytes) {
  if (!problem_.empty()) return false;
  if (!rest_.empty()) {
    rest_.append(bytes);
    if (rest_.size() < wanted_) return true;
    const auto whole = std::exchange(rest_, {});
    const auto taken = cut(whole);
    rest_ = whole.substr(taken);
  } else {
    rest_ = bytes.substr(cut(bytes));
  }
  return problem_.empty();
}

/// Returns how many bytes are in messages.
std::size_t message_queue::cut(std::string_view bytes) {
  std::size_t begin = 0;
  const auto needs = [&](std::uint64_t size) {
    wanted_ = static_cast<std::size_t>(size);
    return bytes.size() - begin < size;
  };
  for (;;) {
    if (needs(word_bytes)) return begin;
    const std::uint64_t segments = std::uint64_t{number_at(bytes, begin)} + 1;
    if (segments > most_segments) {
      problem_ = "no Cap'n Proto message: " + std::to_string(segments) + " segments";
      return begin;
    }
    const auto table = (segments / 2 + 1) * word_bytes;
    if (needs(table)) return begin;
    std::uint64_t size = table;
    for (std::uint64_t i = 1; i <= segments; ++i)
      size += std::uint64_t{number_at(bytes, begin + i * sizeof(std::uint32_t))} * word_bytes;
    if (size > most_bytes_) {
      problem_ = "a message of " + std::to_string(size) + " bytes; max_message_bytes is " +
                 std::to_string(most_bytes_);
      return begin;
    }
    if (needs(size)) return begin;
    auto words = kj::heapArray<capnp::word>(static_cast<std::size_t>(size) / word_bytes);
    std::memcpy(words.begin(), bytes.data() + begin, static_cast<std::size_t>(size));
    ready_.push_back(kj::heap<owned_message>(kj::mv(words), link_));
    begin += static_cast<std::size_t>(size);
  }
}

kj::Own<capnp::MessageReader> message_queue::pop() {
  auto next = kj::mv(ready_.front());
  ready_.pop_front();
  return next;
}

}  // namespace troupe::rpc::codec
