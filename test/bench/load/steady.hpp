/// read, write, mixed, exists: independent requests to existing znodes.
#pragma once

#include "engine.hpp"
#include "key_names.hpp"

namespace bench {

/// Every connection keeps its requests unanswered. A connection writes only keys of its own, and
/// with --verify reads only these, so it knows which version must be there: requests of one
/// session take effect in their order.
class steady_workload : public workload {
public:
  /// `read_percent` of the requests are `read_op`, the others set_data.
  steady_workload(const options& wishes, opcode read_op, int read_percent);

  void prepare(blocking_client& client) override;
  void begin(engine& loop, connection& c) override;
  std::uint64_t turn(engine& loop) override;
  void replied(engine& loop, connection& c, const pending& request, const reply& answer) override;
  void check(blocking_client& client) override;

private:
  void issue_next(engine& loop, connection& c);
  /// A request that was due at `due_ns`.
  void issue(engine& loop, connection& c, std::uint64_t due_ns);
  void send_read(engine& loop, connection& c, std::uint32_t key, std::uint32_t step,
                 std::uint64_t due_ns);
  void send_write(engine& loop, connection& c, std::uint32_t key, std::uint64_t due_ns);
  void verify(const connection& c, const pending& request, const reply& answer);
  void verify_value(std::string_view value, std::uint32_t key, std::uint64_t version);
  std::uint32_t own_key(const connection& c);

  opcode read_op_;
  int read_percent_;
  std::uint32_t keys_per_connection_;
  std::uint32_t keys_;
  key_names names_;
  values values_;
  random_numbers random_;
  /// Per key: how often it was written; the version of its znode when all is answered.
  std::vector<std::uint32_t> written_;
  // With a pace:
  std::uint64_t due_ns_ = 0;  ///< the next request
  std::size_t whose_ = 0;     ///< the connection that sends it
};

}  // namespace bench
