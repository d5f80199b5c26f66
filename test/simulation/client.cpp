#include "test/simulation/client.hpp"

#include <utility>

namespace troupe::test {

using namespace std::chrono_literals;

namespace {

constexpr std::int32_t create_type = 1, remove_type = 2, exists_type = 3, get_type = 4,
                       set_type = 5, sync_type = 9, ping_type = 11, children_type = 12,
                       multi_type = 14, create2_type = 15, close_type = -11;

}  // namespace

struct client_link {
  client_link(sim_client& owner, kj::Own<kj::AsyncIoStream> connected)
      : client(owner), stream(kj::mv(connected)), reading(nullptr), writing(kj::READY_NOW) {}

  void begin_reading() {
    reading = read_packets().eagerlyEvaluate([this](kj::Exception&&) { broken(); });
  }

  kj::Promise<void> read_packets() {
    return stream->read(head, sizeof head).then([this] {
      const auto size = wire_reader{{head, sizeof head}}.int32();
      body.resize(static_cast<std::size_t>(size));
      return stream->read(body.data(), body.size()).then([this]() -> kj::Promise<void> {
        if (current()) client.take_packet(body);
        if (!current()) return kj::READY_NOW;
        return read_packets();
      });
    });
  }

  /// A link that was dropped may still be called once.
  [[nodiscard]] bool current() const { return client.link_.get() == this; }
  void broken() {
    if (current()) client.drop();
  }

  void write(std::string bytes) {
    writing = writing
                  .then([this, text = kj::heap<std::string>(std::move(bytes))]() mutable {
                    auto done = stream->write(text->data(), text->size());
                    return done.attach(kj::mv(text));
                  })
                  .eagerlyEvaluate([this](kj::Exception&&) { broken(); });
  }

  sim_client& client;
  kj::Own<kj::AsyncIoStream> stream;
  char head[4];
  std::string body;
  kj::Promise<void> reading, writing;
};

sim_client::sim_client(testing::simulation& world, history& facts, settings how)
    : world_(world), history_(facts), how_(std::move(how)),
      host_("client" + std::to_string(how_.number)), random_(world.random().fork()) {}

sim_client::~sim_client() = default;

void sim_client::violation(const std::string& what) { history_.violation(host_ + ": " + what); }

// --------------------------------------------------------------- connection

void sim_client::start() { connect(); }

void sim_client::abandon() {
  abandoned_ = true;
  history_.session_ended(session_);
  drop();
}

std::string sim_client::describe() const {
  auto text = host_ + (connected_ ? ", connected" : link_ ? ", connecting" : ", not connected");
  if (!pending_.empty()) {
    const auto& first = pending_.front();
    text += ", " + std::to_string(pending_.size()) + " requests wait, first of type " +
            std::to_string(first.type) + " for '" + first.path + "' since " +
            std::to_string((world_.now() - first.sent).count() / 1'000'000) + " ms";
  }
  return text;
}

void sim_client::connect() {
  if (abandoned_) return;
  server_ = how_.servers[random_.below(how_.servers.size())];
  dialling_ = world_.network()
                  .connect(host_, server_, how_.port)
                  .then([this](kj::Own<kj::AsyncIoStream> stream) { connected_to(kj::mv(stream)); })
                  .eagerlyEvaluate([this](kj::Exception&&) { reconnect_later(); });
}

void sim_client::connected_to(kj::Own<kj::AsyncIoStream> stream) {
  link_ = std::make_unique<client_link>(*this, kj::mv(stream));
  link_->begin_reading();
  handshaken_ = false;
  dialled_ = last_packet_ = world_.now();
  link_->write(wire_writer{}
                   .int32(0)
                   .int64(seen_.value)
                   .int32(static_cast<std::int32_t>(how_.timeout.count()))
                   .int64(session_.value)
                   .text(password_)
                   .boolean(false)
                   .frame());
  ping_ = world_.timers().after(how_.timeout / 3, [this] { ping(); });
}

void sim_client::drop() {
  if (!link_) return;
  dropped_.push_back(std::move(link_));
  // Its own code may be running at this moment.
  sweep_ = world_.timers().after(1ns, [this] { dropped_.clear(); });
  connected_ = handshaken_ = false;
  pending_.clear();
  sync_since_ = 0;
  pings_.clear();
  data_watches_.clear();
  child_watches_.clear();
  ping_.reset();
  reconnect_later();
}

void sim_client::reconnect_later() {
  if (abandoned_) return;
  redial_ = world_.timers().after(nanoseconds{1'000'000 + random_.below(30'000'000)},
                                  [this] { connect(); });
}

void sim_client::ping() {
  if (!link_) return;
  if (world_.now() - last_packet_ > how_.timeout * 2 / 3) {
    drop();
    return;
  }
  if (connected_) {
    pings_.push_back(world_.now());
    link_->write(wire_writer{}.int32(-2).int32(ping_type).frame());
  }
  ping_ = world_.timers().after(how_.timeout / 3, [this] { ping(); });
}

// ----------------------------------------------------------------- requests

void sim_client::send(request what, const wire_writer& body) {
  what.xid = next_xid_++;
  what.floor = history_.newest();
  what.sent = world_.now();
  if (what.type == sync_type) sync_since_ = history_.registers().tick();
  if (what.type == get_type || what.type == exists_type) {
    what.linearizable_since = how_.reads_may_be_old ? sync_since_ : history_.registers().tick();
  }
  link_->write(wire_writer{}.int32(what.xid).int32(what.type).raw(body.bytes()).frame());
  pending_.push_back(std::move(what));
}

void sim_client::begin_registers(request& what, const std::vector<effect>& effects) {
  constexpr register_op::kind_t kinds[] = {register_op::kind_t::create, register_op::kind_t::set,
                                           register_op::kind_t::remove};
  for (const auto& one : effects) {
    if (!register_log::is_register(one.path)) continue;
    what.registers.push_back(
        history_.registers().begin(how_.number, one.path, kinds[one.kind], one.data));
  }
}

void sim_client::create(const std::string& path, const std::string& data, std::int32_t mode,
                        on_answer then) {
  request r;
  r.type = random_.chance(1, 2) ? create_type : create2_type;
  r.path = path;
  r.data = data;
  r.then = std::move(then);
  effect made{effect::create, path, data, (mode & sequential) != 0, {}};
  if (mode & ephemeral) made.owner = session_;
  begin_registers(r, {made});
  r.write = history_.begin_write(how_.number, {made});
  send(std::move(r), wire_writer{}.text(path).text(data).open_acl().int32(mode));
}

void sim_client::set(const std::string& path, const std::string& data, std::int32_t version,
                     on_answer then) {
  request r;
  r.type = set_type;
  r.path = path;
  r.data = data;
  r.then = std::move(then);
  begin_registers(r, {{effect::set, path, data, false, {}}});
  r.write = history_.begin_write(how_.number, {{effect::set, path, data, false, {}}});
  send(std::move(r), wire_writer{}.text(path).text(data).int32(version));
}

void sim_client::remove(const std::string& path, on_answer then) {
  request r;
  r.type = remove_type;
  r.path = path;
  r.then = std::move(then);
  begin_registers(r, {{effect::remove, path, {}, false, {}}});
  r.write = history_.begin_write(how_.number, {{effect::remove, path, {}, false, {}}});
  send(std::move(r), wire_writer{}.text(path).int32(-1));
}

void sim_client::multi(std::vector<effect> parts, on_answer then) {
  wire_writer body;
  for (const auto& one : parts) {
    const auto type = one.kind == effect::create ? create_type
                      : one.kind == effect::set  ? set_type
                                                 : remove_type;
    body.int32(type).boolean(false).int32(-1).text(one.path);
    if (one.kind != effect::remove) body.text(one.data);
    if (one.kind == effect::create) body.open_acl();
    body.int32(one.kind == effect::create ? 0 : -1);
  }
  body.int32(-1).boolean(true).int32(-1);
  request r;
  r.type = multi_type;
  r.then = std::move(then);
  begin_registers(r, parts);
  r.write = history_.begin_write(how_.number, std::move(parts));
  send(std::move(r), body);
}

void sim_client::exists(const std::string& path, bool watch, on_answer then) {
  request r{0, exists_type, path, {}, watch, {}, {}, no_write, std::move(then)};
  send(std::move(r), wire_writer{}.text(path).boolean(watch));
}

void sim_client::get(const std::string& path, bool watch, on_answer then) {
  request r{0, get_type, path, {}, watch, {}, {}, no_write, std::move(then)};
  send(std::move(r), wire_writer{}.text(path).boolean(watch));
}

void sim_client::children(const std::string& path, bool watch, on_answer then) {
  request r{0, children_type, path, {}, watch, {}, {}, no_write, std::move(then)};
  send(std::move(r), wire_writer{}.text(path).boolean(watch));
}

void sim_client::sync(const std::string& path, on_answer then) {
  request r{0, sync_type, path, {}, false, {}, {}, no_write, std::move(then)};
  send(std::move(r), wire_writer{}.text(path));
}

void sim_client::close() {
  closing_ = true;
  history_.session_may_end(session_);
  request r;
  r.type = close_type;
  send(std::move(r), {});
}

}  // namespace troupe::test
