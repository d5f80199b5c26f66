#include "core/queue_worker.hpp"

#include <algorithm>
#include <exception>

namespace queue_handler {

using troupe::error_code;

namespace {

troupe::acl everybody() { return {{troupe::permission_all, {"world", "anyone"}}}; }

troupe::create_op create(std::string path, troupe::blob data) {
  troupe::create_op op;
  op.path = std::move(path);
  op.data = std::move(data);
  op.acl = everybody();
  return op;
}

/// The path and all its parents, from the top.
std::vector<std::string> with_parents(const std::string& path) {
  std::vector<std::string> all;
  for (auto slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1))
    all.push_back(path.substr(0, slash));
  all.push_back(path);
  return all;
}

outcome try_to(const handle_function& handle, std::string_view item) {
  try {
    return handle(item);
  } catch (const std::exception& problem) {
    return troupe::failure{problem.what()};
  }
}

/// The server has no time or no disk space; both pass.
bool passes(error_code error) {
  return error == error_code::throttled || error == error_code::not_read_only;
}

const std::string& path_of(const troupe::multi_item& item) {
  return std::visit([](const auto& op) -> const std::string& { return op.path; }, item);
}

}  // namespace

queue_worker::queue_worker(worker_options options, handle_function handle)
    : options_(std::move(options)), handle_(std::move(handle)),
      nodes_(with_parents(options_.path)) {
  for (const char* name : {"/items", "/results", "/failed"})
    nodes_.push_back(options_.path + name);
}

// ------------------------------------------------------------------- from the actor

next_step queue_worker::begin() {
  next_node_ = 0;
  return make_node();
}

next_step queue_worker::wrote(const std::vector<troupe::write_result>& results) {
  if (passes(results.front().error)) return try_later{};
  if (doing_ == doing::making_nodes) {
    const auto error = results.front().error;
    if (error != error_code::ok && error != error_code::node_exists) {
      return stopped_by(error, nodes_[next_node_]);
    }
    ++next_node_;
    return make_node();
  }
  const bool all_done = std::all_of(results.begin(), results.end(),
                                    [](const auto& one) { return one.error == error_code::ok; });
  return all_done ? committed() : refused(results);
}

next_step queue_worker::read(const troupe::read_result& result) {
  if (passes(result.error)) return try_later{};
  return doing_ == doing::listing ? listed(result) : commit(result);
}

next_step queue_worker::changed() {
  dirty_ = true;
  return doing_ == doing::waiting ? list() : next_step{wait_for_change{}};
}

next_step queue_worker::resume() {
  switch (doing_) {
  case doing::making_nodes:
    return make_node();
  case doing::reading:
  case doing::committing:
    return read_batch();
  case doing::listing:
  case doing::waiting:
    break;
  }
  return list();
}

std::vector<std::pair<std::string, std::string>> queue_worker::take_failures() {
  return std::exchange(told_failures_, {});
}

// ------------------------------------------------------------------------- the steps

next_step queue_worker::make_node() {
  doing_ = doing::making_nodes;
  if (next_node_ == nodes_.size()) return list();
  return troupe::write_op{create(nodes_[next_node_], troupe::blob{""})};
}

next_step queue_worker::list() {
  doing_ = doing::listing;
  dirty_ = false;
  return troupe::read_op{troupe::get_children_op{options_.path + "/items", true}};
}

next_step queue_worker::listed(const troupe::read_result& result) {
  if (result.error == error_code::no_node) return begin();
  if (result.error != error_code::ok) return stopped_by(result.error, options_.path + "/items");
  watching_ = true;
  auto names = result.names.to_vector();
  std::sort(names.begin(), names.end());
  waiting_.assign(std::make_move_iterator(names.begin()), std::make_move_iterator(names.end()));
  return next_batch();
}

next_step queue_worker::next_batch() {
  batch_.clear();
  existing_.clear();
  if (waiting_.empty()) {
    doing_ = doing::waiting;
    return dirty_ ? list() : next_step{wait_for_change{}};
  }
  const auto size = static_cast<std::ptrdiff_t>(std::min(options_.batch, waiting_.size()));
  batch_.assign(waiting_.begin(), waiting_.begin() + size);
  waiting_.erase(waiting_.begin(), waiting_.begin() + size);
  return read_batch();
}

next_step queue_worker::read_batch() {
  doing_ = doing::reading;
  troupe::multi_read_op all;
  for (const auto& name : batch_) {
    troupe::get_data_op one;
    one.path = options_.path + "/items/" + name;
    all.items.emplace_back(std::move(one));
  }
  return troupe::read_op{std::move(all)};
}

next_step queue_worker::commit(const troupe::read_result& result) {
  if (result.error != error_code::ok) return stopped_by(result.error, options_.path + "/items");
  transaction_.items.clear();
  failures_.clear();
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    const auto& item = result.items.at(i);
    if (item.error == error_code::no_node) continue;  // somebody else has taken it
    if (item.error != error_code::ok) return stopped_by(item.error, batch_[i]);
    if (item.stat.num_children > 0) continue;  // not an item: nobody puts nodes below one
    if (bytes > 0 && bytes + item.data.size() > options_.bytes) {
      waiting_.insert(waiting_.begin(), batch_.begin() + static_cast<std::ptrdiff_t>(i),
                      batch_.end());
      batch_.resize(i);
      break;
    }
    bytes += add_item(batch_[i], item);
  }
  if (transaction_.items.empty()) return next_batch();
  doing_ = doing::committing;
  return troupe::write_op{transaction_};
}

std::size_t queue_worker::add_item(const std::string& name, const troupe::read_result& item) {
  auto done = try_to(handle_, item.data.view());
  const auto path = options_.path + (done ? "/results/" : "/failed/") + name;
  const auto data = done ? troupe::blob{*done} : item.data;
  if (!done) failures_.emplace_back(name, done.error().message);
  if (existing_.contains(path)) {
    transaction_.items.emplace_back(troupe::set_data_op{path, data});
  } else {
    transaction_.items.emplace_back(create(path, data));
  }
  transaction_.items.emplace_back(
      troupe::delete_op{options_.path + "/items/" + name, item.stat.version});
  return std::max<std::size_t>(1, item.data.size() + data.size());
}

next_step queue_worker::committed() {
  counts_.failed += failures_.size();
  counts_.handled += transaction_.items.size() / 2 - failures_.size();
  std::move(failures_.begin(), failures_.end(), std::back_inserter(told_failures_));
  failures_.clear();
  return next_batch();
}

/// Nothing of the transaction has happened. If somebody else was faster, the batch is read again:
/// what is gone is left out, what has changed is handled as it is now.
next_step queue_worker::refused(const std::vector<troupe::write_result>& results) {
  ++counts_.conflicts;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto error = results[i].error;
    if (error == error_code::ok || error == error_code::runtime_inconsistency) continue;
    const auto& item = transaction_.items.at(i);
    const auto& path = path_of(item);
    if (error == error_code::node_exists) {
      existing_.insert(path);
    } else if (error == error_code::no_node && std::holds_alternative<troupe::create_op>(item)) {
      // The folder of the outcomes is gone. Listing comes after making it again.
      return begin();
    } else if (error == error_code::no_node) {
      existing_.erase(path);
    } else if (error != error_code::bad_version && error != error_code::not_empty) {
      return stopped_by(error, path);
    }
  }
  return read_batch();
}

next_step queue_worker::stopped_by(error_code error, const std::string& path) {
  return troupe::failure{"the queue " + options_.path + " cannot be handled: " + path + ": " +
                         std::string{to_string(error)}};
}

}  // namespace queue_handler
