/// Decisions for tests, from lambdas.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <troupe/base/decision.hpp>

#include "test/unit/tree/fixture.hpp"

namespace troupe::tree::test {

class lambda_decision final : public decision {
public:
  explicit lambda_decision(std::function<blob(decision_tree&)> what) : what_(std::move(what)) {}
  [[nodiscard]] blob decide(decision_tree& tree) const override { return what_(tree); }
  [[nodiscard]] std::string_view name() const noexcept override { return "test decision"; }

private:
  std::function<blob(decision_tree&)> what_;
};

inline decide_op decide(std::function<blob(decision_tree&)> what) {
  return {std::make_shared<lambda_decision>(std::move(what))};
}

inline blob text(const std::string& words) { return blob{std::string_view{words}}; }

/// The outcome of a decision, as who asked gets it.
struct decided {
  error_code error = error_code::ok;
  std::string reply;
  bool has_reply = false;
  zxid at;
};

inline std::vector<decided> outcomes(fixture& f) {
  std::vector<decided> all;
  for (const auto& one : f.tree_.take_effects())
    if (const auto* outcome = std::get_if<effect::write_outcome>(&one))
      all.push_back({outcome->results.empty() ? error_code::ok : outcome->results.front().error,
                     std::string{outcome->reply.view()}, !outcome->reply.is_null(), outcome->zxid});
  return all;
}

/// Prepares and delivers one decision.
inline decided make(fixture& f, std::function<blob(decision_tree&)> what, session_id session = {}) {
  f.tree_.take_effects();
  f.deliver(f.prepare(decide(std::move(what)), session));
  return outcomes(f).at(0);
}

}  // namespace troupe::tree::test
