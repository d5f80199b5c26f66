#include <troupe/embed/client.hpp>

#include <algorithm>
#include <utility>

#include "runtime/embed/client_actor.hpp"
#include "runtime/embed/client_core.hpp"
#include "runtime/embed/engine.hpp"

namespace troupe::embed {
namespace {

error refused(const std::string& what, const std::string& path, error_code code) {
  return {code, what + " " + path + ": " + std::string{to_string(code)}};
}

/// The only result of a write that is one operation, or its error.
answer<write_result> single(const std::string& what, const std::string& path,
                            answer<role::coordinator::wrote> reply) {
  if (!reply) return error{reply.error().code, what + " " + path + ": " + reply.error().message};
  auto& result = reply->results.front();
  if (result.error != error_code::ok) return refused(what, path, result.error);
  return std::move(result);
}

answer<read_result> single(const std::string& what, const std::string& path,
                           answer<role::coordinator::read_done> reply) {
  if (!reply) return error{reply.error().code, what + " " + path + ": " + reply.error().message};
  if (reply->result.error != error_code::ok) return refused(what, path, reply->result.error);
  return std::move(reply->result);
}

/// The zxid that a reply shows.
template <class Reply>
answer<zxid> state_of(const std::string& what, const std::string& path, answer<Reply> reply) {
  const auto seen = reply ? reply->zxid : zxid{};
  auto result = single(what, path, std::move(reply));
  if (!result) return result.error();
  return seen;
}

}  // namespace

answer<client> client::open(const deployment& where, client_settings how) {
  if (engine::is_current_thread()) {
    return error{std::nullopt, engine::would_wait};
  }
  const auto gateway = where.engine_->coordinator(how.coordinator);
  auto core = std::make_shared<client_core>(std::move(how));
  const bool spawned = gateway && where.engine_->spawn([&](sdk::reactor_unit& unit) {
    return sdk::spawn_pinned<client_actor>(unit, gateway, core);
  });
  if (!spawned) return error{std::nullopt, "no session was opened: the deployment has ended"};
  if (auto why = core->wait_open()) {
    core->leave();
    return *std::move(why);
  }
  return client{std::move(core)};
}

client::~client() {
  if (core_) core_->leave();
}

client& client::operator=(client&& other) noexcept {
  std::swap(core_, other.core_);
  return *this;
}

session_id client::session() const { return core_->session(); }

milliseconds client::session_timeout() const { return core_->session_timeout(); }

answer<std::string> client::create(std::string path, std::string_view data, create_options how) {
  auto result = single(
      "create", path,
      write(create_op{path, blob{data}, std::move(how.acl), how.kind, how.sequential, how.ttl_ms}));
  if (!result) return result.error();
  return std::move(result->path);
}

answer<stat> client::set(std::string path, std::string_view data, std::int32_t version) {
  auto result = single("set", path, write(set_data_op{path, blob{data}, version}));
  if (!result) return result.error();
  return result->stat;
}

answer<zxid> client::remove(std::string path, std::int32_t version) {
  return state_of("remove", path, write(delete_op{path, version}));
}

answer<std::vector<write_result>> client::multi(std::vector<multi_item> items) {
  auto reply = write(multi_op{std::move(items)});
  if (!reply) return error{reply.error().code, "multi: " + reply.error().message};
  auto& results = reply->results;
  // What stands behind the one that failed is said to be inconsistent, what stands before it, ok.
  const auto bad = std::find_if(results.begin(), results.end(),
                                [](const auto& one) { return one.error != error_code::ok; });
  if (bad == results.end()) return std::move(results);
  auto why = refused("multi", "operation " + std::to_string(bad - results.begin() + 1), bad->error);
  why.results = std::move(results);
  return why;
}

answer<zxid> client::sync() { return state_of("sync", "/", write(sync_op{"/"})); }

answer<znode> client::get(std::string path, watch also) {
  auto result = single("get", path, read(get_data_op{path, also == watch::yes}));
  if (!result) return result.error();
  return znode{std::move(result->data), result->stat};
}

answer<std::optional<stat>> client::exists(std::string path, watch also) {
  auto result = single("exists", path, read(exists_op{path, also == watch::yes}));
  if (result) return std::optional{result->stat};
  if (result.error().code == error_code::no_node) return std::optional<stat>{};
  return result.error();
}

answer<std::vector<std::string>> client::children(std::string path, watch also) {
  auto result = single("children", path, read(get_children_op{path, also == watch::yes}));
  if (!result) return result.error();
  return result->names.to_vector();
}

answer<zxid> client::add_watch(std::string path, watch_mode mode) {
  return state_of("add watch", path, read(add_watch_op{path, mode}));
}

answer<zxid> client::remove_watches(std::string path, watch_selector which) {
  return state_of("remove watches", path, read(remove_watches_op{path, which}));
}

answer<role::coordinator::wrote> client::write(write_op what) {
  return core_->write(std::move(what));
}

answer<role::coordinator::read_done> client::read(read_op what) {
  return core_->read(std::move(what));
}

answer<zxid> client::close() {
  core_->closing();
  return state_of("close", "the session", write(close_session_op{}));
}

}  // namespace troupe::embed
