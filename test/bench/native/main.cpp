// Load of native clients: sessions that keep a fixed number of reads or writes unanswered, by the
// client library, or by prepared messages, which show what the server alone does.
// Usage: native_bench HOST:PORT read|write CONNECTIONS OUTSTANDING SECONDS
//        native_bench raw PORT read|write CONNECTIONS CALLS BATCH SECONDS
// Prints one JSON object.
#include <sys/resource.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <kj/async-io.h>

#include <troupe/client/session.hpp>

#include "test/bench/native/raw_load.hpp"

namespace {

namespace client = troupe::client;

constexpr std::size_t data_bytes = 128;

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// One connection, which asks again whenever it is answered.
class worker {
public:
  worker(client::environment around, client::settings how, std::string path, bool writes)
      : session_(around, std::move(how)), path_(std::move(path)), writes_(writes) {}

  kj::Promise<void> begin(std::size_t outstanding) {
    const troupe::acl open{{troupe::permission_all, {"world", "anyone"}}};
    return session_
        .submit(troupe::write_op{
            troupe::create_op{path_, troupe::blob{std::string(data_bytes, 'x')}, open}})
        .then([this, outstanding](client::answer&& got) {
          if (!got.ok() && got.why.what != client::fault::node_exists) ++failed_;
          for (std::size_t i = 0; i < outstanding; ++i)
            loops_.push_back(go_on().eagerlyEvaluate(nullptr));
        });
  }
  [[nodiscard]] std::uint64_t done() const noexcept { return done_; }
  [[nodiscard]] std::uint64_t failed() const noexcept { return failed_; }

private:
  kj::Promise<void> go_on() {
    client::operation next = troupe::read_op{troupe::get_data_op{path_}};
    if (writes_) next = troupe::write_op{troupe::set_data_op{path_, data_}};
    return session_.submit(std::move(next)).then([this](client::answer&& got) {
      ++(got.ok() ? done_ : failed_);
      return go_on();
    });
  }

  client::session session_;
  const std::string path_;
  const troupe::blob data_{std::string(data_bytes, 'y')};
  const bool writes_;
  std::uint64_t done_ = 0;
  std::uint64_t failed_ = 0;
  std::vector<kj::Promise<void>> loops_;
};

}  // namespace

namespace {

int raw(char** arguments) {
  const auto number = [&](int i) {
    return static_cast<unsigned>(std::strtoul(arguments[i], nullptr, 10));
  };
  const auto got = troupe::bench::raw_load(static_cast<std::uint16_t>(number(2)),
                                           std::string{arguments[3]} == "write", number(4),
                                           number(5), number(6), number(7));
  std::cout << "{\"per_second\": " << static_cast<double>(got.done) / got.seconds
            << ", \"failed\": " << got.failed
            << ", \"load_cpu_us_per_op\": " << got.cpu_seconds * 1e6 / static_cast<double>(got.done)
            << "}" << std::endl;
  return got.failed == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count == 8 && std::string{arguments[1]} == "raw") return raw(arguments);
  if (count != 6) {
    std::cerr << "usage: native_bench HOST:PORT read|write CONNECTIONS OUTSTANDING SECONDS\n"
                 "       native_bench raw PORT read|write CONNECTIONS CALLS BATCH SECONDS\n";
    return 2;
  }
  const bool writes = std::string{arguments[2]} == "write";
  const auto connections = std::strtoul(arguments[3], nullptr, 10);
  const auto outstanding = std::strtoul(arguments[4], nullptr, 10);
  const auto seconds = std::strtoul(arguments[5], nullptr, 10);
  auto io = kj::setupAsyncIo();
  auto& timer = io.provider->getTimer();
  std::vector<std::unique_ptr<worker>> workers;
  client::settings how;
  how.servers = {arguments[1]};
  for (std::size_t i = 0; i < connections; ++i) {
    workers.push_back(
        std::make_unique<worker>(client::environment{io.provider->getNetwork(), timer, i}, how,
                                 "/bench-" + std::to_string(i), writes));
  }
  for (auto& one : workers)
    one->begin(outstanding).wait(io.waitScope);
  const auto total = [&] {
    std::uint64_t sum = 0;
    for (const auto& one : workers)
      sum += one->done();
    return sum;
  };
  timer.afterDelay(1 * kj::SECONDS).wait(io.waitScope);
  const auto before = total();
  const auto cpu = cpu_seconds();
  timer.afterDelay(static_cast<std::int64_t>(seconds) * kj::SECONDS).wait(io.waitScope);
  const auto done = total() - before;
  std::uint64_t failed = 0;
  for (const auto& one : workers)
    failed += one->failed();
  std::cout << "{\"per_second\": " << done / seconds << ", \"failed\": " << failed
            << ", \"load_cpu_us_per_op\": "
            << (cpu_seconds() - cpu) * 1e6 / static_cast<double>(done) << "}" << std::endl;
  return failed == 0 ? 0 : 1;
}
