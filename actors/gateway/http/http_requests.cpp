// From a request to its page.
#include <algorithm>
#include <utility>

#include "actors/gateway/http/http_actor.hpp"

namespace troupe::http {
namespace {

constexpr std::string_view commands = "/commands";

kj::Promise<page> at_once(page what) { return kj::Promise<page>{kj::mv(what)}; }

}  // namespace

kj::Promise<page> http_actor::ask(kj::HttpMethod method, kj::StringPtr url) {
  const auto what = parse_target({url.cStr(), url.size()});
  if (!what) return at_once(error_page(400, "the path of the request cannot be decoded"));
  if (method != kj::HttpMethod::GET && method != kj::HttpMethod::HEAD) {
    return at_once(error_page(405, "only GET and HEAD are answered here"));
  }
  const auto& path = what->path;
  if (path == "/") return at_once(index_page());
  if (path == "/health/live") return at_once(live_page());
  if (path == "/health" || path == "/health/ready") {
    return ask_overview(false, [this](const auto& all) { return health_page(all, health_); });
  }
  if (path == "/status")
    return ask_overview(false, [](const auto& all) { return status_page(all); });
  if (path == "/metrics") {
    return ask_overview(true, [](const auto& all) { return metrics_page(all.metrics); });
  }
  if (path == commands || path.starts_with("/commands/")) return ask_command(*what);
  return at_once(error_page(404, "there is nothing at this path; / lists what there is"));
}

kj::Promise<page> http_actor::ask_overview(bool metrics, page_maker make) {
  auto& under_way = under_way_[metrics];
  if (!under_way) {
    under_way = next_number_++;
    overview_.send(role::overview::request{self<role::overview::asker>(), *under_way, metrics});
  }
  auto wait = kj::newPromiseAndFulfiller<page>();
  const auto token = *under_way;
  const auto number = next_number_++;
  questions_[token].push_back({number, std::move(make), kj::mv(wait.fulfiller)});
  // A client that leaves takes its question with it.
  return wait.promise.attach(kj::defer([this, token, number] {
    const auto found = questions_.find(token);
    if (found == questions_.end()) return;
    std::erase_if(found->second, [&](const auto& one) { return one.number == number; });
  }));
}

void http_actor::overview(role::overview::report& report) {
  for (auto& one : under_way_) {
    if (one == report.token) one.reset();
  }
  const auto found = questions_.find(report.token);
  if (found == questions_.end()) return;
  // Fulfilling runs nothing of the one who waits; it is only told in an event of its own.
  auto asked = std::move(found->second);
  questions_.erase(found);
  for (auto& one : asked)
    one.fulfiller->fulfill(one.make(report));
}

kj::Promise<page> http_actor::ask_command(const target& what) {
  if (!admin_) {
    return at_once(error_page(404, "no component of this deployment gives the role admin; "
                                   "gateway.zookeeper would"));
  }
  role::admin::command command;
  command.to = self<role::admin::asker>();
  command.token = next_number_++;
  command.name = what.path.substr(std::min(commands.size() + 1, what.path.size()));
  command.arguments = what.arguments;
  command.most_entries = most_entries_;
  auto wait = kj::newPromiseAndFulfiller<page>();
  const auto token = command.token;
  commands_.emplace(token, kj::mv(wait.fulfiller));
  admin_.send(std::move(command));
  return wait.promise.attach(kj::defer([this, token] { commands_.erase(token); }));
}

void http_actor::command_done(role::admin::answer& answer) {
  const auto found = commands_.find(answer.token);
  if (found == commands_.end()) return;
  found->second->fulfill(page{200, std::move(answer.media_type), std::move(answer.body)});
}

kj::Promise<void> http_actor::handleClientProtocolError(kj::HttpHeaders::ProtocolError error,
                                                        kj::HttpService::Response& response) {
  const auto status = error.statusCode >= 400 && error.statusCode < 600 ? error.statusCode : 400;
  return send_page(error_page(status, error.description.cStr()), false,
                   static_cast<client_owner&>(*this), response);
}

kj::Promise<void>
http_actor::handleApplicationError(kj::Exception error,
                                   kj::Maybe<kj::HttpService::Response&> response) {
  KJ_IF_MAYBE (to, response) {
    if (error.getType() != kj::Exception::Type::DISCONNECTED) {
      return send_page(error_page(500, error.getDescription().cStr()), false,
                       static_cast<client_owner&>(*this), *to);
    }
  }
  return kj::READY_NOW;
}

}  // namespace troupe::http
