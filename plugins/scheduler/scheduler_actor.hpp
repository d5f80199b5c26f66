/// The component: a thin actor around the decisions.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <troupe/sdk/recipe.hpp>

#include "codec/calls_codec.hpp"
#include "decisions/work.hpp"
#include "zone_files.hpp"

namespace scheduler {

/// Serves the interface Scheduler, and does on the leader what is to be done: one decision at a
/// time for everything that came up during the last one, so that many steps share a transaction.
class scheduler_actor final : public troupe::sdk::recipe_actor {
public:
  scheduler_actor(caf::actor_config& config, troupe::sdk::reactor_unit& home,
                  troupe::sdk::component_context& context);

  void on_exit() override;
  const char* name() const override { return "recipe.scheduler"; }

protected:
  void on_leader(bool leading) override;
  void on_change(const troupe::sdk::recipe_change& change) override;
  void on_cancel(std::uint64_t call) override;
  void on_forget(std::uint64_t call) override;
  void add_facts(std::vector<std::pair<std::string, std::string>>& facts) override;

private:
  /// A worker that waits for something new in its inbox.
  struct waiting_poll {
    poll_call what;
    troupe::session_id session;
    troupe::sdk::timer limit;
  };

  void serve_all();
  void define_job(const troupe::sdk::recipe_call& call);
  void start_run(const troupe::sdk::recipe_call& call);
  void start_backfill(const troupe::sdk::recipe_call& call);
  void control(const troupe::sdk::recipe_call& call);
  void limit_pool(const troupe::sdk::recipe_call& call);
  void describe_run(const troupe::sdk::recipe_call& call);
  void register_caller(const troupe::sdk::recipe_call& call);
  void poll(const troupe::sdk::recipe_call& call);
  void report(const troupe::sdk::recipe_call& call);

  /// Has `f(book&)` decided and written, and the call answered with what `write` makes of it.
  template <class F, class Write>
  void decide(const char* what, std::uint64_t call, F f, Write write);
  [[nodiscard]] std::shared_ptr<const settings> common() const;
  /// False, and `why` says it, if there is no such zone.
  bool know_zone(const std::string& name, std::string& why);

  void begin();
  void begun(const beginning& found);
  /// Begins a decision, if there is something to do and none is under way.
  void pump();
  [[nodiscard]] work take_work();
  void worked(const work& what, const troupe::sdk::decided<work_done>& outcome);
  void failed(const work& what, troupe::error_code error, const std::string& why);
  void look_again(std::uint64_t call, bool last);
  void wait_for_timer(std::optional<duration> wait);
  void compact_later();
  void changed_worker(std::string_view rest, bool deleted);
  void changed_inbox(std::string_view rest, bool deleted);

  const batch_limits limits_;
  const ageing growth_;
  const duration keep_;
  std::shared_ptr<definition_cache> definitions_;
  std::shared_ptr<const zone_table> zones_;
  bool ready_ = false;    ///< the beginning is done
  bool working_ = false;  ///< a decision is under way
  bool careful_ = false;  ///< the last one failed: one thing at a time
  std::set<std::string> came_, gone_, compact_;
  std::set<std::pair<std::string, std::string>> reports_;
  bool time_ = false, assign_ = false;
  std::string after_class_, after_worker_;
  std::size_t vain_ = 0;  ///< batches in a row that found nothing
  std::map<std::uint64_t, waiting_poll> polls_;
  troupe::sdk::timer timer_, compacting_, retry_;
  const troupe::sdk::counter given_out_, reported_;
};

template <class F, class Write>
void scheduler_actor::decide(const char* what, std::uint64_t call, F f, Write write) {
  transact(
      what,
      [with_all = common(), f = std::move(f), call](troupe::decision_tree& tree) {
        book with{tree, *with_all, call};
        auto reply = f(with);
        with.commit();
        return reply;
      },
      [this, call, write = std::move(write)](const auto& outcome) {
        if (outcome.value == nullptr) return refuse(call, outcome.error, outcome.why);
        answer(call, write(*outcome.value));
      });
}

}  // namespace scheduler
