/// A storage component alone, on a queue that the test drives, with everybody around it played.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/resumable.hpp>

#include <kj/async-io.h>

#include <troupe/roles/storage.hpp>
#include <troupe/sdk/component_context.hpp>
#include <troupe/testing/sim_disk.hpp>

#include "actors/storage/component.hpp"
#include "actors/storage/core/file_names.hpp"

namespace troupe::storage::test {

namespace role_of = role::storage;

/// A reactor without an event loop.
class queue_unit final : public sdk::reactor_unit {
public:
  using sdk::reactor_unit::reactor_unit;
  void exec_later(caf::resumable* job) override { jobs_.push_back(job); }
  bool run_one() {
    if (jobs_.empty()) return false;
    auto* job = jobs_.front();
    jobs_.pop_front();
    switch (job->resume(this, 100)) {
    case caf::resumable::resume_later:
      jobs_.push_back(job);
      break;
    default:
      intrusive_ptr_release(job);
    }
    return true;
  }

private:
  std::deque<caf::resumable*> jobs_;
};

/// Each look at it is `step` later than the one before.
struct stepping_clock final : sdk::clock {
  monotonic_time now() const override { return {time += step}; }
  wall_time wall() const override { return {}; }
  mutable nanoseconds time{0};
  nanoseconds step{0};
};
struct counting_entropy final : sdk::entropy {
  std::uint64_t number() override { return ++last; }
  std::string secret(std::size_t size) override { return std::string(size, 's'); }
  std::uint64_t last = 0;
};

/// Timers that fire when the test says so.
class manual_timers final : public sdk::timers {
public:
  [[nodiscard]] sdk::timer after(nanoseconds, std::function<void()> callback) override {
    pending_[++last_] = std::move(callback);
    return std::make_unique<entry>(*this, last_);
  }
  void fire_all() {
    const auto due = std::exchange(pending_, {});
    for (const auto& [number, callback] : due)
      callback();
  }
  [[nodiscard]] std::size_t size() const { return pending_.size(); }

private:
  struct entry final : sdk::timer_handle {
    entry(manual_timers& o, int n) : owner(o), number(n) {}
    ~entry() override { owner.pending_.erase(number); }
    manual_timers& owner;
    int number;
  };
  std::map<int, std::function<void()>> pending_;
  int last_ = 0;
};

class manual_workers final : public sdk::workers {
public:
  std::uint32_t new_lane(std::string, sdk::priority) override { return lanes_++; }
  void run(std::uint32_t, std::function<void()> job, std::function<void()> done) override {
    jobs_.emplace_back(std::move(job), std::move(done));
  }
  bool run_one() {
    if (jobs_.empty()) return false;
    ++ran;
    auto [job, done] = std::move(jobs_.front());
    jobs_.pop_front();
    job();
    done();
    return true;
  }
  int ran = 0;  ///< jobs

private:
  std::uint32_t lanes_ = 0;
  std::deque<std::pair<std::function<void()>, std::function<void()>>> jobs_;
};

/// What everybody around storage was told, in order.
struct told {
  std::vector<std::string> lines;
  std::string reason;
  role::component::status_report status;
  role_of::range range;
  role_of::located located;
  role_of::described described;
  role_of::recovery::end end;
  role_of::recovery::snapshot_begin begin;
};

/// Plays supervisor, broadcast and tree at once.
class listener final : public sdk::pinned_actor {
public:
  listener(caf::actor_config& config, sdk::reactor_unit& home, told& all)
      : sdk::pinned_actor(config, home, 0, {}), all_(all) {}
  caf::behavior make_behavior() override {
    const auto note = [this](std::string line) { all_.lines.push_back(std::move(line)); };
    return {
        [=](role::component::ready&) { note("ready"); },
        [=](role::component::stopped&) { note("stopped"); },
        [=, this](role::component::failed& m) {
          all_.reason = m.reason;
          note("failed");
        },
        [this](role::component::status_report& m) { all_.status = m; },
        [=](role_of::persisted& m) { note("persisted " + to_text(m.zxid)); },
        [=](role_of::epochs_written& m) { note("epochs " + std::to_string(m.epochs.accepted)); },
        [=](role_of::space_changed& m) { note(m.available ? "space" : "no space in " + m.path); },
        [=](role_of::snapshot_wanted&) { note("snapshot wanted"); },
        [=](role_of::snapshot_progress& m) {
          note(m.failed ? "snapshot failed" : m.finished ? "snapshot finished" : "snapshot step");
        },
        [=, this](role_of::range& m) {
          all_.range = m;
          note(m.gone ? "gone"
                      : "range " + std::to_string(m.txns.size()) + (m.more ? " and more" : ""));
        },
        [=, this](role_of::located& m) {
          all_.located = m;
          note(m.hash ? "located " + to_text(m.zxid) : "not located");
        },
        [=, this](role_of::described& m) {
          all_.described = m;
          note("described " + to_text(m.last.zxid));
        },
        [=](role_of::install_progress& m) {
          note(m.failed ? "installation failed" : "installation step");
        },
        [=](role_of::installed& m) { note("installed " + to_text(m.last.zxid)); },
        [=, this](role_of::snapshot_piece& m) {
          const auto reader = "reader " + std::to_string(m.token);
          if (const auto* begin = std::get_if<role_of::recovery::snapshot_begin>(&m.piece)) {
            all_.begin = *begin;
            note(reader + " begins " + to_text(begin->zxid));
          } else if (const auto* chunk = std::get_if<role_of::recovery::snapshot_chunk>(&m.piece)) {
            note(reader + " " + std::string{chunk->bytes.view()});
          } else if (const auto* none = std::get_if<role_of::reading::none>(&m.piece)) {
            note(reader + (none->busy ? " busy" : " none"));
          } else {
            note(reader + " ends");
          }
        },
        [=](role_of::truncated& m) { note("truncated " + to_text(m.last.zxid)); },
        [=, this](role_of::recovered& m) {
          namespace piece = role_of::recovery;
          if (const auto* begin = std::get_if<piece::snapshot_begin>(&m.piece)) {
            note("snapshot " + to_text(begin->zxid));
          } else if (const auto* chunk = std::get_if<piece::snapshot_chunk>(&m.piece)) {
            note("chunk " + std::string{chunk->bytes.view()});
          } else if (const auto* yes = std::get_if<piece::committed>(&m.piece)) {
            note("committed " + std::to_string(yes->txns.size()));
          } else if (const auto* no = std::get_if<piece::uncommitted>(&m.piece)) {
            note("uncommitted " + std::to_string(no->txns.size()));
          } else {
            const auto& end = all_.end = std::get<piece::end>(m.piece);
            note("end " + to_text(end.last) + " start " + std::to_string(end.start_number));
          }
        },
    };
  }

private:
  told& all_;
};

/// One process with nothing but a storage component.
class house {
public:
  house(testing::sim_disk& disk, const sdk::component_type& type, sdk::option_values options = {})
      : disk_(disk), system_(config_), unit_(&system_), options_(std::move(options)) {
    listener_ = sdk::spawn_pinned<listener>(unit_, all);
    ports_ = std::make_unique<sdk::ports>(sdk::ports{clock, entropy_, timers, workers, disk_,
                                                     io_.provider->getNetwork(),
                                                     io_.provider->getTimer()});
    sdk::component_context context{
        "log", 1, options_, *ports_, unit_, role::component::supervisor{listener_}, info_, {}};
    storage_ = type.factory(context).actor;
    tell(role_of::attach_log{role_of::log_client{listener_}});
    tell(role_of::attach_snapshots{role_of::snapshot_client{listener_}});
    tell(role_of::attach_history{role_of::history_client{listener_}});
  }
  ~house() {
    anon_send_exit(storage_, caf::exit_reason::kill);
    anon_send_exit(listener_, caf::exit_reason::kill);
    run();
  }

  template <class M>
  void tell(M message) {
    handle<M>{storage_}.send(std::move(message));
  }
  /// Tells, runs until all is quiet, and gives what was told since.
  template <class M>
  std::vector<std::string> after(M message) {
    tell(std::move(message));
    return run();
  }
  std::vector<std::string> run() {
    while (unit_.run_one() || workers.run_one()) {
    }
    return std::exchange(all.lines, {});
  }
  /// Up to the end of the recovered state, with epoch 1 promised.
  void open() {
    after(role::component::start{});
    while (after(role_of::recover_next{}).back().substr(0, 3) != "end")
      REQUIRE(all.reason.empty());
    REQUIRE(after(role_of::write_epochs{{1, 1}}) == lines{"epochs 1"});
  }

  using lines = std::vector<std::string>;
  told all;
  manual_timers timers;
  stepping_clock clock;
  manual_workers workers;

private:
  testing::sim_disk& disk_;
  kj::AsyncIoContext io_ = kj::setupAsyncIo();  // storage needs neither network nor timer of it
  caf::actor_system_config config_;
  caf::actor_system system_;
  queue_unit unit_;
  counting_entropy entropy_;
  sdk::option_values options_;
  sdk::deployment_info info_{{1}, "sim", "test"};
  std::unique_ptr<sdk::ports> ports_;
  caf::strong_actor_ptr listener_, storage_;
};

using lines = house::lines;

inline sdk::option_values small_options() {
  auto options = sdk::option_values::defaults_of(wal_type().options);
  options.set("segment_bytes", std::uint64_t{8192});
  options.set("first_segment_bytes", std::uint64_t{4096});
  options.set("snapshot_transactions", std::int64_t{20});
  return options;
}

/// One transaction of epoch 1.
inline role_of::append one(std::uint32_t counter, std::uint32_t committed) {
  return {{{zxid::of(1, counter), blob{"body"}}}, zxid::of(1, committed), false};
}

}  // namespace troupe::storage::test
