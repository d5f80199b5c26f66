#include "runtime/cli/native_session.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include <troupe/client/blocking_session.hpp>

namespace troupe::cli {
namespace {

/// Events come on the client's thread and are taken on the command's.
class change_queue {
public:
  void put(const client::event& one) {
    const std::lock_guard hold{mutex_};
    changes_.push_back({one.kind, one.path, one.zxid});
    came_.notify_one();
  }
  /// There will be no more.
  void end() {
    const std::lock_guard hold{mutex_};
    ended_ = true;
    came_.notify_all();
  }
  /// Nothing if there will be none, or none came in time.
  std::optional<change_seen> take(std::optional<milliseconds> at_most) {
    std::unique_lock hold{mutex_};
    const auto ready = [this] { return ended_ || !changes_.empty(); };
    if (at_most)
      came_.wait_for(hold, *at_most, ready);
    else
      came_.wait(hold, ready);
    if (changes_.empty()) return std::nullopt;
    auto one = std::move(changes_.front());
    changes_.pop_front();
    return one;
  }
  [[nodiscard]] bool ended() {
    const std::lock_guard hold{mutex_};
    return ended_;
  }

private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<change_seen> changes_;
  bool ended_ = false;
};

client::settings settings_of(const connect_request& wish) {
  client::settings how;
  how.servers = wish.servers;
  how.session_timeout = wish.timeout;
  for (const auto& [scheme, secret] : wish.identities)
    how.credentials.push_back({scheme, secret});
  return how;
}

std::string all_of(const std::vector<std::string>& servers) {
  std::string words;
  for (const auto& one : servers)
    words += (words.empty() ? "" : ", ") + one;
  return words;
}

class native_session final : public session {
public:
  explicit native_session(const connect_request& wish)
      : client_(settings_of(wish),
                {.on_state = [this](client::session_state now) { state_changed(now); },
                 .on_event = [this](const client::event& one) { changes_.put(one); }}) {
    std::string why;
    if (!client_.wait_until_connected(wish.timeout, &why))
      throw not_connected("no server answers at " + all_of(wish.servers) + ": " + why +
                          ". Is a deployment with `gateway.rpc` running there? Name it by "
                          "--server HOST:PORT or TROUPE_SERVER");
  }
  ~native_session() override { client_.close(); }

  std::vector<write_result> write(write_op op) override {
    auto got = client_.run(std::move(op));
    if (!got.writes.empty()) return std::move(got.writes);
    return {write_result{error_of(got.why), {}, {}}};
  }

  read_result read(read_op op) override {
    auto got = client_.run(std::move(op));
    if (!got.ok()) got.read.error = error_of(got.why);
    return std::move(got.read);
  }

  error_code authenticate(const std::string& scheme, const std::string& secret) override {
    return error_of(client_.authenticate({scheme, secret}));
  }

  std::vector<identity> identities() override { return client_.identities(); }

  std::optional<change_seen> next_change(std::optional<milliseconds> at_most) override {
    auto one = changes_.take(at_most);
    if (!one && changes_.ended()) throw not_connected(lost_words);
    return one;
  }

  std::vector<std::pair<std::string, std::string>> server_facts() override {
    auto facts = client_.server_facts();
    facts.emplace_back("session", to_string(client_.id()));
    return facts;
  }

private:
  static constexpr const char* lost_words = "the session is lost: no server was heard of for its "
                                            "timeout";

  void state_changed(client::session_state now) {
    if (now == client::session_state::lost || now == client::session_state::closed) changes_.end();
  }

  static error_code error_of(const client::problem& why) {
    if (why.what == client::fault::session_lost) throw not_connected(lost_words);
    if (why.what == client::fault::connection_lost)
      throw not_connected("the connection was lost; the write may have been done or not");
    return why.what == client::fault::none ? error_code::ok : client::to_error_code(why.what);
  }

  change_queue changes_;  // before the client, which tells it
  client::blocking_session client_;
};

}  // namespace

std::unique_ptr<session> connect_native(const connect_request& wish) {
  return std::make_unique<native_session>(wish);
}

}  // namespace troupe::cli
