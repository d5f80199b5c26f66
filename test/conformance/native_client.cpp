// A native client for scripts: one command per line of the input, one line of output for each.
// Words are separated by single blanks.
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include <troupe/client/blocking_session.hpp>

namespace client = troupe::client;

namespace {

std::string told(const client::answer& got) {
  if (!got.ok()) {
    return "error " + std::string{to_string(client::to_error_code(got.why.what))} + " " +
           got.why.path;
  }
  return "ok " + troupe::to_string(got.zxid);
}

troupe::create_op create_op(std::istringstream& words) {
  troupe::create_op op;
  std::string kind;
  std::string data;
  words >> op.path >> data >> kind;
  op.data = troupe::blob{data};
  op.acl = {{troupe::permission_all, {"world", "anyone"}}};
  if (kind == "ephemeral") op.kind = troupe::node_kind::ephemeral;
  op.sequential = kind == "sequential";
  return op;
}

std::string run(client::blocking_session& session, const std::string& line) {
  std::istringstream words{line};
  std::string verb;
  std::string path;
  words >> verb;
  if (verb == "create") {
    const auto got = session.run(troupe::write_op{create_op(words)});
    return got.ok() ? told(got) + " " + got.writes.front().path : told(got);
  }
  words >> path;
  if (verb == "get" || verb == "watch") {
    const auto got = session.run(troupe::read_op{troupe::get_data_op{path, verb == "watch"}},
                                 client::freshness::linearizable());
    return got.ok() ? told(got) + " " + std::string{got.read.data.view()} : told(got);
  }
  if (verb == "set") {
    std::string data;
    words >> data;
    return told(session.run(troupe::write_op{troupe::set_data_op{path, troupe::blob{data}}}));
  }
  if (verb == "delete") return told(session.run(troupe::write_op{troupe::delete_op{path}}));
  if (verb == "list") {
    auto line_out = std::string{"ok"};
    client::list_op asked{path};
    for (bool more = true; more;) {
      const auto got = session.run(asked, client::freshness::linearizable());
      if (!got.ok()) return told(got);
      for (const auto& one : got.page.entries)
        line_out += " " + one.name;
      more = got.page.more;
      if (more) asked.after = got.page.entries.back().name;
    }
    return line_out;
  }
  if (verb == "add") {
    std::int64_t amount = 0;
    words >> amount;
    troupe::script_op script;
    script.steps.push_back({troupe::add_op{path, amount}});
    const auto got = session.run(troupe::write_op{script});
    return got.ok() ? told(got) + " " + std::to_string(got.writes.front().number) : told(got);
  }
  if (verb == "session") return "ok " + troupe::to_string(session.id());
  if (verb == "close") {
    session.close();
    return "ok";
  }
  return "error unknown " + verb;
}

}  // namespace

/// Arguments: the servers.
int main(int count, char** arguments) {
  client::settings how;
  how.servers.assign(arguments + 1, arguments + count);
  how.session_timeout = std::chrono::seconds{10};
  client::listener told_events;
  told_events.on_event = [](const client::event& one) {
    std::cerr << "event " << static_cast<int>(one.kind) << " " << one.path << std::endl;
  };
  client::blocking_session session{how, told_events};
  std::string why;
  if (!session.wait_until_connected(std::chrono::seconds{30}, &why)) {
    std::cout << "error not-connected " << why << std::endl;
    return 1;
  }
  for (std::string line; std::getline(std::cin, line);)
    std::cout << run(session, line) << std::endl;
  return 0;
}
