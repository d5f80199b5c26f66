#include "answers.hpp"

#include <algorithm>

#include "../load/protocol.hpp"

namespace bare {

namespace {

using bench::in_bytes;
using bench::opcode;

const std::string fixed_value(128, 'v');

void put_header(bench::out_bytes& out, std::int32_t xid, std::int64_t zxid) {
  out.int32(xid);
  out.int64(zxid);
  out.int32(0);
}

void put_stat(bench::out_bytes& out, std::int64_t zxid, std::int32_t version) {
  out.int64(1);
  out.int64(zxid);
  out.int64(0);
  out.int64(0);
  out.int32(version);
  out.int32(0);
  out.int32(0);
  out.int64(0);
  out.int32(static_cast<std::int32_t>(fixed_value.size()));
  out.int32(0);
  out.int64(1);
}

bool is_write(opcode op) {
  return op == opcode::create || op == opcode::set_data || op == opcode::remove ||
         op == opcode::close_session;
}

}  // namespace

bool answers::take(client& from, std::string_view bytes) {
  bool open = true;
  if (from.partial.empty()) {
    from.partial.assign(bytes.substr(take_frames(from, bytes, open)));
  } else {
    from.partial.append(bytes);
    from.partial.erase(0, take_frames(from, from.partial, open));
  }
  return open;
}

std::size_t answers::take_frames(client& from, std::string_view bytes, bool& open) {
  std::size_t used = 0;
  while (open && bytes.size() - used >= 4) {
    const std::size_t size = static_cast<std::uint32_t>(in_bytes{bytes.substr(used)}.int32());
    if (bytes.size() - used < 4 + size) {
      break;
    }
    open = answer(from, bytes.substr(used + 4, size));
    used += 4 + size;
  }
  return used;
}

bool answers::answer(client& to, std::string_view frame) {
  touch(to);
  if (!to.greeted) {
    greet(to);
    return true;
  }
  in_bytes in{frame};
  const auto xid = in.int32();
  const auto op = static_cast<opcode>(in.int32());
  if (is_write(op)) {
    ++zxid_;
    log_.append(frame);
  }
  const bool has_path = op != opcode::ping && op != opcode::close_session;
  const auto path = has_path ? in.text() : std::string_view{};
  if (op == opcode::create) {
    version_ = 0;
  } else if (op == opcode::set_data) {
    ++version_;
    notify(path);
  }
  const auto at = to.out.begin_frame();
  put_header(to.out, xid, zxid_);
  switch (op) {
  case opcode::get_data:
    to.out.text(fixed_value);
    [[fallthrough]];
  case opcode::exists:
  case opcode::set_data:
    put_stat(to.out, zxid_, version_);
    break;
  case opcode::create:
    to.out.text(path);
    break;
  case opcode::get_children:
  case opcode::add_watch:
    to.out.int32(0);
    break;
  default:
    break;
  }
  to.out.end_frame(at);
  const bool wants_watch = frame.back() != 0 && (op == opcode::get_data || op == opcode::exists);
  if (wants_watch) {
    once_.push_back(&to);
  } else if (op == opcode::add_watch) {
    persistent_.push_back(&to);
  }
  return op != opcode::close_session;
}

void answers::greet(client& to) {
  to.greeted = true;
  ++zxid_;
  log_.append(bench::stat_bytes, 's');
  const auto at = to.out.begin_frame();
  to.out.int32(0);
  to.out.int32(30000);
  to.out.int64(++session_);
  to.out.text(std::string_view{fixed_value}.substr(0, 16));
  to.out.boolean(false);
  to.out.end_frame(at);
}

void answers::notify(std::string_view path) {
  constexpr std::int32_t data_changed = 3;
  for (auto* list : {&once_, &persistent_}) {
    for (auto* watcher : *list) {
      touch(*watcher);
      const auto at = watcher->out.begin_frame();
      put_header(watcher->out, bench::event_xid, zxid_);
      watcher->out.int32(data_changed);
      watcher->out.int32(3);
      watcher->out.text(path);
      watcher->out.end_frame(at);
    }
  }
  once_.clear();
}

void answers::touch(client& c) {
  if (!c.touched) {
    c.touched = true;
    touched_.push_back(&c);
  }
}

void answers::forget(client& gone) {
  std::erase(touched_, &gone);
  std::erase(once_, &gone);
  std::erase(persistent_, &gone);
}

}  // namespace bare
