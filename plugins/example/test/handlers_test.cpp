#include <catch2/catch.hpp>

#include "core/handlers.hpp"

namespace {

std::string said(std::string_view handler, std::string_view item) {
  const auto result = queue_handler::handler_called(handler)(item);
  return result ? *result : "failed: " + result.error().message;
}

TEST_CASE("upper_case changes letters only", "[handlers]") {
  CHECK(said("upper_case", "Two parcels, z\xC3\xBC") == "TWO PARCELS, Z\xC3\xBC");
  CHECK(said("upper_case", "") == "");
}

TEST_CASE("sum adds whole numbers and refuses everything else", "[handlers]") {
  CHECK(said("sum", "1 2 -4") == "-1");
  CHECK(said("sum", "") == "0");
  CHECK(said("sum", "1 two") == "failed: \"two\" is not a whole number");
  CHECK(said("sum", "1  2") == "failed: \"\" is not a whole number");
  CHECK(said("sum", "9223372036854775807 1") == "failed: the sum does not fit in 64 bits");
}

}  // namespace
