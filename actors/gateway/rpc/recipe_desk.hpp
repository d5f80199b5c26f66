/// Recipes that clients reach through a native gateway, and the calls that wait for them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <troupe/roles/recipe.hpp>

namespace troupe::rpc {

/// Waits for the answer to one call.
class recipe_sink {
public:
  virtual ~recipe_sink() = default;
  virtual void answered(role::recipe::answered&& with) = 0;
};

/// What is mounted, and whose calls are where.
class recipe_desk {
public:
  /// `self`: whom recipes answer.
  explicit recipe_desk(std::function<role::recipe::caller()> self) : self_(std::move(self)) {}

  /// Null if nothing is mounted there.
  [[nodiscard]] const role::recipe::actor* find(const std::string& mount) const;
  /// Hands `made` to the recipe, and gives the call's number.
  std::uint64_t call(const std::string& mount, role::recipe::call made,
                     std::unique_ptr<recipe_sink> sink);
  /// The client wants the answer no more.
  void cancel(std::uint64_t number);
  /// The client's connection is gone.
  void forget(std::uint64_t number);
  void release(const std::string& mount, std::uint64_t capability);
  /// The gateway ends; nothing more is told to anybody, although calls may still hold this.
  void close();

  void on(const role::recipe::mounted& message);
  void on(role::recipe::answered& message);

private:
  struct open_call {
    std::string mount;
    std::unique_ptr<recipe_sink> sink;
  };
  void lose(const std::string& mount);

  const std::function<role::recipe::caller()> self_;
  std::map<std::string, role::recipe::actor> mounts_;
  std::map<std::uint64_t, open_call> calls_;
  std::uint64_t next_ = 1;
};

}  // namespace troupe::rpc
