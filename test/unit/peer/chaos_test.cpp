#include <catch2/catch.hpp>

#include <map>

#include "test/unit/peer/players.hpp"

using namespace troupe;
using test::channel;
using test::peer_world;
using namespace std::chrono_literals;
using texts = std::vector<std::string>;

namespace {

/// Three servers to which everything happens that a network and an operator can do.
class chaos {
public:
  explicit chaos(std::uint64_t seed) : all_(seed) {
    for (const std::uint32_t id : {1, 2, 3})
      start(id);
  }

  void run(int steps) {
    auto& random = all_.world.random();
    for (int i = 0; i < steps; ++i) {
      something();
      for (auto n = random.below(4); n > 0; --n)
        say(one(), one(), random.chance(1, 2) ? channel::election : channel::broadcast);
      all_.world.run_for(nanoseconds{random.below(20'000'000)});
    }
  }
  /// The end of all trouble.
  void heal() {
    for (const std::uint32_t a : {1, 2, 3}) {
      for (const std::uint32_t b : {1, 2, 3})
        all_.world.network().heal(host(a), host(b));
      if (!all_.machine(host(a)).running()) start(a);
    }
  }
  bool links_all() { return all_.link_all({1, 2, 3}, 3s); }
  texts mistakes() { return all_.mistakes(); }
  /// Whether of each link that anybody sent on a first part has arrived, without a gap. What was
  /// said is "start of the sender/its link/number on the link".
  bool arrived_in_order() {
    for (auto& [id, book] : all_.books) {
      for (auto& [on, heard] : book.on) {
        for (const auto& [from, messages] : heard.got) {
          std::map<std::string, int> next;
          for (const auto& text : messages) {
            const auto slash = text.rfind('/');
            if (std::stoi(text.substr(slash + 1)) != next[text.substr(0, slash)]++) return false;
          }
        }
      }
    }
    return true;
  }
  [[nodiscard]] std::size_t links() const { return links_.size(); }

private:
  static std::string host(std::uint32_t id) { return "host" + std::to_string(id); }
  std::uint32_t one() { return static_cast<std::uint32_t>(1 + all_.world.random().below(3)); }
  void start(std::uint32_t id) {
    all_.start(id, "keep_alive: 10ms, silence: 50ms, secret: s");
    ++starts_[id];
  }
  void something() {
    const auto a = one(), b = one();
    switch (all_.world.random().below(12)) {
    case 0:
      if (a != b) all_.world.network().cut(host(a), host(b));
      break;
    case 1:
      if (a != b) all_.world.network().part(host(a), host(b));
      break;
    case 2:
    case 3:
      all_.world.network().heal(host(a), host(b));
      break;
    case 4:
      all_.world.network().break_one();
      break;
    case 5:
      if (all_.machine(host(a)).running()) all_.crash(a);
      break;
    case 6:
    case 7:
      if (!all_.machine(host(a)).running()) start(a);
      break;
    default:
      break;
    }
  }
  void say(std::uint32_t from, std::uint32_t to, channel on) {
    auto& book = all_.books[from];
    if (!book.peers || !book.on[on].links.contains(to)) return;
    const auto name = std::to_string(starts_[from]) + "/" + std::to_string(book.on[on].links[to]);
    auto& count = links_[std::to_string(from) + "/" + name];
    all_.send(from, to, on, {name + "/" + std::to_string(count)});
    ++count;
  }

  peer_world all_;
  std::map<std::uint32_t, int> starts_;
  std::map<std::string, int> links_;  ///< messages sent on each
};

}  // namespace

TEST_CASE("peers: after any trouble all are linked again, and nothing came twice or late") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    chaos world{seed};
    world.run(300);
    world.heal();
    CHECK(world.links_all());
    CHECK(world.links() > 10);
    CHECK(world.arrived_in_order());
    CHECK(world.mistakes().empty());
  }
}
