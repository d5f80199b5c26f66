// Notifications as bytes: frozen, complete, and safe against any bytes.
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

#include <troupe/base/prng.hpp>

#include "actors/election/codec/notification_codec.hpp"

using namespace troupe;
using namespace troupe::election;

namespace {

const notification sample{
    stance::settled, true, true, 0x1122334455667788, {7, {0x0000000500000009}, {254}}};

std::string frozen() {
  std::ifstream in{"test/frozen/election/notification-0.1.0.bin", std::ios::binary};
  REQUIRE(in);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("election: the frozen notification decodes to what was written, and encodes the same",
          "[election][codec]") {
  const auto bytes = frozen();
  CHECK(codec::encode(sample).view() == bytes);
  const auto decoded = codec::decode(blob{std::string_view{bytes}});
  REQUIRE(decoded.ok());
  CHECK(*decoded == sample);
}

TEST_CASE("election: what is encoded decodes to the same", "[election][codec]") {
  prng random{5};
  for (int i = 0; i < 200; ++i) {
    const notification said{
        static_cast<stance>(random.below(3)),
        random.chance(1, 2),
        random.chance(1, 2),
        random(),
        {static_cast<std::uint32_t>(random()), {random()}, {static_cast<std::uint32_t>(random())}},
        random.chance(1, 2)};
    const auto decoded = codec::decode(codec::encode(said));
    REQUIRE(decoded.ok());
    CHECK(*decoded == said);
  }
}

TEST_CASE("election: a notification of another version is refused by its number",
          "[election][codec]") {
  std::string bytes{codec::encode(sample).view()};
  bytes[16] = 2;  // behind the table of segments and the root pointer
  const auto decoded = codec::decode(blob{std::string_view{bytes}});
  REQUIRE_FALSE(decoded.ok());
  CHECK(decoded.error().message ==
        "an election notification does not decode: it is of version 2, this server understands "
        "version 1");
}

TEST_CASE("election: ZOOKEEPER-3769 malformed notifications are refused and harm nobody",
          "[election][codec]") {
  const auto bytes = codec::encode(sample);
  CHECK_FALSE(codec::decode({}).ok());
  CHECK_FALSE(codec::decode(blob{std::string_view{""}}).ok());
  CHECK_FALSE(codec::decode(blob{std::string(1024 * 1024, '\0')}).ok());
  CHECK_FALSE(codec::decode(blob{std::string(1024, '\xff')}).ok());
  std::size_t refused = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    CHECK_FALSE(codec::decode(blob{bytes.view().substr(0, i)}).ok());
    for (int mask = 1; mask < 256; ++mask) {
      std::string damaged{bytes.view()};
      damaged[i] = static_cast<char>(damaged[i] ^ mask);
      const auto decoded = codec::decode(blob{std::string_view{damaged}});
      if (decoded.ok()) continue;
      ++refused;
      CHECK_FALSE(decoded.error().message.empty());
    }
  }
  CHECK(refused > 1000);
  prng random{7};
  for (int i = 0; i < 5000; ++i) {
    std::string noise(8 * random.below(20), '\0');
    for (auto& c : noise)
      c = static_cast<char>(random.below(random.chance(1, 2) ? 4 : 256));
    static_cast<void>(codec::decode(blob{std::string_view{noise}}).ok());
  }
}
