#include "test/simulation/final_state.hpp"

#include <chrono>
#include <string>

namespace troupe::test {

using namespace std::chrono_literals;

namespace {

class reading {
public:
  reading(history& facts, sim_client& reader) : facts_(facts), reader_(reader) {}

  void look(const std::string& path) {
    ++outstanding_;
    reader_.get(path, false, [this, path](const answer& a) {
      --outstanding_;
      const auto owner = a.stat.ephemeral_owner;
      if (a.error == 0 && owner && facts_.has_ended(owner)) {
        facts_.violation(path + " outlived its session");
      }
    });
  }
  void look_below(const std::string& directory) {
    ++outstanding_;
    reader_.children(directory, false, [this, directory](const answer& a) {
      --outstanding_;
      if (a.names.size() != static_cast<std::size_t>(a.stat.num_children)) {
        facts_.violation(directory + " has a wrong number of children");
      }
      for (const auto& name : a.names) {
        if (name != "zookeeper") look((directory == "/" ? "" : directory) + "/" + name);
      }
    });
  }
  [[nodiscard]] bool done() const { return outstanding_ == 0; }

private:
  history& facts_;
  sim_client& reader_;
  std::size_t outstanding_ = 0;
};

}  // namespace

void look_at_everything(testing::simulation& world, history& facts, sim_client& reader) {
  reading all{facts, reader};
  reader.sync("/");
  all.look_below("/");
  all.look_below("/d");
  for (const auto& path : facts.paths())
    all.look(path);
  if (!world.run_until([&] { return all.done(); }, 60s)) {
    facts.violation("the final state cannot be read");
  }
}

}  // namespace troupe::test
