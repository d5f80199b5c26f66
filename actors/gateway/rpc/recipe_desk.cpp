#include "actors/gateway/rpc/recipe_desk.hpp"

#include <vector>

namespace troupe::rpc {

const role::recipe::actor* recipe_desk::find(const std::string& mount) const {
  const auto found = mounts_.find(mount);
  return found == mounts_.end() ? nullptr : &found->second;
}

std::uint64_t recipe_desk::call(const std::string& mount, role::recipe::call made,
                                std::unique_ptr<recipe_sink> sink) {
  const auto number = next_++;
  made.from = self_();
  made.number = number;
  calls_[number] = {mount, std::move(sink)};
  mounts_.at(mount).send(std::move(made));
  return number;
}

void recipe_desk::cancel(std::uint64_t number) {
  const auto found = calls_.find(number);
  if (found == calls_.end()) return;
  found->second.sink.reset();  // it is answered all the same
  mounts_.at(found->second.mount).send(role::recipe::cancel{self_(), number});
}

void recipe_desk::forget(std::uint64_t number) {
  const auto found = calls_.find(number);
  if (found == calls_.end()) return;
  mounts_.at(found->second.mount).send(role::recipe::forget{self_(), number});
  calls_.erase(found);
}

void recipe_desk::release(const std::string& mount, std::uint64_t capability) {
  if (const auto* recipe = find(mount)) recipe->send(role::recipe::released{capability});
}

void recipe_desk::close() {
  calls_.clear();
  mounts_.clear();
}

void recipe_desk::on(const role::recipe::mounted& message) {
  lose(message.mount);
  mounts_[message.mount] = message.recipe;
}

/// A recipe that was made anew knows nothing of the calls before.
void recipe_desk::lose(const std::string& mount) {
  std::vector<std::uint64_t> lost;
  for (const auto& [number, one] : calls_)
    if (one.mount == mount) lost.push_back(number);
  for (const auto number : lost) {
    role::recipe::answered gone{number,
                                error_code::operation_timeout,
                                "the recipe was made anew while the call was under way",
                                {},
                                {}};
    on(gone);
  }
}

void recipe_desk::on(role::recipe::answered& message) {
  auto found = calls_.extract(message.call);
  if (!found.empty() && found.mapped().sink) found.mapped().sink->answered(std::move(message));
}

}  // namespace troupe::rpc
