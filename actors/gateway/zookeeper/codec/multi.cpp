#include <utility>

#include "actors/gateway/zookeeper/codec/requests.hpp"

namespace troupe::zk {
namespace {

struct multi_header {
  opcode type{};
  bool done = false;
};

multi_header decode_header(jute_reader& in) {
  multi_header header;
  header.type = static_cast<opcode>(in.int32());
  header.done = in.boolean();
  in.int32();  // an error field that means nothing in requests
  return header;
}

/// The operation, and the type of its result: every create that answers with a Stat says create2.
std::optional<std::pair<multi_item, opcode>> decode_item(opcode type, jute_reader& in) {
  switch (type) {
  case opcode::create:
    return std::pair{multi_item{decode_create(type, in)}, type};
  case opcode::create2:
  case opcode::create_container:
  case opcode::create_ttl:
    return std::pair{multi_item{decode_create(type, in)}, opcode::create2};
  case opcode::remove: {
    auto path = in.string();
    return std::pair{multi_item{delete_op{std::move(path), in.int32()}}, type};
  }
  case opcode::set_data:
    return std::pair{multi_item{decode_set_data(in)}, type};
  case opcode::check: {
    auto path = in.string();
    return std::pair{multi_item{check_op{std::move(path), in.int32()}}, type};
  }
  default:
    return std::nullopt;
  }
}

std::optional<std::pair<multi_read_item, opcode>> decode_read_item(opcode type, jute_reader& in) {
  if (type != opcode::get_data && type != opcode::get_children) return std::nullopt;
  auto path = in.string();
  in.boolean();  // watches are never set by a multiRead
  if (type == opcode::get_data) {
    return std::pair{multi_read_item{get_data_op{std::move(path), false}}, type};
  }
  return std::pair{multi_read_item{get_children_op{std::move(path), false}}, type};
}

/// Reads items up to the header that ends them. Every item takes bytes, so the list is bounded by
/// the packet. Nothing if an item is of another family, or the bytes end before the list does.
template <class Op, class DecodeItem>
std::optional<operation> decode_items(jute_reader& in, DecodeItem decode) {
  Op op;
  result_types types;
  while (true) {
    const auto header = decode_header(in);
    if (!in.ok()) return std::nullopt;
    if (header.done) break;
    auto item = decode(header.type, in);
    if (!item || !in.ok()) return std::nullopt;
    op.items.push_back(std::move(item->first));
    types.push_back(item->second);
  }
  if constexpr (std::is_same_v<Op, multi_op>) {
    return operation{write_op{std::move(op)}, std::move(types)};
  } else {
    return operation{read_op{std::move(op)}, std::move(types)};
  }
}

}  // namespace

std::optional<operation> decode_multi(jute_reader& in) {
  return decode_items<multi_op>(in, decode_item);
}

std::optional<operation> decode_multi_read(jute_reader& in) {
  return decode_items<multi_read_op>(in, decode_read_item);
}

}  // namespace troupe::zk
