#include "test/fuzz/client_world.hpp"

#include <troupe/base/check.hpp>

#include "actors/tree/codec/txn_codec.hpp"

namespace troupe::fuzz {
namespace {

constexpr std::uint32_t lane = 3;
constexpr session_id session{0x100000000000007};
constexpr std::uint64_t number = 1;

tree::tree_options everything_on() {
  tree::tree_options options;
  options.extended_types = true;
  options.enforce_quota = true;
  return options;
}

/// Small, so that fuzzed conversations come to all of them.
zk::connection_limits small_limits() {
  zk::connection_limits limits;
  limits.packet_bytes = 4096;
  limits.outstanding_requests = 6;
  limits.outstanding_reads = 4;
  limits.outstanding_bytes = 2048;
  limits.unsent_bytes = 2048;
  limits.unsent_event_bytes = 4096;
  limits.super_digest = "super:D/InIHSb7yEEbrWz8b9l71RjZJU=";  // super:test
  return limits;
}

}  // namespace

client_world::client_world()
    : tree_(everything_on()), limits_(small_limits()),
      client_(number, "10.0.0.7:5", "10.0.0.7", limits_, *this, now_) {
  tree_.set_server({1}, 1);
  tree_.lead(1, "a secret of the deployment");
  tree_.lane_began(lane);
}

// ------------------------------------------------------------------ what the connection asks for

void client_world::connect(zk::connection&, zk::connect_request request) {
  ++asked_;
  jobs_.emplace_back(std::move(request));
}

void client_world::command(zk::connection&, std::string_view word, std::string_view) {
  ++asked_;
  jobs_.emplace_back(asked_word{std::string{word}});
}

std::uint64_t client_world::write(zk::connection& from, write_op&& op) {
  ++asked_;
  jobs_.emplace_back(asked_write{++sequence_, std::move(op), from.who()});
  return sequence_;
}

std::uint64_t client_world::read(zk::connection& from, std::uint64_t after, read_op&& op) {
  ++asked_;
  jobs_.emplace_back(asked_read{++sequence_, after, std::move(op), from.who()});
  return sequence_;
}

void client_world::identities_changed(zk::connection& from) {
  tree_.watcher_identities({lane, number}, from.who());
}

// ------------------------------------------------------------------ outcomes

bool client_world::answer_one() {
  if (jobs_.empty()) return false;
  auto next = std::move(jobs_.front());
  jobs_.pop_front();
  std::visit([this](auto& one) { carry_out(one); }, next);
  hand_over_effects();
  return true;
}

void client_world::carry_out(asked_read& one) {
  // Everything before it was carried out, so no read has to be parked.
  tree_.read(lane,
             {one.sequence, 0, number, client_.session(), std::move(one.who), std::move(one.op)});
}

void client_world::carry_out(asked_write& one) {
  submit(one.sequence, client_.session(), std::move(one.who), std::move(one.op));
}

void client_world::carry_out(asked_word& one) { client_.report(one.word); }

void client_world::carry_out(zk::connect_request& one) {
  if (one.session) return client_.expired();
  submit(++sequence_, session, client_.who(), create_session_op{milliseconds{4000}});
}

void client_world::submit(std::uint64_t sequence, session_id of, identities who, write_op op) {
  ++wall_.ms;
  auto outcome = tree_.preparing().prepare(
      {{{1}, 1, lane, sequence}, of, std::move(who), 0, std::move(op)}, wall_);
  if (auto* refusal = std::get_if<verdict>(&outcome)) return tree_.deliver(std::move(*refusal));
  auto decided = tree::codec::decode(tree::codec::encode(std::get<txn>(outcome)).body);
  TROUPE_CHECK(decided, "what the leader decides can be read by the others");
  tree_.deliver(*decided);
}

void client_world::hand_over_effects() {
  using namespace tree::effect;
  for (auto& any : tree_.take_effects()) {
    if (auto* write = std::get_if<write_outcome>(&any)) {
      client_.write_done(write->sequence, write->zxid, write->results, now_);
    } else if (auto* read = std::get_if<read_outcome>(&any)) {
      client_.read_done(read->sequence, read->zxid, read->result, now_);
    } else if (auto* opened = std::get_if<session_outcome>(&any)) {
      client_.connected(opened->session, opened->timeout, opened->password, now_);
    } else if (auto* happened = std::get_if<event>(&any)) {
      std::string frame;
      zk::encode_event(frame, happened->kind, happened->path, happened->zxid);
      client_.event(frame);
    } else if (std::holds_alternative<session_closed>(any)) {
      client_.session_gone("its session ended");
    }
  }
}

std::string_view client_world::take_output() {
  const auto before = all_output_.size();
  all_output_ += client_.output();
  client_.sent(client_.output().size());
  return std::string_view{all_output_}.substr(before);
}

void client_world::check_end() {
  TROUPE_CHECK(jobs_.empty(), "everything was carried out");
  const auto& state = tree_.committed();
  TROUPE_CHECK(state.digest() == state.recomputed_digest(), "the digest follows every change");
  if (client_.state() == zk::connection::phase::serving) {
    TROUPE_CHECK(client_.outstanding() == 0, "everything was answered");
    TROUPE_CHECK(counters_.outstanding == 0, "what is outstanding is counted");
  }
}

}  // namespace troupe::fuzz
