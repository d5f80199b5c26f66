#include "actors/gateway/rpc/codec/session_server.hpp"

#include <string>
#include <utility>
#include <variant>

#include "actors/gateway/rpc/codec/operations.hpp"
#include "actors/gateway/rpc/codec/outcomes.hpp"
#include "actors/gateway/rpc/codec/recipe_server.hpp"
#include "actors/gateway/rpc/codec/values.hpp"

namespace troupe::rpc::codec {
namespace {

/// A batch that the desk works on.
class batch_answer final : public batch_sink {
public:
  batch_answer(std::shared_ptr<link_context> link, std::unique_ptr<link_context::target> to,
               std::size_t count)
      : link_(std::move(link)), to_(std::move(to)), count_(count) {
    link_->outstanding_operations += count_;
  }
  ~batch_answer() noexcept override { link_->outstanding_operations -= count_; }

  void done(finished_batch&& batch) override { link_->answer(std::move(to_), std::move(batch)); }

private:
  const std::shared_ptr<link_context> link_;
  std::unique_ptr<link_context::target> to_;
  const std::size_t count_;
};

/// A call that the RPC system delivered.
class promised_answer final : public link_context::target {
public:
  explicit promised_answer(kj::Own<kj::PromiseFulfiller<finished_batch>> to) : to_(kj::mv(to)) {}
  ~promised_answer() noexcept override {}  // NOLINT: KJ's objects may throw, and must not here
  void answer(finished_batch&& with) override { to_->fulfill(std::move(with)); }

private:
  kj::Own<kj::PromiseFulfiller<finished_batch>> to_;
};

}  // namespace

session_server::session_server(std::shared_ptr<link_context> link, std::uint64_t number,
                               identity_set who, bool has_watcher)
    : link_(std::move(link)), number_(number), who_(std::move(who)), has_watcher_(has_watcher) {
  ++link_->sessions;
  link_->servers.emplace(number_, this);
}

session_server::~session_server() noexcept {
  --link_->sessions;
  link_->servers.erase(number_);
  if (link_->board) link_->board->release(number_);
}

void session_server::run(std::vector<operation> batch, std::unique_ptr<link_context::target> to) {
  const auto count = batch.size();
  link_->live().submit(number_, std::move(batch),
                       std::make_unique<batch_answer>(link_, std::move(to), count));
}

kj::Promise<finished_batch> session_server::run(std::vector<operation> batch) {
  auto promise = kj::newPromiseAndFulfiller<finished_batch>();
  run(std::move(batch), std::make_unique<promised_answer>(kj::mv(promise.fulfiller)));
  return kj::mv(promise.promise);
}

kj::Promise<void> session_server::submit(SubmitContext context) {
  if (link_->undelivered > 0) --link_->undelivered;
  link_->live();
  const auto operations = context.getParams().getOperations();
  const auto& limits = *link_->limits;
  if (operations.size() > limits.batch_operations) {
    put(context.getResults().initOutcomes().initRefused(),
        too_many_operations(operations.size(), limits), {});
    return kj::READY_NOW;
  }
  return run(decode(operations, limits, has_watcher_))
      .then([context, most = limits.reply_bytes](finished_batch&& done) mutable {
        encode(context.getResults(expected_size(done)).initOutcomes(), done,
               context.getParams().getOperations(), most);
      });
}

kj::Promise<void> session_server::keepAlive(KeepAliveContext context) {
  context.getResults().setZxid(link_->live().touch(number_).value);
  return kj::READY_NOW;
}

kj::Promise<void> session_server::authenticate(AuthenticateContext context) {
  if (link_->undelivered > 0) --link_->undelivered;
  auto& board = link_->live();
  const auto refused =
      take_credential(who_, context.getParams().getCredential(), link_->limits->super_digest);
  if (refused)
    put(context.getResults().initRefused(), *refused, {});
  else
    board.identify(number_, who_.current());
  return kj::READY_NOW;
}

kj::Promise<void> session_server::identities(IdentitiesContext context) {
  const auto all = who_.current();
  auto list = context.getResults().initAll(static_cast<unsigned>(all->size()));
  for (unsigned i = 0; i < all->size(); ++i) {
    list[i].setScheme(bytes_of((*all)[i].scheme));
    list[i].setId(bytes_of((*all)[i].id));
  }
  return kj::READY_NOW;
}

kj::Promise<void> session_server::close(CloseContext context) {
  std::vector<operation> batch(1);
  batch.front().what = write_op{close_session_op{close_cause::client}};
  return run(std::move(batch)).then([context](finished_batch&& done) mutable {
    auto results = context.getResults();
    results.setZxid(done.at.value);
    const auto& what = done.outcomes.front().what;
    if (const auto* why = std::get_if<problem>(&what)) put(results.initRefused(), *why, {});
    const auto* writes = std::get_if<std::vector<write_result>>(&what);
    if (writes && !writes->empty() && writes->front().error != error_code::ok)
      put(results.initRefused(), as_problem(writes->front().error), {});
  });
}

kj::Promise<void> session_server::recipe(RecipeContext context) {
  link_->live();
  const auto mount = text_of(context.getParams().getMount());
  if (link_->recipes->find(mount)) {
    capnp::Capability::Client made = kj::heap<recipe_server>(link_, number_, mount, 0);
    context.getResults().setRecipe(kj::mv(made));
    return kj::READY_NOW;
  }
  auto why = as_problem(error_code::no_node);
  why.text = "nothing is mounted here";
  put(context.getResults().initRefused(), why, mount);
  return kj::READY_NOW;
}

std::optional<problem> take_credential(identity_set& into, api::Credential::Reader from,
                                       const std::string& super_digest) {
  const auto outcome = into.authenticate(text_of(from.getScheme()),
                                         std::string{view_of(from.getSecret())}, super_digest);
  if (outcome == identity_set::outcome::accepted) return std::nullopt;
  auto why = as_problem(error_code::auth_failed);
  why.text = outcome == identity_set::outcome::too_many
                 ? "a session has at most " + std::to_string(identity_set::most) +
                       " identities of " + std::to_string(identity_set::most_bytes) +
                       " bytes in all"
                 : "the scheme is not known here; \"digest\" is";
  return why;
}

}  // namespace troupe::rpc::codec
