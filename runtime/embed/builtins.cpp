#include "runtime/embed/builtins.hpp"

#include "actors/broadcast/component.hpp"
#include "actors/election/component.hpp"
#include "actors/gateway/http/component.hpp"
#include "actors/gateway/local/component.hpp"
#include "actors/gateway/rpc/component.hpp"
#include "actors/gateway/zookeeper/component.hpp"
#include "actors/peer/component.hpp"
#include "actors/session/component.hpp"
#include "actors/storage/component.hpp"
#include "actors/storage/core/log_format.hpp"
#include "actors/tree/component.hpp"

namespace troupe {

void register_builtin_types(sdk::catalog& types) {
  types.add(storage::wal_type());
  types.add(storage::memory_type());
  types.add(tree::znode_type());
  types.add(broadcast::local_type());
  types.add(broadcast::zab_type());
  types.add(election::fast_type());
  types.add(election::fixed_type());
  types.add(session::replicated_type());
  types.add(peer::tcp_type());
  types.add(zk::gateway_type());
  types.add(rpc::gateway_type());
  types.add(local::gateway_type());
  types.add(http::gateway_type());
}

std::vector<std::string> preferred_builtin_types() { return {"storage.wal"}; }

std::vector<std::pair<std::string, std::string>> builtin_formats() {
  return {{"log format", std::to_string(storage::log_version)}};
}

}  // namespace troupe
