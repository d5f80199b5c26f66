#include "runtime/compose/deployment.hpp"

#include <utility>

#include <troupe/version.hpp>

namespace troupe::compose {

deployment::deployment(const plan& what, std::vector<place> places, observer owner)
    : info_{server_id{what.node_id}, what.data_dir, std::string{version}},
      supervisor_(sdk::spawn_pinned<supervisor>(*places.front().unit, what, places, info_,
                                                std::move(owner))) {}

void deployment::stop() { supervisor_.send(stop_deployment{}); }

void deployment::abandon() { supervisor_.send(abandon_deployment{}); }

void deployment::collect_status(std::function<void(std::vector<component_status>)> answer) {
  supervisor_.send(compose::collect_status{std::move(answer)});
}

}  // namespace troupe::compose
