/// How commands show what they got: for people, or one JSON object per line for programs.
#pragma once

#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

#include <troupe/base/operation.hpp>

#include "runtime/cli/shell/session.hpp"

namespace troupe::cli {

class printer {
public:
  virtual ~printer() = default;

  virtual void node(const std::string& path, const blob& data, const stat* facts) = 0;
  virtual void facts(const std::string& path, const stat& facts) = 0;
  virtual void names(const std::string& path, const std::vector<std::string>& names,
                     const stat* facts) = 0;
  /// A path of a listing of a whole subtree, so many levels below its beginning.
  virtual void descendant(const std::string& path, std::size_t level) = 0;
  virtual void access(const std::string& path, const acl& entries, const stat* facts) = 0;
  virtual void created(const std::string& path) = 0;
  virtual void number(const std::string& name, std::int64_t value) = 0;
  virtual void change(const change_seen& seen) = 0;
  virtual void pairs(const std::vector<std::pair<std::string, std::string>>& facts) = 0;
  /// An operation was done, and there is nothing else to say.
  virtual void done() = 0;
};

/// Text for people.
class text_printer final : public printer {
public:
  explicit text_printer(std::ostream& out) : out_(out) {}
  void node(const std::string& path, const blob& data, const stat* facts) override;
  void facts(const std::string& path, const stat& facts) override;
  void names(const std::string& path, const std::vector<std::string>& names,
             const stat* facts) override;
  void descendant(const std::string& path, std::size_t level) override;
  void access(const std::string& path, const acl& entries, const stat* facts) override;
  void created(const std::string& path) override;
  void number(const std::string& name, std::int64_t value) override;
  void change(const change_seen& seen) override;
  void pairs(const std::vector<std::pair<std::string, std::string>>& facts) override;
  void done() override {}

private:
  void table(const std::vector<std::pair<std::string, std::string>>& rows);

  std::ostream& out_;
};

/// One JSON object per line. Data that is not UTF-8 is given as "data_base64" instead of "data".
class json_printer final : public printer {
public:
  explicit json_printer(std::ostream& out) : out_(out) {}
  void node(const std::string& path, const blob& data, const stat* facts) override;
  void facts(const std::string& path, const stat& facts) override;
  void names(const std::string& path, const std::vector<std::string>& names,
             const stat* facts) override;
  void descendant(const std::string& path, std::size_t level) override;
  void access(const std::string& path, const acl& entries, const stat* facts) override;
  void created(const std::string& path) override;
  void number(const std::string& name, std::int64_t value) override;
  void change(const change_seen& seen) override;
  void pairs(const std::vector<std::pair<std::string, std::string>>& facts) override;
  void done() override;

private:
  std::ostream& out_;
};

/// The word for what happened to a node: "created".
const char* word_for(event_kind kind) noexcept;

}  // namespace troupe::cli
