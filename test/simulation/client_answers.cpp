#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "test/simulation/client.hpp"

namespace troupe::test {
namespace {

constexpr std::int32_t no_node = -101, node_exists = -110, timed_out = -7;
constexpr std::int32_t exists_type = 3, get_type = 4, sync_type = 9;

stat read_stat(wire_reader& in) {
  stat s;
  s.czxid = {in.int64()};
  s.mzxid = {in.int64()};
  s.ctime_ms = static_cast<std::int64_t>(in.int64());
  s.mtime_ms = static_cast<std::int64_t>(in.int64());
  s.version = in.int32();
  s.cversion = in.int32();
  s.aversion = in.int32();
  s.ephemeral_owner = {in.int64()};
  s.data_length = in.int32();
  s.num_children = in.int32();
  s.pzxid = {in.int64()};
  return s;
}

}  // namespace

void sim_client::take_packet(const std::string& bytes) {
  last_packet_ = world_.now();
  for (const char c : bytes)
    trace_ = (trace_ ^ static_cast<std::uint8_t>(c)) * 1099511628211U;
  trace_ ^= static_cast<std::uint64_t>(last_packet_.since_start.count());
  try {
    wire_reader in{bytes};
    if (!handshaken_) {
      take_handshake(in);
      return;
    }
    const auto xid = in.int32();
    const zxid at{in.int64()};
    const auto error = in.int32();
    if (xid == -1) {
      take_event(in, at);
    } else {
      take_reply(in, xid, at, error);
    }
  } catch (const std::exception& broken) {
    violation(std::string{"a packet that cannot be read: "} + broken.what());
    drop();
  }
}

// ----------------------------------------------------------------- sessions

void sim_client::take_handshake(wire_reader in) {
  handshaken_ = true;
  in.int32();
  const milliseconds timeout{in.int32()};
  const session_id given{in.int64()};
  auto password = in.text();
  if (in.left() != 1) violation("the handshake's answer has a wrong size");
  if (timeout.count() == 0) {
    session_is_gone();
    return;
  }
  if (session_ && given != session_) violation("a resumed session got another id");
  if (!session_ && history_.has_ended(given)) violation("a session id was given twice");
  closing_ = false;  // the close that was asked for got lost
  session_ = given;
  password_ = std::move(password);
  granted_ = timeout;
  heard_ = dialled_;
  connected_ = true;
}

void sim_client::session_is_gone() {
  if (!session_) violation("a new session was refused as expired");
  const bool asked_for = history_.may_have_ended(session_);
  if (!asked_for && how_.on_expired) {
    how_.on_expired(session_, heard_, granted_);
  } else if (!asked_for && world_.now() - heard_ < granted_) {
    violation("session expired " + std::to_string((world_.now() - heard_).count() / 1'000'000) +
              " ms after it was heard of, timeout " + std::to_string(granted_.count()) + " ms");
  }
  history_.session_ended(session_);
  session_ = {};
  password_.assign(16, '\0');
  closing_ = false;
  drop();
}

// ------------------------------------------------------------------- events

void sim_client::take_event(wire_reader in, zxid at) {
  const auto kind = in.int32();
  in.int32();
  const auto path = in.text();
  if (at.value != ~std::uint64_t{0} && at < seen_) violation("an event of the past for " + path);
  const bool data = kind >= 1 && kind <= 3 && data_watches_.erase(path) > 0;
  const bool child = (kind == 2 || kind == 4) && child_watches_.erase(path) > 0;
  if (!data && !child) violation("an event that nobody asked for: " + path);
}

/// What an answer says about a node must not be newer than the events that came.
void sim_client::check_watch(const std::string& path, bool there, zxid mzxid, const stat* full) {
  const auto data = data_watches_.find(path);
  if (data != data_watches_.end() &&
      (data->second.there != there || (there && mzxid != data->second.mzxid))) {
    violation("data of " + path + " came before the event that announces it");
    data_watches_.erase(data);
  }
  const auto child = child_watches_.find(path);
  if (child == child_watches_.end()) return;
  if (!there || (full && full->pzxid != child->second)) {
    violation("children of " + path + " came before the event that announces them");
    child_watches_.erase(child);
  }
}

// ------------------------------------------------------------------ replies

void sim_client::take_reply(wire_reader in, std::int32_t xid, zxid at, std::int32_t error) {
  if (xid == -2) {
    if (pings_.empty()) {
      violation("a ping that nobody sent was answered");
    } else {
      heard_ = std::max(heard_, pings_.front());
      pings_.pop_front();
    }
    return;
  }
  if (pending_.empty() || pending_.front().xid != xid) {
    violation("a reply is out of order: xid " + std::to_string(xid));
    drop();
    return;
  }
  auto what = std::move(pending_.front());
  pending_.pop_front();
  heard_ = std::max(heard_, what.sent);
  if (at < seen_) violation("the zxid of a reply went back");
  const bool synced = what.type == sync_type && error == 0;
  const bool binds = what.write != no_write || !how_.reads_may_be_old || synced;
  if (binds && at < what.floor) violation("a reply is older than what somebody had seen before");
  if (what.write == no_write && how_.on_read) how_.on_read(server_, at, what.sent);
  seen_ = at;
  history_.saw(at);
  ++answers_;
  answer out;
  out.error = error;
  out.zxid = at;
  if (error == 0) read_body(what, in, out);
  note_registers(what, out);
  if (out.error == 0) {
    note_facts(what, out);
  } else {
    note_refusal(what, out);
  }
  if (what.then) what.then(out);
}

void sim_client::read_body(const request& what, wire_reader& in, answer& out) {
  switch (what.type) {
  case 1:
  case 9:
    out.path = in.text();
    break;
  case 15:
    out.path = in.text();
    out.stat = read_stat(in);
    break;
  case 3:
  case 5:
    out.stat = read_stat(in);
    break;
  case 4:
    out.data = in.text();
    out.stat = read_stat(in);
    break;
  case 12:
    for (auto left = in.int32(); left > 0; --left)
      out.names.push_back(in.text());
    out.stat = read_stat(in);
    break;
  case 14:
    read_multi(in, out);
    break;
  default:
    break;
  }
}

void sim_client::read_multi(wire_reader& in, answer& out) {
  while (true) {
    const auto type = in.int32();
    const bool last = in.boolean();
    in.int32();
    if (last) return;
    std::string path;
    if (type == 1) path = in.text();
    if (type == 5) read_stat(in);
    if (type == -1) {
      // The operations before the one that failed carry no error, those after it -2.
      const auto error = in.int32();
      if (out.error == 0) out.error = error;
    }
    out.paths.push_back(std::move(path));
  }
}

void sim_client::note_registers(const request& what, const answer& out) {
  auto& all = history_.registers();
  for (const auto number : what.registers) {
    const bool single = what.type != 14;
    if (out.error == 0) {
      all.done(number);
    } else if (single && (out.error == no_node || out.error == node_exists)) {
      all.refused(number);
    } else if (out.error != timed_out) {
      all.not_done(number);
    }
  }
  if (what.type == sync_type) {
    const bool newest = std::none_of(pending_.begin(), pending_.end(),
                                     [](const request& r) { return r.type == sync_type; });
    if (newest) sync_since_ = 0;
    // What was asked for behind a sync that failed promises nothing.
    if (out.error != 0) {
      for (auto& one : pending_)
        one.linearizable_since = 0;
    }
    return;
  }
  const bool read = what.type == get_type || what.type == exists_type;
  if (!read || what.linearizable_since == 0 || !register_log::is_register(what.path)) return;
  if (out.error != 0 && out.error != no_node) return;
  const bool content = what.type == get_type && out.error == 0;
  all.read(how_.number, what.path, what.linearizable_since, out.error == 0,
           content ? std::optional<std::string>{out.data} : std::nullopt);
}

void sim_client::note_facts(const request& what, const answer& out) {
  if (what.write != no_write) {
    const bool single = what.type != 14;
    history_.done(what.write, out.zxid, single ? std::vector<std::string>{out.path} : out.paths);
  }
  switch (what.type) {
  case 15:
    saw_present(out.path, out, &what.data);
    break;
  case 5:
    saw_present(what.path, out, &what.data);
    break;
  case 2:
    saw_absent(what.path, out.zxid);
    break;
  case 4:
    saw_present(what.path, out, &out.data);
    break;
  case 3:
  case 12:
    saw_present(what.path, out, nullptr);
    break;
  default:
    break;
  }
  if (!what.watch) return;
  if (what.type == 12) {
    child_watches_[what.path] = out.stat.pzxid;
  } else {
    data_watches_[what.path] = {true, out.stat.mzxid};
  }
}

void sim_client::note_refusal(const request& what, const answer& out) {
  if (what.write != no_write) history_.refused(what.write);
  if (out.error == no_node && what.type != 1 && what.type != 15 && what.type != 14) {
    saw_absent(what.path, out.zxid);
    if (what.watch && what.type == 3) data_watches_[what.path] = {};
  }
  const bool plain_create = (what.type == 1 || what.type == 15) && what.path.back() != '-';
  if (out.error == node_exists && plain_create) history_.present(what.path, out.zxid);
}

void sim_client::saw_present(const std::string& path, const answer& out, const std::string* data) {
  check_watch(path, true, out.stat.mzxid, &out.stat);
  if (out.stat.mzxid > out.zxid || out.stat.czxid > out.zxid || out.stat.pzxid > out.zxid) {
    violation("a reply at an older zxid than what it shows of " + path);
  }
  history_.present(path, out.zxid, out.stat,
                   data ? std::optional<std::string>{*data} : std::nullopt);
}

void sim_client::saw_absent(const std::string& path, zxid at) {
  check_watch(path, false, {}, nullptr);
  history_.absent(path, at);
}

}  // namespace troupe::test
