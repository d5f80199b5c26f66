/// What can be done with an item of a queue: add yours to the list in handlers.cpp.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include <troupe/base/result.hpp>

namespace queue_handler {

/// What became of an item: the content of its result node, or why it cannot be handled, ever.
using outcome = troupe::result<std::string>;

/// Handles one item. A pure function: it may be called again for the same item, when the outcome
/// could not be recorded because the item was taken or changed meanwhile. An exception counts as a
/// failure of the item.
using handle_function = std::function<outcome(std::string_view item)>;

/// A handler that the option `handler` can name.
struct registered_handler {
  std::string_view name;
  handle_function handle;
};

/// All of them, in the order shown to people.
std::span<const registered_handler> registered_handlers();

/// The function of a name on the list.
const handle_function& handler_called(std::string_view name);

}  // namespace queue_handler
