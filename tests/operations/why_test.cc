// What is said of refusals, of failures and of attempts that another one followed.
#include "operations/why.h"

#include "operations/one_request.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::operations;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

std::string advised(const std::string& code, const std::string& model = {}, const std::string& provider = {}) {
  ProjectConfig project;
  project.name = "demo";
  return advice({code, model, provider, 1, 0}, project);
}

// An attempt that was under way in these milliseconds of the request.
Row attempt(std::uint16_t number, int from, int until, std::string_view code, std::uint32_t flags = 0) {
  Row row;
  row.attempt = number;
  row.state = RowState::settled;
  row.status = 200;
  row.provider = number == 1 ? "one" : "two";
  row.error_code = code;
  row.flags = flags;
  row.dispatched = WallTime(1h) + std::chrono::milliseconds(from);
  row.ended = WallTime(1h) + std::chrono::milliseconds(until);
  return row;
}

}  // namespace

TEST_CASE("a command in an advice is read by a shell as it is meant", "[operations][why]") {
  CHECK_THAT(
      advised("provider_error", "simulated/echo?status=429&retry_after=2", "simulated"),
      Catch::EndsWith("; see: gateway explain --project demo --model 'simulated/echo?status=429&retry_after=2'"));
  CHECK_THAT(advised("provider_error", "fast", "one"), Catch::EndsWith(" --model fast"));
}

TEST_CASE("the gateway's own refusal is not blamed on the provider, nor the other way round", "[operations][why]") {
  CHECK_THAT(advised("invalid_request_error"), Contains("cannot be read or lacks something"));
  CHECK_THAT(advised("invalid_request_error", "fast", "one"), Contains("The provider cannot take"));
  CHECK_THAT(advised("request_too_large"), Contains("'server.max_body'"));
  CHECK_THAT(advised("request_too_large", "fast", "one"), Contains("larger than the provider takes"));
  CHECK_THAT(advised("model_not_found"), Contains("No route has a model of that name"));
  CHECK_THAT(advised("model_not_found", "fast", "one"), Contains("The provider has no model of that name"));
  CHECK_THAT(advised("weird", "fast", "one"), Contains("The provider's own code"));
}

TEST_CASE("a hedge is reported as one, whichever of the two attempts lost", "[operations][request]") {
  const RequestView first_lost =
      view_of({}, {attempt(1, 0, 450, "hedge_lost"), attempt(2, 200, 900, "", row_flag::hedge)}).value();
  CHECK(failure_text(first_lost, 0) == "hedged after 200 ms by attempt 2, whose answer began first");
  CHECK(failure_text(first_lost, 1).empty());
  const RequestView second_lost =
      view_of({}, {attempt(1, 0, 900, ""), attempt(2, 200, 250, "hedge_lost", row_flag::hedge)}).value();
  CHECK(failure_text(second_lost, 0).empty());
  CHECK(failure_text(second_lost, 1) == "made beside attempt 1, whose answer began first");
}
