/// Empties a queue in the tree, free of actors: what to do next, given what was answered.
#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <troupe/base/operation.hpp>
#include <troupe/base/result.hpp>

#include "core/handlers.hpp"

namespace queue_handler {

/// Nothing to do until `changed`.
struct wait_for_change {};
/// The server is too busy: call `resume` after a while.
struct try_later {};
/// What the worker wants: at most one operation is on its way at any time. A failure is final.
using next_step =
    std::variant<wait_for_change, try_later, troupe::write_op, troupe::read_op, troupe::failure>;

struct worker_options {
  std::string path;             ///< the queue is below it, in `items`
  std::size_t batch = 10;       ///< most items of one transaction, at least 1
  std::size_t bytes = 1 << 20;  ///< over which a transaction gets no further item
};

/// What happened so far.
struct worker_counts {
  std::uint64_t handled = 0;
  std::uint64_t failed = 0;
  std::uint64_t conflicts = 0;  ///< transactions refused because somebody else was faster
};

/// Takes the children of PATH/items in the order of their names. Each goes to the handler, and
/// then, in one transaction: the result is written to PATH/results/NAME (an item that cannot be
/// handled is moved to PATH/failed/NAME), and the item is deleted if its version is still the one
/// that was handled. So an item has either its outcome or its place in the queue, never both and
/// never none, whenever the server ends; two workers of one queue do no harm.
class queue_worker {
public:
  queue_worker(worker_options options, handle_function handle);

  /// Makes the nodes that are missing, then lists the queue.
  next_step begin();
  /// The answers to what was asked for. For a multi there is one result per operation, or a single
  /// one if it was not tried at all.
  next_step wrote(const std::vector<troupe::write_result>& results);
  next_step read(const troupe::read_result& result);
  /// The watch on the queue's children fired: `wait_for_change` if that needs nothing now.
  next_step changed();
  /// After a pause.
  next_step resume();

  /// Whether the queue has been listed, so that nothing that comes in is missed.
  [[nodiscard]] bool watching() const noexcept { return watching_; }
  [[nodiscard]] const worker_counts& counts() const noexcept { return counts_; }
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size() + batch_.size(); }
  /// Items that failed since the last call: name and reason.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> take_failures();

private:
  enum class doing { making_nodes, listing, reading, committing, waiting };

  next_step make_node();
  next_step list();
  next_step next_batch();
  next_step read_batch();
  next_step listed(const troupe::read_result& result);
  next_step commit(const troupe::read_result& result);
  next_step committed();
  next_step refused(const std::vector<troupe::write_result>& results);
  next_step stopped_by(troupe::error_code error, const std::string& path);
  /// Adds the operations of one item to the transaction and returns their size.
  std::size_t add_item(const std::string& name, const troupe::read_result& item);

  const worker_options options_;
  const handle_function handle_;
  std::vector<std::string> nodes_;  ///< that must exist, parents first
  std::size_t next_node_ = 0;

  doing doing_ = doing::making_nodes;
  bool watching_ = false;
  bool dirty_ = false;  ///< the queue changed since it was listed
  std::deque<std::string> waiting_;
  std::vector<std::string> batch_;
  /// Result nodes that exist already, because an earlier item had the same name: overwritten.
  std::set<std::string> existing_;
  troupe::multi_op transaction_;
  std::vector<std::pair<std::string, std::string>> failures_;       ///< of the transaction
  std::vector<std::pair<std::string, std::string>> told_failures_;  ///< of those committed
  worker_counts counts_;
};

}  // namespace queue_handler
