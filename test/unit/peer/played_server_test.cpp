// A component against another server of which the test plays every byte.
#include <catch2/catch.hpp>

#include <memory>
#include <string>

#include <kj/async-io.h>

#include "test/unit/peer/connection_pair.hpp"
#include "test/unit/peer/players.hpp"

using namespace troupe;
using test::channel;
using test::peer_world;
using namespace std::chrono_literals;
using texts = std::vector<std::string>;

namespace {

/// Server 2, which dials server 1.
struct played_server {
  played_server(peer_world& world, std::uint64_t instance) {
    end.own.members = {server_id{1}, server_id{2}, server_id{3}};
    end.own.instance = instance;
    end.dial(1);
    talking = world.world.network()
                  .connect("elsewhere", "host1", 2888)
                  .then([this](kj::Own<kj::AsyncIoStream>&& made) {
                    stream = kj::mv(made);
                    return talk();
                  })
                  .eagerlyEvaluate([this](kj::Exception&&) { end->broken("it broke"); });
  }
  /// Writes what there is, reads what comes, and so on.
  kj::Promise<void> talk() {
    auto output = kj::heap<std::string>(end->output());
    end->sent(output->size());
    auto writing = stream->write(output->data(), output->size());
    return writing.attach(kj::mv(output))
        .then([this] { return stream->tryRead(buffer, 1, sizeof buffer); })
        .then([this](std::size_t size) -> kj::Promise<void> {
          if (size == 0) {
            end->input_ended();
            return kj::READY_NOW;
          }
          end->receive({buffer, size}, {});
          return talk();
        });
  }

  test::link_end end{2};
  char buffer[512];
  kj::Own<kj::AsyncIoStream> stream;
  kj::Promise<void> talking = nullptr;
};

}  // namespace

TEST_CASE("peers: a new connection of the same server takes the place of the old one") {
  peer_world all{1};
  all.start(1, "silence: 60s");
  all.world.run_for(10ms);
  played_server first{all, 7};
  REQUIRE(all.world.run_until([&] { return first.end.is_up(); }, 1s));
  const bool same_process = GENERATE(true, false);
  played_server second{all, same_process ? 7U : 8U};
  REQUIRE(all.world.run_until([&] { return second.end.is_up(); }, 1s));
  all.world.run_for(10ms);
  CHECK(first.end.has_ended());
  CHECK(second.end.is_up());
  const auto& heard = all.books[1].broadcast();
  CHECK(heard.events == texts{"up 2",
                              same_process ? "down 2: a new connection took its place"
                                           : "down 2: server 2 was started anew",
                              "up 2"});
  CHECK(heard.mistakes.empty());
}

TEST_CASE("peers: what is behind the end of a link in its connection is not delivered") {
  peer_world all{2};
  all.start(1);
  all.world.run_for(10ms);
  played_server other{all, 7};
  REQUIRE(all.world.run_until([&] { return other.end.is_up(); }, 1s));
  std::string bytes;
  peer::put_frame(bytes, peer::frame_kind::message, "before");
  peer::put_frame(bytes, peer::frame_kind::hello, "not now");
  peer::put_frame(bytes, peer::frame_kind::message, "behind");
  const auto writing = other.stream->write(bytes.data(), bytes.size()).eagerlyEvaluate(nullptr);
  all.world.run_for(100ms);
  CHECK(all.books[1].broadcast().got[2] == texts{"before"});
  CHECK(all.books[1].broadcast().events ==
        texts{"up 2", "down 2: it sent a greeting on a link that was up"});
}
