/// What clients were told, and whether it can all be true.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <troupe/base/ids.hpp>
#include <troupe/base/stat.hpp>

#include "test/simulation/registers.hpp"

namespace troupe::test {

/// What a write does to one node.
struct effect {
  enum kind_t { create, set, remove } kind = create;
  std::string path;  ///< of a sequential create, until its answer came, the prefix
  std::string data;  ///< different in every write of a run
  bool sequential = false;
  session_id owner;  ///< of an ephemeral node
};

/// Keeps every fact that the server gave away in answers, across crashes, and finds those that do
/// not fit together. It does not care how the server works: an answer says "at zxid Z the node was
/// so", two such facts about a node exclude each other or do not, and every value has one write
/// that made it. A lost write, a history that became shorter, a half-applied multi, or a zxid given
/// twice is a contradiction between two facts.
class history {
public:
  enum class fate { unknown, done, refused };

  struct write {
    int client = 0;
    std::vector<effect> effects;
    zxid floor;  ///< somebody had seen this when the write was sent: it must come later
    history::fate fate = history::fate::unknown;
    troupe::zxid at;
  };

  /// A write is about to be sent. All zxids seen by anybody until then come before it.
  /// Those of one client happen in the order in which it sent them, through whichever servers.
  std::size_t begin_write(int client, std::vector<effect> effects);
  /// It was acknowledged; `paths` are the final paths of its effects, where they differ.
  void done(std::size_t number, zxid at, const std::vector<std::string>& paths);
  void refused(std::size_t number) { writes_.at(number).fate = fate::refused; }

  /// At `at` the node was there, with this Stat and, if known, this content.
  void present(const std::string& path, zxid at, const stat& s, std::optional<std::string> data);
  /// At `at` the node was there.
  void present(const std::string& path, zxid at);
  void absent(const std::string& path, zxid at);

  /// Somebody has seen `at` in an answer.
  void saw(zxid at) { newest_ = std::max(newest_, at); }
  [[nodiscard]] zxid newest() const noexcept { return newest_; }

  /// The end of the session was asked for; whether it came is not known.
  void session_may_end(session_id session) { may_end_.insert(session); }
  [[nodiscard]] bool may_have_ended(session_id session) const { return may_end_.contains(session); }
  /// The session has ended, or will soon: nobody keeps it alive any more.
  void session_ended(session_id session) {
    may_end_.insert(session);
    ended_.insert(session);
  }
  [[nodiscard]] bool has_ended(session_id session) const { return ended_.contains(session); }

  /// What was done to single nodes, by time.
  [[nodiscard]] register_log& registers() noexcept { return registers_; }
  [[nodiscard]] const register_log& registers() const noexcept { return registers_; }

  /// Every node of which anything is known.
  [[nodiscard]] std::set<std::string> paths() const;

  /// A checker found something by itself.
  void violation(std::string what) { violations_.push_back(std::move(what)); }

  /// Everything that is wrong, as sentences; empty if nothing is.
  [[nodiscard]] std::vector<std::string> check();

  [[nodiscard]] std::size_t writes() const noexcept { return writes_.size(); }
  [[nodiscard]] std::size_t acknowledged() const noexcept { return acknowledged_; }

private:
  /// What is known of a node at one zxid. Zero zxids and version -1 stand for "not known".
  struct fact {
    zxid at;
    bool there = false;
    zxid czxid, mzxid;
    std::int32_t version = -1;
    session_id owner;
    std::optional<std::string> data;
  };

  void find_origins();
  void check_origin(const std::string& path, const fact& f);
  void add_consequences();
  void check_writes();
  void check_sequences();
  void check_node(const std::string& path, std::vector<fact>& facts);
  void compare(const std::string& path, const fact& a, const fact& b);
  void compare_versions(const std::string& path, const fact& a, const fact& b);
  [[nodiscard]] bool removal_known(const std::string& path, zxid after, zxid until,
                                   session_id owner) const;

  register_log registers_;
  std::vector<write> writes_;
  std::map<std::string, std::vector<fact>> facts_;
  std::map<std::string, std::vector<std::size_t>> by_path_;  ///< writes with an effect there
  std::map<std::string, std::size_t> by_data_;
  std::set<session_id> may_end_, ended_;
  std::vector<std::string> violations_;
  std::size_t acknowledged_ = 0;
  zxid newest_;
};

}  // namespace troupe::test
