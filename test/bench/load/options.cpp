#include "options.hpp"

#include <charconv>
#include <functional>
#include <map>
#include <string_view>

#include "protocol.hpp"

namespace bench {

namespace {

template <class Number>
Number number(std::string_view name, std::string_view text, Number low, Number high) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < low || value > high) {
    throw bench_error("--" + std::string{name} + " takes a number from " + std::to_string(low) +
                      " to " + std::to_string(high) + ", not '" + std::string{text} + "'");
  }
  return value;
}

using setter = std::function<void(options&, std::string_view name, std::string_view value)>;

template <class Member, class Number>
setter numeric(Member options::*member, Number low, Number high) {
  return [=](options& o, std::string_view name, std::string_view value) {
    o.*member = static_cast<Member>(number<Number>(name, value, low, high));
  };
}

setter text(std::string options::*member) {
  return [=](options& o, std::string_view, std::string_view value) { o.*member = value; };
}

/// The parts of a list, as they stand between its commas.
std::vector<std::string_view> parts(std::string_view list) {
  std::vector<std::string_view> result;
  for (;;) {
    const auto comma = list.find(',');
    result.push_back(list.substr(0, comma));
    if (comma == std::string_view::npos) {
      return result;
    }
    list.remove_prefix(comma + 1);
  }
}

void set_servers(options& o, std::string_view, std::string_view value) {
  o.servers.clear();
  for (const auto one : parts(value)) {
    const auto colon = one.rfind(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == one.size()) {
      throw bench_error("--server takes HOST:PORT[,HOST:PORT...], not '" + std::string{value} +
                        "'");
    }
    o.servers.emplace_back(one);
  }
}

void set_pids(options& o, std::string_view name, std::string_view value) {
  o.pids.clear();
  for (const auto one : parts(value)) {
    o.pids.push_back(number(name, one, 1, 1 << 30));
  }
}

const std::map<std::string, setter, std::less<>>& valued() {
  static const std::map<std::string, setter, std::less<>> table{
      {"server", set_servers},
      {"connections", numeric(&options::connections, 1, 1'000'000)},
      {"outstanding", numeric(&options::outstanding, 1, 100'000)},
      {"warm-up", numeric(&options::warm_up_s, 0.0, 3600.0)},
      {"duration", numeric(&options::duration_s, 0.01, 86400.0)},
      {"count", numeric(&options::count, 1L, 1'000'000'000'000L)},
      {"value", numeric(&options::value_bytes, 0L, 1'000'000L)},
      {"keys", numeric(&options::keys, 1L, 100'000'000L)},
      {"seed", numeric(&options::seed, 0L, 1'000'000'000'000L)},
      {"pace", numeric(&options::pace, 1L, 1'000'000L)},
      {"reads", numeric(&options::read_percent, 0, 100)},
      {"batch", numeric(&options::batch, 1, 5000)},
      {"fan-out", numeric(&options::fan_out, 1L, 100'000'000L)},
      {"watches", numeric(&options::watches, 0L, 1'000'000'000L)},
      {"session-timeout", numeric(&options::session_timeout_ms, 100, 10'000'000)},
      {"sources", numeric(&options::sources, 0, 200)},
      {"stall", numeric(&options::stall_s, 0.1, 3600.0)},
      {"root", text(&options::root)},
      {"json", text(&options::json_path)},
      {"pid", set_pids},
  };
  return table;
}

const std::map<std::string, bool options::*, std::less<>>& flags() {
  static const std::map<std::string, bool options::*, std::less<>> table{
      {"verify", &options::verify},
      {"keep", &options::keep},
      {"persistent", &options::persistent},
  };
  return table;
}

}  // namespace

options parse_options(int argc, char** argv) {
  options result;
  for (int i = 1; i < argc; ++i) {
    std::string_view word = argv[i];
    if (word == "-h" || word == "--help" || word == "help") {
      return {};
    }
    if (!word.starts_with("--")) {
      if (!result.workload.empty()) {
        throw bench_error("one workload at a time: '" + std::string{word} + "' is one too many");
      }
      result.workload = word;
      continue;
    }
    word.remove_prefix(2);
    if (const auto flag = flags().find(word); flag != flags().end()) {
      result.*(flag->second) = true;
    } else if (const auto option = valued().find(word); option == valued().end()) {
      throw bench_error("unknown option --" + std::string{word} + "; see --help");
    } else if (++i == argc) {
      throw bench_error("--" + std::string{word} + " needs a value");
    } else {
      option->second(result, word, argv[i]);
    }
  }
  if (!result.root.empty() && (result.root[0] != '/' || result.root.ends_with('/'))) {
    throw bench_error("--root takes the path of a znode such as /bench, not '" + result.root + "'");
  }
  return result;
}

const char* usage() noexcept {
  return R"(usage: troupe_bench WORKLOAD [OPTION...]

Puts a load on any server of ZooKeeper's client protocol and measures it.

Workloads:
  read       getData of random keys               write   setData of random keys
  exists     exists of random keys                mixed   reads and writes (--reads PERCENT)
  create     create and delete in turn            load    create --keys znodes and leave them there
  sessions   connect, create an ephemeral, close (--connections of them in parallel)
  watch      one setter, a watch per connection: notifications per second; the latency is that
             from the set to the last notification
  hold       open all connections, add --watches persistent watches, stay for the duration,
             then check that every connection and watch still works
  lock       --connections clients contend for one lock (ephemeral sequential, watch on the
             predecessor); the latency is that from asking to having
  queue      half of the connections produce, half consume

Options:
  --server HOST:PORT[,HOST:PORT...]   default 127.0.0.1:2181; connections take them in turn
  --connections N      default 1            --outstanding M   unanswered per connection, default 1
  --duration S         default 5            --warm-up S       not counted, default 1
  --count N            end after N operations instead of after the duration
  --pace N             read, write, mixed: N per second in all, instead of as fast as answers come
  --value BYTES        default 128          --keys N          default 1000
  --reads PERCENT      of mixed, default 90 --seed N          default 1
  --batch N            load: creates per multi, default 1
  --fan-out N          load: children per parent, default 1000
  --watches N          hold: in total       --persistent      watch: persistent watches
  --root PATH          parent of all znodes (default a new one; load: /load)
  --keep               leave the znodes there
  --verify             read every acknowledged write again; check order, versions, sequence
                       numbers, lock exclusion, that nothing is lost or consumed twice
  --session-timeout MS default 30000        --stall S         give up after silence, default 20
  --sources N          connect from N loopback addresses (more than 28,000 connections)
  --pid PID[,PID...]   the servers' processes (default: who listens on the ports)
  --json FILE          write the results there as well ("-": standard output, no table)

Exit code: 0, or 1 with a message when something failed or a check found a fault.
)";
}

}  // namespace bench
