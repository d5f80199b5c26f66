/// queue: half of the clients produce, the others consume.
#pragma once

#include <string>
#include <vector>

#include "engine.hpp"
#include "key_names.hpp"

namespace bench {

/// Producers create persistent sequential znodes, as long as no more than a bounded number waits.
/// Consumers list them, with a watch for when there are none, and in that order read and delete
/// them; who deletes has consumed. An operation is a consumed element; its latency is that from the
/// create to the answer to the delete.
class queue_workload : public workload {
public:
  explicit queue_workload(const options& wishes);

  [[nodiscard]] std::string_view unit() const override { return "elements consumed"; }
  void begin(engine& loop, connection& c) override;
  void replied(engine& loop, connection& c, const pending& request, const reply& answer) override;
  void notified(engine& loop, connection& c, const event& what) override;
  [[nodiscard]] bool settled() const override { return consumed_ == produced_.size(); }
  void check(blocking_client& client) override;

private:
  struct consumer {
    /// Paths from the last list, the next one last.
    std::vector<std::string> listed;
    /// The element that was read and is being deleted.
    std::uint32_t element = 0;
    bool waits = false;
  };
  struct element {
    std::uint64_t created_ns = 0;
    bool consumed = false;
  };
  [[nodiscard]] bool produces(const connection& c) const { return c.index % 2 == 0; }
  void produce(engine& loop, connection& c);
  void produce_more(engine& loop);
  void list(engine& loop, connection& c);
  void listed(engine& loop, connection& c, const reply& answer);
  void take_next(engine& loop, connection& c);
  void has_read(engine& loop, connection& c, const reply& answer);
  void consumed(engine& loop, connection& c);

  values values_;
  std::vector<consumer> consumers_;
  std::vector<element> produced_;
  std::vector<bool> producing_;
  std::uint64_t consumed_ = 0;
};

}  // namespace bench
