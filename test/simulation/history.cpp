#include "test/simulation/history.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

namespace troupe::test {
namespace {

std::string hex(zxid z) {
  std::ostringstream out;
  out << "0x" << std::hex << z.value;
  return out.str();
}

}  // namespace

std::size_t history::begin_write(int client, std::vector<effect> effects) {
  const auto number = writes_.size();
  for (const auto& one : effects) {
    if (!one.data.empty()) by_data_[one.data] = number;
  }
  writes_.push_back({client, std::move(effects), newest_, fate::unknown, {}});
  return number;
}

void history::done(std::size_t number, zxid at, const std::vector<std::string>& paths) {
  auto& mine = writes_.at(number);
  mine.fate = fate::done;
  mine.at = at;
  for (std::size_t i = 0; i < paths.size() && i < mine.effects.size(); ++i) {
    if (!paths[i].empty()) mine.effects[i].path = paths[i];
  }
  ++acknowledged_;
  saw(at);
}

void history::present(const std::string& path, zxid at, const stat& s,
                      std::optional<std::string> data) {
  facts_[path].push_back(
      {at, true, s.czxid, s.mzxid, s.version, s.ephemeral_owner, std::move(data)});
  saw(at);
}

void history::present(const std::string& path, zxid at) {
  facts_[path].push_back({at, true, {}, {}, -1, {}, {}});
  saw(at);
}

void history::absent(const std::string& path, zxid at) {
  facts_[path].push_back({at, false, {}, {}, -1, {}, {}});
  saw(at);
}

std::set<std::string> history::paths() const {
  std::set<std::string> all;
  for (const auto& [path, facts] : facts_)
    all.insert(path);
  for (const auto& one : writes_) {
    for (const auto& part : one.effects)
      all.insert(part.path);
  }
  return all;
}

std::vector<std::string> history::check() {
  find_origins();
  add_consequences();
  check_writes();
  check_sequences();
  for (auto& [path, facts] : facts_)
    check_node(path, facts);
  for (auto& one : registers_.check())
    violation(std::move(one));
  return std::exchange(violations_, {});
}

// ------------------------------------------------- which write made which value

void history::find_origins() {
  for (const auto& [path, facts] : facts_) {
    for (const auto& one : facts) {
      if (one.there && one.data) check_origin(path, one);
    }
  }
}

void history::check_origin(const std::string& path, const fact& f) {
  const auto found = by_data_.find(*f.data);
  if (found == by_data_.end()) {
    if (!f.data->empty()) violation(path + " holds what nobody wrote: " + f.data->substr(0, 20));
    return;
  }
  auto& maker = writes_[found->second];
  const auto name = path + " at " + hex(f.at) + " holds " + f.data->substr(0, 20);
  if (maker.fate == fate::refused) violation(name + ", which was refused");
  // The first who sees it tells when a write without an answer happened.
  if (maker.fate == fate::unknown && maker.at == zxid{}) {
    maker.at = f.mzxid;
    for (auto& one : maker.effects) {
      if (one.data == *f.data) one.path = path;
    }
  }
  if (maker.at != f.mzxid) {
    violation(name + " with mzxid " + hex(f.mzxid) + ", but it was written at " + hex(maker.at));
  }
}

void history::add_consequences() {
  for (std::size_t number = 0; number < writes_.size(); ++number) {
    const auto& one = writes_[number];
    const bool happened = one.at != zxid{} && one.fate != fate::refused;
    for (const auto& part : one.effects) {
      by_path_[part.path].push_back(number);
      // Where a sequential node without an answer went is known only by its data.
      const bool place_known =
          !part.sequential || one.fate == fate::done || part.path.back() != '-';
      if (!happened || !place_known) continue;
      switch (part.kind) {
      case effect::create:
        facts_[part.path].push_back({one.at, true, one.at, one.at, 0, part.owner, part.data});
        break;
      case effect::set:
        facts_[part.path].push_back({one.at, true, {}, one.at, -1, {}, part.data});
        break;
      case effect::remove:
        facts_[part.path].push_back({one.at, false, {}, {}, -1, {}, {}});
        break;
      }
    }
  }
}

// ------------------------------------------------------------- order of writes

void history::check_writes() {
  std::map<zxid, std::size_t> by_zxid;
  std::map<int, zxid> last_of_client;
  for (std::size_t number = 0; number < writes_.size(); ++number) {
    const auto& one = writes_[number];
    if (one.at == zxid{} || one.fate == fate::refused) continue;
    const auto [other, fresh] = by_zxid.emplace(one.at, number);
    if (!fresh) violation("two writes have zxid " + hex(one.at));
    if (one.at <= one.floor) {
      violation("a write sent after somebody had seen " + hex(one.floor) + " got " + hex(one.at));
    }
    auto& last = last_of_client[one.client];
    if (one.at <= last) {
      const auto& first = one.effects.front();
      violation("client " + std::to_string(one.client) + " wrote " + hex(one.at) + " (" +
                first.path + " " + first.data.substr(0, 12) + ") after " + hex(last));
    }
    last = one.at;
  }
}

void history::check_sequences() {
  std::map<std::string, std::map<zxid, std::string>> by_parent;
  for (const auto& one : writes_) {
    if (one.fate != fate::done) continue;
    for (const auto& part : one.effects) {
      if (!part.sequential) continue;
      const auto slash = part.path.rfind('/');
      const auto digits = part.path.size() < 10 ? 0 : part.path.size() - 10;
      by_parent[part.path.substr(0, slash)][one.at] = part.path.substr(digits);
    }
  }
  for (const auto& [parent, created] : by_parent) {
    std::string last;
    for (const auto& [at, suffix] : created) {
      if (suffix <= last) {
        violation("the sequence of " + parent + " went from " + last + " to " + suffix + " at " +
                  hex(at));
      }
      last = suffix;
    }
  }
}

// ------------------------------------------------------------ facts about a node

void history::check_node(const std::string& path, std::vector<fact>& facts) {
  std::stable_sort(facts.begin(), facts.end(),
                   [](const fact& a, const fact& b) { return a.at < b.at; });
  const fact* last = nullptr;
  for (const auto& one : facts) {
    if (last) compare(path, *last, one);
    // A fact without details must not hide the details known before.
    if (!last || !one.there || !last->there || one.mzxid != zxid{}) last = &one;
  }
}

void history::compare(const std::string& path, const fact& a, const fact& b) {
  const auto where = path + " between " + hex(a.at) + " and " + hex(b.at) + ": ";
  if (!a.there && !b.there) return;
  if (a.there && !b.there) {
    if (!removal_known(path, a.at, b.at, a.owner)) {
      violation(where + "the node is gone and nobody removed it");
    }
    return;
  }
  if (!a.there) {
    if (b.czxid != zxid{} && b.czxid <= a.at) {
      violation(where + "the node was created at " + hex(b.czxid) + " but was not there later");
    } else if (a.at == b.at) {
      violation(where + "the node is there and not there");
    }
    return;
  }
  if (b.czxid > a.at && !removal_known(path, a.at, b.czxid, a.owner)) {
    violation(where + "created again and nobody removed it");
  }
  if (a.mzxid == zxid{} || b.mzxid == zxid{}) return;
  if (b.mzxid <= a.at && b.mzxid != a.mzxid) {
    violation(where + "the change at " + hex(a.mzxid) + " is lost, the newest is that of " +
              hex(b.mzxid));
    return;
  }
  if (b.mzxid == a.mzxid && a.data && b.data && *a.data != *b.data) {
    violation(where + "the data changed without a change");
  }
  compare_versions(path, a, b);
}

void history::compare_versions(const std::string& path, const fact& a, const fact& b) {
  if (a.czxid == zxid{} || b.czxid == zxid{} || a.version < 0 || b.version < 0) return;
  const auto where = path + " between " + hex(a.at) + " and " + hex(b.at) + ": ";
  if (a.czxid != b.czxid) {
    if (b.czxid <= a.at) violation(where + "another creation, but an older one");
    return;
  }
  std::int32_t least = 0, most = 0;
  for (const auto number : by_path_[path]) {
    const auto& one = writes_[number];
    for (const auto& part : one.effects) {
      if (part.kind != effect::set || part.path != path || one.fate == fate::refused) continue;
      const bool inside = one.at > a.at && one.at <= b.mzxid;
      if (inside) ++least;
      if (inside || one.at == zxid{}) ++most;
    }
  }
  const auto grown = b.version - a.version;
  if (grown < least || grown > most) {
    violation(where + "the version grew by " + std::to_string(grown) + " with " +
              std::to_string(least) + " to " + std::to_string(most) + " changes");
  }
}

bool history::removal_known(const std::string& path, zxid after, zxid until,
                            session_id owner) const {
  const auto found = by_path_.find(path);
  if (found != by_path_.end()) {
    for (const auto number : found->second) {
      const auto& one = writes_[number];
      for (const auto& part : one.effects) {
        if (part.path != path) continue;
        // An ephemeral node's owner is in the Stat, or in the write that made the node.
        if (part.kind == effect::create && part.owner && one.at <= until &&
            may_end_.contains(part.owner)) {
          return true;
        }
        if (part.kind != effect::remove || one.fate == fate::refused) continue;
        if (one.at == zxid{} || (one.at > after && one.at <= until)) return true;
      }
    }
  }
  return owner && may_end_.contains(owner);
}

}  // namespace troupe::test
