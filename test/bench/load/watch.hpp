/// watch: many watchers of one znode and one who sets it.
#pragma once

#include "engine.hpp"

namespace bench {

/// Rounds: every watcher has its watch; client 0 sets the znode; when all were notified, one-shot
/// watches are set again. An operation is a notification; the latency is that of a round, from
/// the set to the last notification.
class watch_workload : public workload {
public:
  explicit watch_workload(const options& wishes)
      : workload(wishes), path_(wishes.root + "/watched"), value_(wishes.value_bytes, 'w') {}

  [[nodiscard]] std::string_view unit() const override { return "notifications"; }
  void prepare(blocking_client& client) override { client.create(path_, value_); }
  void begin(engine& loop, connection& c) override;
  void replied(engine& loop, connection& c, const pending& request, const reply& answer) override;
  void notified(engine& loop, connection& c, const event& what) override;
  [[nodiscard]] bool settled() const override { return !running_; }
  [[nodiscard]] std::vector<figure> figures() const override;

private:
  void arm(engine& loop, connection& c);
  void set_when_ready(engine& loop);
  void finish_when_done(engine& loop);
  [[nodiscard]] std::size_t watchers() const {
    return static_cast<std::size_t>(wishes_.connections);
  }

  std::string path_;
  std::string value_;
  std::size_t armed_ = 0;
  std::size_t notified_ = 0;
  bool set_answered_ = true;
  bool running_ = true;
  std::uint64_t set_ns_ = 0;
  std::int32_t version_ = 0;
  std::uint64_t rounds_ = 0;
  std::uint64_t burst_ns_ = 0;
};

}  // namespace bench
