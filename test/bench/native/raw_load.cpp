#include "test/bench/native/raw_load.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <capnp/message.h>
#include <capnp/rpc.capnp.h>
#include <capnp/serialize.h>
#include <coordination.capnp.h>

namespace troupe::bench {
namespace {

using capnp::rpc::Message;

constexpr std::uint32_t bootstrap_question = 0, open_question = 1, first_call = 2;
constexpr std::uint64_t coordination_id = capnp::typeId<api::Coordination>();
constexpr std::uint64_t session_id = capnp::typeId<api::Session>();
constexpr std::size_t data_bytes = 128;

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

std::string bytes_of(capnp::MessageBuilder& message) {
  const auto words = capnp::messageToFlatArray(message);
  const auto bytes = words.asBytes();
  return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
}

std::string greeting() {
  capnp::MallocMessageBuilder first;
  first.initRoot<Message>().initBootstrap().setQuestionId(bootstrap_question);
  capnp::MallocMessageBuilder second;
  auto call = second.initRoot<Message>().initCall();
  call.setQuestionId(open_question);
  call.initTarget().initPromisedAnswer().setQuestionId(bootstrap_question);
  call.setInterfaceId(coordination_id);
  call.setMethodId(1);
  auto wish =
      call.initParams().getContent().initAs<api::Coordination::OpenSessionParams>().initWish();
  wish.setTimeoutMs(40'000);
  return bytes_of(first) + bytes_of(second);
}

/// The end of the call before with this number, and the next one.
std::string call_bytes(std::uint32_t question, std::uint32_t session, bool create, bool writes,
                       const std::string& path, unsigned batch) {
  capnp::MallocMessageBuilder message;
  auto call = message.initRoot<Message>().initCall();
  call.setQuestionId(question);
  call.initTarget().setImportedCap(session);
  call.setInterfaceId(session_id);
  call.setMethodId(0);
  auto operations =
      call.initParams().getContent().initAs<api::Session::SubmitParams>().initOperations(batch);
  for (auto one : operations) {
    if (create) {
      auto made = one.initCreate();
      made.setPath(path.c_str());
      made.initData(data_bytes);
    } else if (writes) {
      auto set = one.initSetData();
      set.setPath(path.c_str());
      set.initData(data_bytes);
    } else {
      one.initGet().setPath(path.c_str());
    }
  }
  capnp::MallocMessageBuilder end;
  auto finish = end.initRoot<Message>().initFinish();
  finish.setQuestionId(question);
  finish.setReleaseResultCaps(false);
  return bytes_of(end) + bytes_of(message);
}

struct connection {
  int socket = -1;
  std::string input;
  std::string output;
  std::vector<std::string> calls;  ///< by question, from `first_call`
  std::uint32_t session = 0;
};

int connect_to(std::uint16_t port) {
  const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (made < 0 || connect(made, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
    throw std::runtime_error{"cannot connect: " + std::string{std::strerror(errno)}};
  const int on = 1;
  setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return made;
}

void send_all(connection& to) {
  while (!to.output.empty()) {
    const auto sent = send(to.socket, to.output.data(), to.output.size(), MSG_NOSIGNAL);
    if (sent <= 0) throw std::runtime_error{"the server is gone"};
    to.output.erase(0, static_cast<std::size_t>(sent));
  }
}

/// Reads once, and calls `take` with the words of every whole message.
template <class Take>
void receive(connection& from, Take take) {
  char buffer[65536];
  const auto got = recv(from.socket, buffer, sizeof buffer, 0);
  if (got <= 0) throw std::runtime_error{"the server is gone"};
  from.input.append(buffer, static_cast<std::size_t>(got));
  std::size_t begin = 0;
  for (;;) {
    const auto left = from.input.size() - begin;
    std::uint32_t table[2] = {0, 0};
    if (left < sizeof table) break;
    std::memcpy(table, from.input.data() + begin, sizeof table);
    if (table[0] != 0) throw std::runtime_error{"an answer in several segments"};
    const auto size = sizeof table + std::size_t{table[1]} * sizeof(capnp::word);
    if (left < size) break;
    auto words = kj::heapArray<capnp::word>(size / sizeof(capnp::word));
    std::memcpy(words.begin(), from.input.data() + begin, size);
    take(capnp::FlatArrayMessageReader{words}.getRoot<Message>());
    begin += size;
  }
  from.input.erase(0, begin);
}

void begin(connection& one, std::uint16_t port, bool writes, const std::string& path,
           unsigned calls, unsigned batch) {
  one.socket = connect_to(port);
  one.output = greeting();
  send_all(one);
  bool opened = false;
  while (!opened) {
    receive(one, [&](Message::Reader message) {
      if (!message.isReturn() || message.getReturn().getAnswerId() != open_question) return;
      one.session = message.getReturn().getResults().getCapTable()[0].getSenderHosted();
      opened = true;
    });
  }
  one.output = call_bytes(first_call, one.session, true, false, path, 1);
  for (unsigned i = 0; i < calls; ++i)
    one.calls.push_back(call_bytes(first_call + i, one.session, false, writes, path, batch));
}

/// Without the end of a call that never was.
std::string first_time(const std::string& call) {
  std::uint32_t words = 0;
  std::memcpy(&words, call.data() + sizeof words, sizeof words);
  return call.substr((words + 1) * sizeof(capnp::word));
}

}  // namespace

raw_result raw_load(std::uint16_t port, bool writes, unsigned connections, unsigned calls,
                    unsigned batch, unsigned seconds) {
  std::vector<std::unique_ptr<connection>> all;
  const int poll = epoll_create1(EPOLL_CLOEXEC);
  raw_result result;
  for (unsigned i = 0; i < connections; ++i) {
    auto one = std::make_unique<connection>();
    const auto path = "/raw-" + std::to_string(i);
    begin(*one, port, writes, path, calls, batch);
    one->output = first_time(one->output);
    send_all(*one);
    bool created = false;
    while (!created)
      receive(*one, [&](Message::Reader message) { created = message.isReturn(); });
    // The number of that call is used again, so its end is said by the first of the others.
    one->output = one->calls.front();
    for (unsigned k = 1; k < calls; ++k)
      one->output += first_time(one->calls[k]);
    epoll_event what{};
    what.events = EPOLLIN;
    what.data.ptr = one.get();
    epoll_ctl(poll, EPOLL_CTL_ADD, one->socket, &what);
    all.push_back(std::move(one));
  }
  for (auto& one : all)
    send_all(*one);
  using clock = std::chrono::steady_clock;
  const auto warm = clock::now() + std::chrono::seconds{1};
  const auto end = warm + std::chrono::seconds{seconds};
  bool counting = false;
  double cpu = 0;
  for (auto now = clock::now(); now < end; now = clock::now()) {
    if (!counting && now >= warm) {
      counting = true;
      result = {};
      cpu = cpu_seconds();
    }
    epoll_event ready[64];
    const int count = epoll_wait(poll, ready, 64, 100);
    for (int i = 0; i < count; ++i) {
      auto& one = *static_cast<connection*>(ready[i].data.ptr);
      receive(one, [&](Message::Reader message) {
        if (!message.isReturn()) return;
        const auto got = message.getReturn();
        got.isResults() ? result.done += batch : ++result.failed;
        one.output += one.calls[got.getAnswerId() - first_call];
      });
      send_all(one);
    }
  }
  result.seconds = seconds;
  result.cpu_seconds = cpu_seconds() - cpu;
  for (auto& one : all)
    close(one->socket);
  close(poll);
  return result;
}

}  // namespace troupe::bench
