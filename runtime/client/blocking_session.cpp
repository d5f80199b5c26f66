#include <troupe/client/blocking_session.hpp>

#include <future>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include <kj/async-io.h>

namespace troupe::client {

/// The event loop on which the session lives.
class blocking_session::own_thread {
public:
  own_thread(settings how, listener told) {
    std::promise<const kj::Executor*> begun;
    auto executor = begun.get_future();
    thread_ = std::thread{[this, &begun, how = std::move(how), told = std::move(told)]() mutable {
      run(begun, std::move(how), std::move(told));
    }};
    executor_ = executor.get();
  }
  ~own_thread() {
    executor_->executeSync([this] { stop_->fulfill(); });
    thread_.join();
  }
  own_thread(const own_thread&) = delete;
  own_thread& operator=(const own_thread&) = delete;

  /// What `f` gives on the session's thread, or what the promise that it gives comes to.
  template <class F>
  auto call(F f) {
    return executor_->executeSync([this, &f] { return f(*session_); });
  }
  [[nodiscard]] kj::Timer& timer() noexcept { return *timer_; }

private:
  void run(std::promise<const kj::Executor*>& begun, settings how, listener told) {
    auto io = kj::setupAsyncIo();
    timer_ = &io.provider->getTimer();
    const std::uint64_t seed = std::random_device{}();
    session_.emplace(environment{io.provider->getNetwork(), *timer_, seed}, std::move(how),
                     std::move(told));
    auto stop = kj::newPromiseAndFulfiller<void>();
    stop_ = kj::mv(stop.fulfiller);
    begun.set_value(&kj::getCurrentThreadExecutor());
    stop.promise.wait(io.waitScope);
    session_.reset();
    stop_ = nullptr;
  }

  std::thread thread_;
  const kj::Executor* executor_ = nullptr;
  // Of that thread, and only while it runs:
  kj::Timer* timer_ = nullptr;
  std::optional<client::session> session_;
  kj::Own<kj::PromiseFulfiller<void>> stop_;
};

blocking_session::blocking_session(settings how, listener told)
    : thread_(std::make_unique<own_thread>(std::move(how), std::move(told))) {}
blocking_session::~blocking_session() = default;

bool blocking_session::wait_until_connected(milliseconds at_most, std::string* why) {
  return thread_->call([this, at_most, why](session& one) {
    return thread_->timer()
        .timeoutAfter(at_most.count() * kj::MILLISECONDS, one.when_connected())
        .then([] { return true; },
              [why](kj::Exception&& error) {
                if (why) *why = error.getDescription().cStr();
                return false;
              });
  });
}

answer blocking_session::run(operation what, freshness how_new) {
  return thread_->call([&](session& one) { return one.submit(std::move(what), how_new); });
}

std::vector<answer> blocking_session::run_all(std::vector<operation> all, freshness how_new) {
  std::vector<answer> answers(all.size());
  thread_->call([&](session& one) {
    auto each = kj::heapArrayBuilder<kj::Promise<void>>(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      each.add(one.submit(std::move(all[i]), how_new).then([&answers, i](answer&& got) {
        answers[i] = std::move(got);
      }));
    }
    return kj::joinPromises(each.finish());
  });
  return answers;
}

problem blocking_session::authenticate(credential who) {
  return thread_->call([&](session& one) { return one.authenticate(std::move(who)); });
}
std::vector<identity> blocking_session::identities() {
  return thread_->call([](session& one) { return one.identities(); });
}
void blocking_session::close() {
  thread_->call([](session& one) { return one.close(); });
}

session_state blocking_session::state() const {
  return thread_->call([](session& one) { return one.state(); });
}
session_id blocking_session::id() const {
  return thread_->call([](session& one) { return one.id(); });
}
zxid blocking_session::seen() const {
  return thread_->call([](session& one) { return one.seen(); });
}
std::vector<std::pair<std::string, std::string>> blocking_session::server_facts() const {
  return thread_->call([](session& one) { return one.server_facts(); });
}

}  // namespace troupe::client
