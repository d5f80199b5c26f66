/// Pages of long lists.
#pragma once

#include <cstddef>

#include "actors/gateway/rpc/core/operation.hpp"

namespace troupe::rpc {

/// The names of the page that `asked` wants, in order.
name_page page_of(const name_list& names, const list_op& asked);

/// Gives each name of `page` its node: `nodes` has one for each of them, in order. Names whose node
/// is gone are left out.
void add_nodes(name_page& page, std::vector<read_result> nodes);

/// Shortens the page to about `most_bytes`, but never to less than one entry, so that who goes on
/// behind the last entry gets on.
void shorten(name_page& page, std::size_t most_bytes);

/// Bytes that this takes in a reply, about.
std::size_t size_of(const outcome& one);

}  // namespace troupe::rpc
