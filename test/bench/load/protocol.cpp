#include "protocol.hpp"

#include <array>
#include <utility>

namespace bench {

namespace {

void put_header(out_bytes& out, std::int32_t xid, opcode op) {
  out.int32(xid);
  out.int32(static_cast<std::int32_t>(op));
}

void put_open_acl(out_bytes& out) {
  out.int32(1);
  out.int32(31);
  out.text("world");
  out.text("anyone");
}

}  // namespace

void put_connect(out_bytes& out, std::int32_t timeout_ms) {
  const auto frame = out.begin_frame();
  out.int32(0);
  out.int64(0);
  out.int32(timeout_ms);
  out.int64(0);
  out.int32(16);
  out.int64(0);
  out.int64(0);
  out.boolean(false);
  out.end_frame(frame);
}

void put_bare(out_bytes& out, std::int32_t xid, opcode op) {
  const auto frame = out.begin_frame();
  put_header(out, xid, op);
  out.end_frame(frame);
}

void put_read(out_bytes& out, std::int32_t xid, opcode op, std::string_view path, bool watch) {
  const auto frame = out.begin_frame();
  put_header(out, xid, op);
  out.text(path);
  out.boolean(watch);
  out.end_frame(frame);
}

void put_set_data(out_bytes& out, std::int32_t xid, std::string_view path, std::string_view data) {
  const auto frame = out.begin_frame();
  put_header(out, xid, opcode::set_data);
  out.text(path);
  out.text(data);
  out.int32(-1);
  out.end_frame(frame);
}

void put_create_record(out_bytes& out, std::string_view path, std::string_view data,
                       std::int32_t flags) {
  out.text(path);
  out.text(data);
  put_open_acl(out);
  out.int32(flags);
}

void put_create(out_bytes& out, std::int32_t xid, std::string_view path, std::string_view data,
                std::int32_t flags) {
  const auto frame = out.begin_frame();
  put_header(out, xid, opcode::create);
  put_create_record(out, path, data, flags);
  out.end_frame(frame);
}

void put_remove(out_bytes& out, std::int32_t xid, std::string_view path) {
  const auto frame = out.begin_frame();
  put_header(out, xid, opcode::remove);
  out.text(path);
  out.int32(-1);
  out.end_frame(frame);
}

void put_sync(out_bytes& out, std::int32_t xid, std::string_view path) {
  const auto frame = out.begin_frame();
  put_header(out, xid, opcode::sync);
  out.text(path);
  out.end_frame(frame);
}

void put_add_watch(out_bytes& out, std::int32_t xid, std::string_view path) {
  const auto frame = out.begin_frame();
  put_header(out, xid, opcode::add_watch);
  out.text(path);
  out.int32(0);
  out.end_frame(frame);
}

void put_multi_header(out_bytes& out, opcode op) {
  out.int32(static_cast<std::int32_t>(op));
  out.boolean(false);
  out.int32(-1);
}

void put_multi_end(out_bytes& out) {
  out.int32(-1);
  out.boolean(true);
  out.int32(-1);
}

reply read_reply(std::string_view frame) {
  in_bytes in{frame};
  reply result;
  result.xid = in.int32();
  result.zxid = in.int64();
  result.error = in.int32();
  result.body = in.rest();
  return result;
}

event read_event(const reply& frame) {
  in_bytes in{frame.body};
  event result;
  result.zxid = frame.zxid;
  result.type = in.int32();
  in.skip(4);
  result.path = in.text();
  return result;
}

session_answer read_session(std::string_view frame) {
  in_bytes in{frame};
  in.skip(4);
  session_answer result;
  result.timeout_ms = in.int32();
  result.session = in.int64();
  return result;
}

std::int32_t version_in_stat(std::string_view body) {
  if (body.size() < stat_bytes) {
    throw bench_error("a reply of the server has no room for a Stat");
  }
  in_bytes in{body.substr(body.size() - stat_bytes)};
  in.skip(32);
  return in.int32();
}

void require_multi(std::string_view body, std::size_t operations) {
  in_bytes in{body};
  for (std::size_t i = 0; i < operations; ++i) {
    const auto type = in.int32();
    in.skip(1);
    const auto error = in.int32();
    if (error != 0 || type == -1) {
      throw bench_error("the server refused operation " + std::to_string(i) +
                        " of a multi: " + error_name(error));
    }
    in.text();
  }
}

std::string error_name(std::int32_t error) {
  static constexpr std::array<std::pair<std::int32_t, std::string_view>, 22> names{{
      {-1, "SYSTEMERROR"},
      {-2, "RUNTIMEINCONSISTENCY"},
      {-4, "CONNECTIONLOSS"},
      {-5, "MARSHALLINGERROR"},
      {-6, "UNIMPLEMENTED"},
      {-7, "OPERATIONTIMEOUT"},
      {-8, "BADARGUMENTS"},
      {-101, "NONODE"},
      {-102, "NOAUTH"},
      {-103, "BADVERSION"},
      {-108, "NOCHILDRENFOREPHEMERALS"},
      {-110, "NODEEXISTS"},
      {-111, "NOTEMPTY"},
      {-112, "SESSIONEXPIRED"},
      {-114, "INVALIDACL"},
      {-115, "AUTHFAILED"},
      {-118, "SESSIONMOVED"},
      {-119, "NOTREADONLY"},
      {-121, "NOWATCHER"},
      {-124, "SESSIONCLOSEDREQUIRESASL"},
      {-125, "QUOTAEXCEEDED"},
      {-127, "THROTTLEDOP"},
  }};
  for (const auto& [code, name] : names) {
    if (code == error) {
      return std::string{name} + " (" + std::to_string(error) + ")";
    }
  }
  return "error " + std::to_string(error);
}

std::string_view opcode_name(opcode op) {
  switch (op) {
  case opcode::create:
    return "create";
  case opcode::remove:
    return "delete";
  case opcode::exists:
    return "exists";
  case opcode::get_data:
    return "getData";
  case opcode::set_data:
    return "setData";
  case opcode::get_children:
    return "getChildren";
  case opcode::sync:
    return "sync";
  case opcode::ping:
    return "ping";
  case opcode::multi:
    return "multi";
  case opcode::add_watch:
    return "addWatch";
  case opcode::close_session:
    return "closeSession";
  }
  return "request";
}

}  // namespace bench
