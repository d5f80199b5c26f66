#include <catch2/catch.hpp>

#include "runtime/config/diagnostic.hpp"

using namespace troupe::config;

namespace {

TEST_CASE("errors are printed in order of place", "[config]") {
  report errors;
  const auto file = errors.add_source({"f.yaml", "one\ntwo three\n"});
  const auto argument = errors.add_source({"--set #1", "a.b=c", false});
  errors.error({argument, 1, 5, 1}, "third");
  errors.error({file, 2, 5, 5}, "second", "do this");
  errors.error({file, 1, 1, 3}, "first");
  errors.error({file, 0, 0, 0}, "whole file");
  CHECK(errors.text() == "f.yaml: error: whole file\n"
                         "f.yaml:1:1: error: first\n"
                         "    1 | one\n"
                         "      | ^^^\n"
                         "f.yaml:2:5: error: second\n"
                         "    2 | two three\n"
                         "      |     ^^^^^\n"
                         "      = hint: do this\n"
                         "--set #1: error: third\n"
                         "      | a.b=c\n"
                         "      |     ^\n"
                         "4 errors; nothing was started\n");
}

TEST_CASE("carets stand under characters, tabs and wide text included", "[config]") {
  report errors;
  errors.add_source({"f", "\tä: ö\n"});
  errors.error({0, 1, 5, 1}, "here");
  CHECK(errors.text() ==
        "f:1:5: error: here\n    1 | \tä: ö\n      | \t   ^\n1 error; nothing was started\n");
}

TEST_CASE("text that would steer a terminal is not printed", "[config]") {
  CHECK(quoted("a\x1b[31mb\n\x7f\xC2\x9B\xFF") == "\"a?[31mb????\"");
  CHECK(quoted(std::string(100, 'x')) == '"' + std::string(60, 'x') + "...\"");
}

TEST_CASE("a place past the end of its line is still printed", "[config]") {
  report errors;
  errors.add_source({"f", "ab"});
  errors.error({0, 1, 99, 7}, "far right");
  errors.error({0, 99, 1, 7}, "far down");
  CHECK(errors.text() ==
        "f:1:99: error: far right\n    1 | ab\n      |   ^\n"
        "f:99:1: error: far down\n   99 |\n      | ^\n2 errors; nothing was started\n");
}

TEST_CASE("lists of words read like a sentence", "[config]") {
  CHECK(one_of({}).empty());
  CHECK(one_of({"a"}) == "a");
  CHECK(one_of({"a", "b"}) == "a or b");
  CHECK(all_of({"a", "b", "c"}) == "a, b and c");
}

}  // namespace
