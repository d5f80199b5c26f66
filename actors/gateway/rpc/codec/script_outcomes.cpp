#include "actors/gateway/rpc/codec/script_outcomes.hpp"

#include <cstddef>
#include <utility>

#include "actors/gateway/rpc/codec/operations.hpp"
#include "actors/gateway/rpc/codec/values.hpp"

namespace troupe::rpc::codec {
namespace {

using op = api::Operation;

/// Gives results to steps, one after the other, as the script ran.
class script_writer {
public:
  script_writer(zxid at, const std::vector<write_result>& results)
      : at_(at), results_(results),
        refused_(!results.empty() && results.back().error != error_code::ok) {}

  void put_all(capnp::List<api::Outcome>::Builder into, capnp::List<op>::Reader asked) {
    for (unsigned i = 0; i < into.size() && i < asked.size(); ++i)
      put_one(into[i], asked[i]);
  }

  void put_one(api::Outcome::Builder into, op::Reader asked) {
    into.setZxid(at_.value);
    if (next_ >= results_.size())
      return put_code(into, refused_ ? api::ErrorCode::NOT_TRIED : api::ErrorCode::SYSTEM_ERROR,
                      asked);
    const auto& result = results_[next_++];
    if (result.error != error_code::ok) return put_error(into, result, asked);
    if (asked.isChoose()) return put_choice(into, result, asked);
    if (refused_) return put_code(into, api::ErrorCode::ROLLED_BACK, asked);
    put_done(into, result, asked);
  }

private:
  void put_error(api::Outcome::Builder into, const write_result& result, op::Reader asked) {
    auto why = as_problem(result.error);
    if (result.error == error_code::limit_exceeded)
      why.limit = static_cast<std::uint64_t>(result.number);
    put(into.initError(), why, result.path.empty() ? path_of(asked) : result.path);
  }
  static void put_code(api::Outcome::Builder into, api::ErrorCode code, op::Reader asked) {
    auto error = into.initError();
    put(error, problem{}, path_of(asked));
    error.setCode(code);
  }

  void put_choice(api::Outcome::Builder into, const write_result& result, op::Reader asked) {
    const bool then = result.number != 0;
    const auto branch = then ? asked.getChoose().getThen() : asked.getChoose().getOtherwise();
    auto chosen = into.initChosen();
    chosen.setThen(then);
    put_all(chosen.initEach(branch.size()), branch);
  }

  static void put_created(api::Outcome::Builder into, const write_result& result) {
    auto created = into.initCreated();
    put_text([&](unsigned n) { return created.initPath(n); }, result.path);
    created.setParents(static_cast<std::uint32_t>(result.number));
    put(created.initStat(), result.stat);
  }
  static void put_done(api::Outcome::Builder into, const write_result& result, op::Reader asked) {
    switch (asked.which()) {
    case op::CREATE:
    case op::CREATE_IF_ABSENT:
    case op::CREATE_WITH_PARENTS:
      return put_created(into, result);
    case op::SET_DATA:
    case op::SET_ACL:
      return put(into.initStat(), result.stat);
    case op::REMOVE_TREE:
      return into.setRemoved(static_cast<std::uint32_t>(result.number));
    case op::ADD: {
      auto sum = into.initSum();
      sum.setValue(result.number);
      return put(sum.initStat(), result.stat);
    }
    default:
      return into.setDone();
    }
  }

  const zxid at_;
  const std::vector<write_result>& results_;
  const bool refused_;
  std::size_t next_ = 0;
};

}  // namespace

void put_script(api::Outcome::Builder into, zxid at, const std::vector<write_result>& results,
                op::Reader asked) {
  script_writer to{at, results};
  if (!asked.isMulti()) return to.put_one(into, asked);
  const auto items = asked.getMulti();
  to.put_all(into.initSeveral(items.size()), items);
}

}  // namespace troupe::rpc::codec
