#include <catch2/catch.hpp>

#include "runtime/config/environment.hpp"

using namespace troupe::config;

namespace {

const environment variables = [](const std::string& name) -> std::optional<std::string> {
  if (name == "HOST") return "example";
  if (name == "EMPTY") return "";
  if (name == "NESTED") return "${HOST}";
  if (name == "BIG") return std::string(10'000, 'x');
  return std::nullopt;
};

struct expanded {
  std::string text;
  std::vector<std::string> errors;
};

expanded expand(const std::string& text) {
  report errors;
  errors.add_source({"f", text});
  located_value value;
  value.kind = located_value::shape::scalar;
  value.text = text;
  value.where = {0, 1, 1, 1};
  expand_environment(value, variables, errors);
  expanded result{value.broken ? "broken" : value.text, {}};
  for (const auto& error : errors.sorted())
    result.errors.push_back(error.message);
  CHECK(value.broken == !result.errors.empty());
  return result;
}

TEST_CASE("variables are replaced inside of values", "[config]") {
  CHECK(expand("plain").text == "plain");
  CHECK(expand("${HOST}").text == "example");
  CHECK(expand("a-${HOST}-${HOST}-b").text == "a-example-example-b");
  CHECK(expand("${PORT:-2181}").text == "2181");
  CHECK(expand("${HOST:-other}").text == "example");
  CHECK(expand("${EMPTY:-other}").text == "other");
  CHECK(expand("${EMPTY}").text.empty());
  CHECK(expand("${PORT:-}").text.empty());
  CHECK(expand("${PORT:-a:-b}").text == "a:-b");
  CHECK(expand("$HOST $ $$ 5$ }").text == "$HOST $ $$ 5$ }");
}

TEST_CASE("two dollar signs keep a brace from meaning a variable", "[config]") {
  CHECK(expand("$${HOST}").text == "${HOST}");
  CHECK(expand("a$${b}${HOST}").text == "a${b}example");
}

TEST_CASE("what a variable holds is not looked at again", "[config]") {
  CHECK(expand("${NESTED}").text == "${HOST}");
}

TEST_CASE("every variable that is not set is reported", "[config]") {
  CHECK(expand("${A}:${B}:${A}").errors ==
        std::vector<std::string>{"the environment variable A is not set",
                                 "the environment variable B is not set"});
}

TEST_CASE("malformed and excessive references are reported", "[config]") {
  CHECK(expand("${HOST").errors.size() == 1);
  CHECK(expand("${}").errors.size() == 1);
  CHECK(expand("${1A}").errors.size() == 1);
  CHECK(expand("${A-B}").errors.size() == 1);
  std::string many;
  for (int i = 0; i < 101; ++i)
    many += "${HOST}";
  CHECK(expand(many).errors ==
        std::vector<std::string>{"the value names more than 100 environment variables"});
  CHECK(expand("${BIG}${BIG}${BIG}${BIG}${BIG}${BIG}${BIG}").errors ==
        std::vector<std::string>{
            "the value is longer than 65536 bytes after its variables are replaced"});
}

}  // namespace
