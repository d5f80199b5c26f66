/// A bug that is planted in one server as well as in ensembles.
#pragma once

#include <troupe/roles/storage.hpp>

#include "test/simulation/proxy.hpp"

namespace troupe::test {

/// Acknowledges what it has not made durable yet.
class hasty_storage final : public proxy<hasty_storage, role::storage::actor> {
public:
  using proxy::proxy;
  using proxy::take;
  void take(role::storage::attach_log& m) {
    client_ = m.client;
    forward(m);
  }
  void take(role::storage::append& m) {
    const auto last = m.txns.empty() ? zxid{} : m.txns.back().zxid;
    forward(m);
    if (last != zxid{}) client_.send(role::storage::persisted{last});
  }
  void on_exit() override {
    client_.reset();
    proxy::on_exit();
  }

private:
  role::storage::log_client client_;
};

}  // namespace troupe::test
