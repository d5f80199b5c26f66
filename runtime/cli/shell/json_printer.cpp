#include <ostream>

#include <kj/encoding.h>
#include <nlohmann/json.hpp>

#include "runtime/cli/shell/acl_words.hpp"
#include "runtime/cli/shell/printer.hpp"

namespace troupe::cli {
namespace {

using json = nlohmann::ordered_json;

json json_of(const stat& s) {
  return {{"czxid", to_string(s.czxid)},
          {"mzxid", to_string(s.mzxid)},
          {"pzxid", to_string(s.pzxid)},
          {"ctime_ms", s.ctime_ms},
          {"mtime_ms", s.mtime_ms},
          {"version", s.version},
          {"cversion", s.cversion},
          {"aversion", s.aversion},
          {"ephemeral_owner", s.ephemeral_owner ? json(to_string(s.ephemeral_owner)) : json()},
          {"data_length", s.data_length},
          {"num_children", s.num_children}};
}

void put_data(json& into, const blob& data) {
  const auto bytes = data.view();
  const kj::ArrayPtr<const char> chars(bytes.data(), bytes.size());
  if (data.is_null())
    into["data"] = nullptr;
  else if (!kj::encodeUtf32(chars).hadErrors)
    into["data"] = bytes;
  else
    into["data_base64"] = kj::encodeBase64(chars.asBytes()).cStr();
}

void put_stat(json& into, const stat* facts) {
  if (facts) into["stat"] = json_of(*facts);
}

void say(std::ostream& out, const json& what) {
  // Names and identities need not be UTF-8.
  out << what.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
}

}  // namespace

void json_printer::node(const std::string& path, const blob& data, const stat* about) {
  json what{{"path", path}};
  put_data(what, data);
  put_stat(what, about);
  say(out_, what);
}

void json_printer::facts(const std::string& path, const stat& about) {
  say(out_, {{"path", path}, {"stat", json_of(about)}});
}

void json_printer::names(const std::string& path, const std::vector<std::string>& all,
                         const stat* about) {
  json what{{"path", path}, {"children", all}};
  put_stat(what, about);
  say(out_, what);
}

void json_printer::descendant(const std::string& path, std::size_t level) {
  say(out_, {{"path", path}, {"level", level}});
}

void json_printer::access(const std::string& path, const acl& entries, const stat* about) {
  json what{{"path", path}, {"acl", json::array()}};
  for (const auto& one : entries)
    what["acl"].push_back({{"scheme", one.who.scheme},
                           {"id", one.who.id},
                           {"permissions", permission_letters(one.permissions)}});
  put_stat(what, about);
  say(out_, what);
}

void json_printer::created(const std::string& path) { say(out_, {{"created", path}}); }

void json_printer::number(const std::string& name, std::int64_t value) {
  say(out_, {{name, value}});
}

void json_printer::change(const change_seen& seen) {
  say(out_, {{"event", word_for(seen.kind)}, {"path", seen.path}, {"zxid", to_string(seen.zxid)}});
}

void json_printer::pairs(const std::vector<std::pair<std::string, std::string>>& facts) {
  json what = json::object();
  for (const auto& [name, value] : facts)
    what[name] = value;
  say(out_, what);
}

void json_printer::done() { say(out_, json::object()); }

}  // namespace troupe::cli
