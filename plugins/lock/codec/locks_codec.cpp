#include "codec/locks_codec.hpp"

#include <limits>

#include <troupe/sdk/recipe_codec.hpp>

#include "schemas/lock.capnp.h"

namespace locks {

namespace api = troupe::api;
using troupe::sdk::bad_call;
using troupe::sdk::recipe_call;

namespace {

std::string text(capnp::Text::Reader from) { return {from.cStr(), from.size()}; }
std::string text(capnp::Data::Reader from) {
  const auto chars = from.asChars();
  return {chars.begin(), chars.size()};
}

claim_kind kind_of(api::LockKind kind) {
  switch (kind) {
  case api::LockKind::EXCLUSIVE:
    return claim_kind::mutex;
  case api::LockKind::WRITE:
    return claim_kind::write;
  case api::LockKind::READ:
    return claim_kind::read;
  case api::LockKind::LEADER:
    return claim_kind::leader;
  }
  throw bad_call("a kind of lock that this server does not know");
}

api::LockKind kind_of(claim_kind kind) {
  switch (kind) {
  case claim_kind::mutex:
    return api::LockKind::EXCLUSIVE;
  case claim_kind::write:
    return api::LockKind::WRITE;
  case claim_kind::read:
    return api::LockKind::READ;
  case claim_kind::leader:
    return api::LockKind::LEADER;
  }
  return api::LockKind::EXCLUSIVE;
}

api::RefusalKind kind_of(refusal_kind kind) {
  switch (kind) {
  case refusal_kind::busy:
    return api::RefusalKind::BUSY;
  case refusal_kind::timed_out:
    return api::RefusalKind::TIMED_OUT;
  case refusal_kind::cancelled:
    return api::RefusalKind::CANCELLED;
  case refusal_kind::session_lost:
    return api::RefusalKind::SESSION_LOST;
  case refusal_kind::not_held:
    return api::RefusalKind::NOT_HELD;
  case refusal_kind::wrong_kind:
    return api::RefusalKind::WRONG_KIND;
  case refusal_kind::foreign_node:
    return api::RefusalKind::FOREIGN_NODE;
  case refusal_kind::deadlock:
    return api::RefusalKind::DEADLOCK;
  case refusal_kind::wrong_permits:
    return api::RefusalKind::WRONG_PERMITS;
  case refusal_kind::over_limit:
    return api::RefusalKind::OVER_LIMIT;
  case refusal_kind::bad_path:
    return api::RefusalKind::BAD_PATH;
  case refusal_kind::bad_request:
    return api::RefusalKind::BAD_REQUEST;
  case refusal_kind::not_leader:
  case refusal_kind::failed:
    return api::RefusalKind::FAILED;
  }
  return api::RefusalKind::FAILED;
}

std::int32_t number_of(std::uint32_t permits) {
  if (permits > static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max()))
    throw bad_call("a number of permits that is too large");
  return static_cast<std::int32_t>(permits);
}

party party_of(const recipe_call& call, api::Claimant::Reader who) {
  return {call.session, text(who.getOwner())};
}

release_ask release_of(const recipe_call& call, capnp::Text::Reader path, std::uint64_t token) {
  return {text(path), call.session, {token}};
}

void set(api::LockRefusal::Builder into, const refusal& why) {
  into.setKind(kind_of(why.kind));
  into.setWhy(why.why.empty() ? std::string{to_string(why.kind)} : why.why);
}

void set(api::HeldLock::Builder into, const std::string& path, troupe::zxid token,
         const std::vector<std::string>& nodes) {
  into.setPath(path);
  into.setToken(token.value);
  auto names = into.initNodes(static_cast<unsigned>(nodes.size()));
  for (unsigned i = 0; i < names.size(); ++i)
    names.set(i, nodes[i]);
}

template <class Results, class F>
encoded_answer encoded(F&& fill) {
  auto results = troupe::sdk::write_results<Results>(fill);
  return {std::move(results.bytes), std::move(results.capabilities)};
}

template <class Results>
encoded_answer granted(const std::vector<taken>& locks, std::uint64_t lease) {
  return encoded<Results>([&](auto root, auto& numbers) {
    auto into = root.initOutcome().initGranted();
    into.setLease(numbers.template make<api::Lease>(lease));
    auto list = into.initLocks(static_cast<unsigned>(locks.size()));
    for (unsigned i = 0; i < list.size(); ++i)
      set(list[i], locks[i].path, locks[i].token, {below(locks[i].path, locks[i].name)});
  });
}

template <class Results>
troupe::blob refused_outcome(const refusal& why) {
  return encoded<Results>([&](auto root, auto&) { set(root.initOutcome().initRefused(), why); })
      .bytes;
}
template <class Results>
troupe::blob refused_plainly(const refusal& why) {
  return encoded<Results>([&](auto root, auto&) { set(root.initRefused(), why); }).bytes;
}
template <class Results>
troupe::blob released(bool now) {
  return encoded<Results>([&](auto root, auto&) { root.initOutcome().setDone(now); }).bytes;
}

}  // namespace

std::uint64_t locks_interface_id() { return capnp::typeId<api::Locks>(); }

timed<acquire_ask> read_acquire(const recipe_call& call) {
  return troupe::sdk::read_params<api::Locks::AcquireParams>(call.params, [&](auto params) {
    timed<acquire_ask> read;
    for (const auto one : params.getLocks())
      read.ask.locks.push_back({text(one.getPath()), kind_of(one.getKind())});
    read.ask.who = party_of(call, params.getWho());
    read.ask.data = text(params.getWho().getData());
    read.ask.request = params.getCall().getRequestId();
    read.timeout_ms = params.getCall().getTimeoutMs();
    read.ask.wait = read.timeout_ms != 0;
    return read;
  });
}

timed<permits_ask> read_acquire_permits(const recipe_call& call) {
  return troupe::sdk::read_params<api::Locks::AcquirePermitsParams>(call.params, [&](auto params) {
    timed<permits_ask> read;
    read.ask.path = text(params.getPath());
    read.ask.count = number_of(params.getCount());
    read.ask.permits = number_of(params.getPermits());
    read.ask.who = party_of(call, params.getWho());
    read.ask.data = text(params.getWho().getData());
    read.ask.request = params.getCall().getRequestId();
    read.timeout_ms = params.getCall().getTimeoutMs();
    read.ask.wait = read.timeout_ms != 0;
    return read;
  });
}

release_ask read_release(const recipe_call& call) {
  return troupe::sdk::read_params<api::Locks::ReleaseParams>(call.params, [&](auto params) {
    return release_of(call, params.getPath(), params.getToken());
  });
}

release_ask read_release_permits(const recipe_call& call) {
  return troupe::sdk::read_params<api::Locks::ReleasePermitsParams>(call.params, [&](auto params) {
    return release_of(call, params.getPath(), params.getToken());
  });
}

transfer_ask read_transfer(const recipe_call& call) {
  return troupe::sdk::read_params<api::Locks::TransferParams>(call.params, [&](auto params) {
    return transfer_ask{release_of(call, params.getPath(), params.getToken()),
                        {{params.getSession()}, text(params.getWho().getOwner())},
                        params.getCall().getRequestId(),
                        text(params.getWho().getData())};
  });
}

resize_call read_resize(const recipe_call& call) {
  return troupe::sdk::read_params<api::Locks::ResizeParams>(call.params, [&](auto params) {
    return resize_call{text(params.getPath()), number_of(params.getPermits())};
  });
}

revoke_call read_revoke(const recipe_call& call) {
  return troupe::sdk::read_params<api::Locks::RevokeParams>(call.params, [&](auto params) {
    return revoke_call{text(params.getPath()), {params.getToken()}, params.getForce()};
  });
}

proclaim_call read_proclaim(const recipe_call& call) {
  return troupe::sdk::read_params<api::Locks::ProclaimParams>(call.params, [&](auto params) {
    return proclaim_call{release_of(call, params.getPath(), params.getToken()),
                         text(params.getValue())};
  });
}

std::string read_claims(const recipe_call& call) {
  return troupe::sdk::read_params<api::Locks::ClaimsParams>(
      call.params, [&](auto params) { return text(params.getPath()); });
}

encoded_answer write_granted(method of, const std::vector<taken>& locks, std::uint64_t lease) {
  return of == method::transfer ? granted<api::Locks::TransferResults>(locks, lease)
                                : granted<api::Locks::AcquireResults>(locks, lease);
}

encoded_answer write_granted(const std::string& path, const permits_taken& permits,
                             std::uint64_t lease) {
  return encoded<api::Locks::AcquirePermitsResults>([&](auto root, auto& numbers) {
    auto into = root.initOutcome().initGranted();
    into.setLease(numbers.template make<api::Lease>(lease));
    set(into.initLocks(1)[0], path, permits.token, permits.leases);
  });
}

troupe::blob write_refused(method of, const refusal& why) {
  using api::Locks;
  switch (of) {
  case method::acquire:
    return refused_outcome<Locks::AcquireResults>(why);
  case method::release:
    return refused_outcome<Locks::ReleaseResults>(why);
  case method::acquire_permits:
    return refused_outcome<Locks::AcquirePermitsResults>(why);
  case method::release_permits:
    return refused_outcome<Locks::ReleasePermitsResults>(why);
  case method::transfer:
    return refused_outcome<Locks::TransferResults>(why);
  case method::revoke:
    return refused_outcome<Locks::RevokeResults>(why);
  case method::resize:
    return refused_plainly<Locks::ResizeResults>(why);
  case method::proclaim:
    return refused_plainly<Locks::ProclaimResults>(why);
  case method::claims:
    return refused_plainly<Locks::ClaimsResults>(why);
  }
  return {};
}

troupe::blob write_released(method of, bool now) {
  if (of == method::release) return released<api::Locks::ReleaseResults>(now);
  if (of == method::revoke) return released<api::Locks::RevokeResults>(now);
  return released<api::Locks::ReleasePermitsResults>(now);
}

troupe::blob write_done(method of) {
  const auto nothing = [](auto, auto&) { /* a null refusal */ };
  if (of == method::resize) return encoded<api::Locks::ResizeResults>(nothing).bytes;
  return encoded<api::Locks::ProclaimResults>(nothing).bytes;
}

troupe::blob write_claims(const std::vector<listed_claim>& claims) {
  return encoded<api::Locks::ClaimsResults>([&](auto root, auto&) {
           auto list = root.initClaims(static_cast<unsigned>(claims.size()));
           for (unsigned i = 0; i < list.size(); ++i) {
             const auto& one = claims[i];
             auto into = list[i];
             into.setNode(one.node);
             into.setKind(kind_of(one.kind));
             into.setHolds(one.holds);
             into.setToken(one.token.value);
             into.setSession(one.session.value);
             const auto data = one.data.view();
             into.setData({reinterpret_cast<const kj::byte*>(data.data()), data.size()});
             into.setSinceMs(one.since_ms);
             into.setNative(one.native);
           }
         })
      .bytes;
}

}  // namespace locks
