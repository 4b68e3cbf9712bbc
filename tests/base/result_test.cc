#include "gateway/result.h"

#include <memory>
#include <set>

#include "support/catch.h"

using namespace gateway;

TEST_CASE("a result holds a value or an error, never both", "[base][result]") {
  Result<int> good = 7;
  CHECK(good.has_value());
  CHECK(*good == 7);
  CHECK(good.value_or(8) == 7);
  const Result<int> bad = Error{ErrorCode::timeout, "too slow"};
  CHECK_FALSE(bad);
  CHECK(bad.error().code == ErrorCode::timeout);
  CHECK(bad.error().detail == "too slow");
  CHECK(bad.value_or(8) == 8);
  CHECK(Result<void>().has_value());
  CHECK(Result<void>(Error{ErrorCode::lost, "gone"}).error().detail == "gone");
}

TEST_CASE("a result gives up a value that can only be moved", "[base][result]") {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(3);
  const std::unique_ptr<int> taken = std::move(result).value();
  CHECK(*taken == 3);
}

TEST_CASE("every error code has its own stable name", "[base][result]") {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(ErrorCode::newer_schema); ++i)
    names.insert(to_string(static_cast<ErrorCode>(i)));
  CHECK(names.size() == static_cast<std::size_t>(ErrorCode::newer_schema) + 1);
  CHECK(names.count("unknown") == 0);
  CHECK(std::string(to_string(ErrorCode::unreachable)) == "unreachable");
}
