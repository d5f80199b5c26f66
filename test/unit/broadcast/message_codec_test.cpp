#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "actors/broadcast/codec/message_codec.hpp"

namespace troupe::broadcast {
namespace {

using zab::message;

write_request request(write_op op) {
  write_request one;
  one.origin = {server_id{2}, 3, 4, 5};
  one.session = {0x1122};
  one.who = std::make_shared<const std::vector<identity>>(
      std::vector<identity>{{"ip", "10.0.0.1"}, {"digest", "a:b"}});
  one.request_id = 6;
  one.op = std::move(op);
  one.since = zxid::of(1, 7);
  return one;
}

script_op every_step() {
  const acl open{{permission_all, {"world", "anyone"}}};
  const create_op node{"/m", blob{"d"}, open, node_kind::persistent, false, -1};
  std::vector<script_step> steps{{node},
                                 {delete_op{"/x", 1}},
                                 {set_data_op{"/y", {}, 2}},
                                 {set_acl_op{"/y", open, 3}},
                                 {check_op{"/z", 3}},
                                 {check_absent_op{"/u"}},
                                 {create_if_absent_op{node}},
                                 {create_with_parents_op{node, open}},
                                 {delete_tree_op{"/v", 100}},
                                 {add_op{"/w", -5}},
                                 {guard_op{"/lock", zxid::of(1, 5)}}};
  // Whoever adds a kind adds it here.
  static_assert(std::variant_size_v<decltype(script_step::what)> == 12);
  auto inner = steps;
  for (std::size_t i = 0; i < script_op::deepest; ++i)
    inner = {{choose_op{{{check_op{"/c"}}, {guard_op{"/g", zxid{7}}}}, inner, {{node}}}}};
  steps.push_back(std::move(inner.front()));
  return {std::move(steps)};
}

std::vector<write_request> every_request() {
  const acl open{{permission_all, {"world", "anyone"}}};
  multi_op multi{{create_op{"/m", blob{"d"}, open, node_kind::ephemeral, true, -1},
                  delete_op{"/x", 1}, set_data_op{"/y", {}, 2}, check_op{"/z", 3}}};
  return {request(create_op{"/a", blob{"data"}, open, node_kind::ttl, false, 1000}),
          request(delete_op{"/a", 7}),
          request(set_data_op{"/a", blob{std::string_view{}}, -1}),
          request(set_acl_op{"/a", open, 8}),
          request(std::move(multi)),
          request(create_session_op{milliseconds{4000}}),
          request(close_session_op{close_cause::expired}),
          request(every_step()),
          request(sync_op{"/s"})};
}

std::vector<message> every_message() {
  verdict refused;
  refused.origin = {server_id{2}, 3, 4, 5};
  refused.session = {7};
  refused.after = zxid::of(1, 2);
  refused.kind = txn_kind::multi;
  refused.results = {{error_code::no_node, "/p", {}}, {error_code::ok, "", {}}};
  refused.results[1].stat.version = 9;
  refused.results[1].number = -10;
  refused.repeats = 11;
  refused.results[1].stat.pzxid = zxid::of(1, 1);
  return {{1, zab::join{1, 2, zxid::of(2, 3), true, true, true}},
          {2,
           zab::epoch_promised{
               3, true, 2, zxid::of(2, 3), zxid::of(2, 1), {zxid::of(1, 9), zxid::of(2, 3)}}},
          {3, zab::leader_accepted{4, nanoseconds{5}}},
          {4, zab::durable{zxid::of(3, 3)}},
          {5, zab::forward{every_request()}},
          {6, zab::touched{{session_id{1}, session_id{2}}}},
          {7, zab::pong{11, nanoseconds{6}}},
          {8, zab::new_epoch{5, true}},
          {9, zab::cut{zxid::of(1, 1)}},
          {10, zab::entries{{{zxid::of(1, 2), blob{"body"}}, {zxid::of(1, 3), blob{"more"}}}}},
          {11, zab::new_leader{6, zxid::of(1, 3), 77}},
          {12, zab::commit{zxid::of(1, 3), {refused}}},
          {13, zab::ping{12}},
          {14, zab::leave{"why", server_id{3}}},
          {15, zab::history_differs{}},
          {16, zab::snapshot_taken{}},
          {17, zab::snapshot_begin{zxid::of(1, 2), 8, 9}},
          {18, zab::snapshot_chunk{blob{"a piece"}}},
          {19, zab::snapshot_end{}},
          {20, zab::tree_digest{zxid::of(1, 2), 5}},
          {21, zab::tree_differs{zxid::of(1, 3)}},
          {20, zab::session_claims{{{1, {0x1122}, milliseconds{4000}}, {2, {3}, {}}}}},
          {21, zab::session_answers{{{1, true, milliseconds{4000}}, {2, false, {}}}}},
          {22, zab::sessions_moved{{session_id{1}, session_id{2}}}}};
}

}  // namespace

TEST_CASE("messages of the ensemble: every kind comes back as it was") {
  const auto all = every_message();
  // Whoever adds a kind adds it here.
  CHECK(all.size() == std::variant_size_v<zab::body>);
  for (const auto& one : all) {
    CAPTURE(one.body.index());
    const auto bytes = codec::encode(one);
    const auto back = codec::decode(bytes);
    REQUIRE(back);
    CHECK(back->conversation == one.conversation);
    CHECK(back->body.index() == one.body.index());
    // Equal bytes are equal messages: nothing was lost on the way.
    CHECK(codec::encode(*back) == bytes);
  }
}

TEST_CASE("messages of the ensemble: proposals for several learners are those of one") {
  const zab::entries first{{{zxid::of(1, 2), blob{std::string(3000, 'a')}}}};
  const zab::entries longer{{first.txns[0], {zxid::of(1, 3), blob{"b"}}}};
  const zab::entries other{{{zxid::of(1, 2), blob{std::string(3000, 'c')}}}};
  codec::step_encoder encoder;
  for (const auto& one : std::vector<message>{{1, first},
                                              {0x1122334455667788, first},
                                              {2, zab::ping{1}},
                                              {3, first},
                                              {3, longer},
                                              {4, longer},
                                              {4, other},
                                              {5, first},
                                              {6, zab::entries{}}}) {
    CHECK(encoder.encode(one) == codec::encode(one));
  }
  encoder.forget();
  CHECK(encoder.encode({7, first}) == codec::encode({7, first}));
}

TEST_CASE("messages of the ensemble: what is cut short or altered is refused or understood") {
  for (const auto& one : every_message()) {
    const auto bytes = codec::encode(one);
    const std::string whole{bytes.view()};
    for (std::size_t length = 0; length < whole.size(); length += 8)
      CHECK_FALSE(codec::decode(blob{whole.substr(0, length)}));
    for (std::size_t i = 0; i < whole.size(); ++i) {
      auto altered = whole;
      altered[i] = static_cast<char>(altered[i] ^ 0xff);
      const auto result = codec::decode(blob{altered});
      // Never an exception; a failure says why.
      if (!result) CHECK_FALSE(result.error().message.empty());
    }
  }
}

TEST_CASE("messages of the ensemble: numbers that this version does not know are refused") {
  const auto refused = [](std::string bytes) { return !codec::decode(blob{bytes}); };
  CHECK(refused(""));
  CHECK(refused("seven b"));
  CHECK(refused(std::string(64, '\xff')));
}

}  // namespace troupe::broadcast
