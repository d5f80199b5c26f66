/// hold: many connections and persistent watches that do nothing, and are there when needed.
#pragma once

#include "engine.hpp"
#include "key_names.hpp"

namespace bench {

/// Every connection adds its share of --watches, each on one of --keys paths, where no znode is
/// yet. All stay as they are for the duration. Then every connection reads, and some of the watched
/// znodes are created: exactly the watchers of each must hear of it. An operation is a watch that
/// was added.
class hold_workload : public workload {
public:
  explicit hold_workload(const options& wishes);

  [[nodiscard]] std::string_view unit() const override { return "watches added"; }
  [[nodiscard]] bool ends_by_itself() const override { return true; }
  void begin(engine& loop, connection& c) override;
  void replied(engine& loop, connection& c, const pending& request, const reply& answer) override;
  void notified(engine& loop, connection& c, const event& what) override;
  /// Begins the test of what is held. Called once, when the load has stopped.
  void finish(engine& loop) override;
  [[nodiscard]] bool exhausted() const override { return added_ == wishes_.watches; }
  [[nodiscard]] bool settled() const override {
    return reads_answered_ == clients() && created_ == to_create_ && notified_ == to_notify_;
  }
  [[nodiscard]] std::vector<figure> figures() const override;

private:
  void add_watch(engine& loop, connection& c);
  void create_next(engine& loop);
  [[nodiscard]] std::uint64_t clients() const {
    return static_cast<std::uint64_t>(wishes_.connections);
  }
  /// How many watches connection `index` shall have.
  [[nodiscard]] std::uint64_t share(std::uint32_t index) const;
  /// Number of the path of watch `i` of connection `index`.
  [[nodiscard]] std::uint32_t key(std::uint32_t index, std::uint64_t i) const;

  key_names names_;
  std::vector<std::uint64_t> begun_;
  std::vector<std::uint32_t> watchers_;
  std::uint64_t added_ = 0;
  std::uint64_t reads_answered_ = 0;
  std::uint32_t to_create_ = 0;
  std::uint32_t created_ = 0;
  std::uint64_t to_notify_ = 0;
  std::uint64_t notified_ = 0;
};

}  // namespace bench
