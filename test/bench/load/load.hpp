/// load: creates many znodes and leaves them there. create: creates and deletes in turn.
#pragma once

#include "engine.hpp"
#include "key_names.hpp"

namespace bench {

/// Creates --keys znodes below parents of --fan-out each, in multis of --batch.
class load_workload : public workload {
public:
  explicit load_workload(const options& wishes);

  [[nodiscard]] std::string_view unit() const override { return "znodes"; }
  void prepare(blocking_client& client) override;
  void begin(engine& loop, connection& c) override;
  void replied(engine& loop, connection& c, const pending& request, const reply& answer) override;
  [[nodiscard]] bool ends_by_itself() const override { return true; }
  [[nodiscard]] bool exhausted() const override { return created_ == wishes_.keys; }
  void check(blocking_client& client) override;

private:
  std::string_view path(std::uint32_t key);
  void issue(engine& loop, connection& c);

  key_names parents_;
  std::string path_;
  values values_;
  std::uint32_t next_ = 0;
  std::uint32_t created_ = 0;
};

/// Each connection creates znodes of its own and deletes each one it has created.
class create_workload : public workload {
public:
  explicit create_workload(const options& wishes)
      : workload(wishes), names_(wishes.root + "/c"), values_(wishes.value_bytes, wishes.seed) {}

  void begin(engine& loop, connection& c) override;
  void replied(engine& loop, connection& c, const pending& request, const reply& answer) override;
  void check(blocking_client& client) override;

private:
  void issue(engine& loop, connection& c);

  key_names names_;
  values values_;
  std::uint32_t next_ = 0;
};

}  // namespace bench
