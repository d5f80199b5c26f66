/// lock: the recipe that every client library has, contended.
#pragma once

#include <set>

#include "engine.hpp"

namespace bench {

/// Every client in a circle: create an ephemeral sequential znode; list the siblings; the lowest
/// has the lock, the others watch their predecessor; who has it reads once, as its work, and
/// deletes its znode. An operation is one turn with the lock; its latency is that from asking to
/// having.
class lock_workload : public workload {
public:
  explicit lock_workload(const options& wishes);

  [[nodiscard]] std::string_view unit() const override { return "locks taken"; }
  void begin(engine& loop, connection& c) override;
  void replied(engine& loop, connection& c, const pending& request, const reply& answer) override;
  void notified(engine& loop, connection& c, const event& what) override;
  [[nodiscard]] bool settled() const override { return active_ == 0; }
  void check(blocking_client& client) override;

private:
  struct client_state {
    std::string name;
    std::string awaited;
    std::uint64_t asked_ns = 0;
  };
  void ask(engine& loop, connection& c);
  void list(engine& loop, connection& c);
  void listed(engine& loop, connection& c, const reply& answer);
  void acquired(engine& loop, connection& c);
  void release(engine& loop, connection& c);
  void created(connection& c, const reply& answer);

  std::string path_;
  std::vector<client_state> clients_;
  std::set<std::string, std::less<>> seen_;
  std::int64_t holder_ = -1;
  std::size_t active_ = 0;
};

}  // namespace bench
