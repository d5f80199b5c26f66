/// The bytes of a recipe's calls and answers as Cap'n Proto's structs. Only for files in a plugin's
/// codec/, because it includes Cap'n Proto.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <capnp/any.h>
#include <capnp/capability.h>
#include <capnp/message.h>
#include <capnp/serialize.h>

#include <troupe/base/blob.hpp>
#include <troupe/sdk/recipe.hpp>

namespace troupe::sdk {

/// Calls `f` with the parameters, which are gone afterwards, and gives what it returns. What is
/// wrong with the bytes is a `bad_call`.
template <class Params, class F>
auto read_params(const blob& message, F&& f) {
  const auto bytes = message.view();
  auto words = kj::heapArray<capnp::word>(bytes.size() / sizeof(capnp::word));
  std::memcpy(words.begin(), bytes.data(), words.size() * sizeof(capnp::word));
  try {
    capnp::ReaderOptions limits;
    // A pointer may be followed several times, but not without end.
    limits.traversalLimitInWords = 8 * words.size() + 1024;
    capnp::FlatArrayMessageReader reader{words, limits};
    return f(reader.getRoot<Params>());
  } catch (const kj::Exception& wrong) {
    throw bad_call("the parameters cannot be read: " + std::string{wrong.getDescription().cStr()});
  }
}

/// Makes capabilities for an answer of the numbers by which the recipe will hear of them again.
class capability_numbers {
public:
  /// To be set into the answer once.
  template <class Interface>
  typename Interface::Client make(std::uint64_t number) {
    // The host puts the real one in its place.
    auto hook = capnp::newBrokenCap("a capability of a recipe's answer lives in its host");
    numbers_[hook.get()] = number;
    return typename Interface::Client(kj::mv(hook));
  }
  /// The numbers in the order of the answer's table.
  [[nodiscard]] std::vector<std::uint64_t> in_order_of(capnp::BuilderCapabilityTable& table) const {
    std::vector<std::uint64_t> all;
    for (auto& entry : table.getTable()) {
      std::uint64_t number = 0;
      KJ_IF_MAYBE (hook, entry) {
        const auto found = numbers_.find(hook->get());
        if (found != numbers_.end()) number = found->second;
      }
      all.push_back(number);
    }
    return all;
  }

private:
  std::map<const capnp::ClientHook*, std::uint64_t> numbers_;
};

/// Results as bytes, with the numbers of the capabilities in them.
struct encoded_results {
  blob bytes;
  std::vector<std::uint64_t> capabilities;
};

/// Calls `fill` with a builder of the results and a `capability_numbers`.
template <class Results, class F>
encoded_results write_results(F&& fill) {
  capnp::MallocMessageBuilder message;
  capnp::BuilderCapabilityTable table;
  capability_numbers numbers;
  fill(table.imbue(message.getRoot<capnp::AnyPointer>()).template initAs<Results>(), numbers);
  const auto words = capnp::messageToFlatArray(message);
  const auto bytes = words.asChars();
  return {blob{std::string_view{bytes.begin(), bytes.size()}}, numbers.in_order_of(table)};
}

}  // namespace troupe::sdk
