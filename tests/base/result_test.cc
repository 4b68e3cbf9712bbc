#include "gateway/result.h"

#include <memory>
#include <set>

#include "support/catch.h"
#include "support/last_words.h"

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

TEST_CASE("reading from a result what it does not hold ends the process, with a reason", "[base][result]") {
  using gateway::testing::last_words;
  const std::string no_error = "gateway: broken invariant: error() of a Result that is a value\n";
  CHECK(last_words([] { (void)Result<int>(7).error(); }) == no_error);
  CHECK(last_words([] {
          const Result<int> good = 7;
          (void)good.error();
        }) == no_error);
  CHECK(last_words([] { (void)Result<void>().error(); }) == no_error);
  CHECK(last_words([] {
          const Result<void> good;
          (void)good.error();
        }) == no_error);
  const std::string why = "gateway: broken invariant: too slow\n";
  CHECK(last_words([] { (void)Result<int>(Error{ErrorCode::timeout, "too slow"}).value(); }) == why);
  CHECK(last_words([] { Result<void>(Error{ErrorCode::timeout, "too slow"}).value(); }) == why);
  CHECK(last_words([] { (void)Result<int>(7).value(); }).empty());
}

TEST_CASE("a result releases a value that can only be moved", "[base][result]") {
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
