/// sessions: connect, create an ephemeral znode, close, over and over.
#pragma once

#include "engine.hpp"
#include "key_names.hpp"

namespace bench {

/// Each client is one chain of sessions; an operation is a whole session, from connect to the
/// answer to its close.
class sessions_workload : public workload {
public:
  explicit sessions_workload(const options& wishes)
      : workload(wishes), names_(wishes.root + "/s"), values_(wishes.value_bytes, wishes.seed) {}

  [[nodiscard]] bool connects_first() const override { return false; }
  [[nodiscard]] std::string_view unit() const override { return "sessions"; }
  void begin(engine& loop, connection& c) override;
  void opened(engine& loop, connection& c) override;
  void replied(engine& loop, connection& c, const pending& request, const reply& answer) override;
  [[nodiscard]] bool settled() const override { return active_ == 0; }
  void check(blocking_client& client) override;

private:
  key_names names_;
  values values_;
  std::uint32_t next_ = 0;
  std::size_t active_ = 0;
};

}  // namespace bench
