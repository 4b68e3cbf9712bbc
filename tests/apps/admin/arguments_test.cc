// Bodies of calls to the administration: what is wrong in them is named by its place in them.
#include "app/admin/arguments.h"

#include "support/catch.h"

using namespace gateway;
using namespace gateway::app;

TEST_CASE("mistakes in a body name the member by its path", "[server][admin]") {
  const auto& [body, message] = GENERATE(table<const char*, const char*>({
      {R"({"limits":{"requests_per_minute":-1}})",
       "limits.requests_per_minute: expected a whole number of at least 1, or null, found '-1'"},
      {R"({"limits":{"tokens_per_minute":"1e9"}})",
       "limits.tokens_per_minute: expected a whole number of at least 1, or null, found '1e9'"},
      {R"({"limits":{"concurrent":[1]}})", "limits.concurrent: expected a whole number of at least 1, or null"},
      {R"({"limits":{"max_output_tokens":0}})",
       "limits.max_output_tokens: expected a whole number of at least 1, or null, found '0'"},
      {R"({"limits":{"concurent":1}})", "limits.concurent: unknown here; did you mean 'concurrent'?"},
      {R"({"limits":{"concurrent":1,"concurrent":2}})", "limits.concurrent: expected it once"},
      {R"({"limits":7})", "limits: expected an object"},
      {R"({"spend":[{"cap":"1"},{"cap":"lots","period":"day"}]})",
       "spend[1].cap: expected USD as a string such as \"25.00\", found 'lots'"},
      {R"({"spend":[{"cap":"-1"}]})", "spend[0].cap: expected USD as a string such as \"25.00\", found '-1'"},
      {R"({"spend":[{"period":"day"}]})", "spend[0].cap: expected USD as a string such as \"25.00\""},
      {R"({"spend":[{"cap":"1","period":"year"}]})",
       "spend[0].period: expected day, week, month or total, found 'year'"},
      {R"({"spend":[{"cap":"1"},{"cap":"2"}]})",
       "spend[1].period: expected one cap for each period, found a second one for month"},
      {R"({"spend":[{"cap":"1","warn":[101]}]})", "spend[0].warn: expected percent from 1 to 100, found '101'"},
      {R"({"spend":[{"cap":"1","per":"day"}]})", "spend[0].per: unknown here; known are: cap, period, warn"},
      {R"({"spend":"x"})", "spend: expected a list of {cap, period, warn}"},
      {R"({"limits":{"concurrent":18446744073709551616}})",
       "The request body is not valid JSON: a number is too large."},
      {"junk", "The request body is not valid JSON: it is not an object."},
      {"", "The request body is not valid JSON: it is empty."},
      {R"({"limits":)", "The request body is not valid JSON: it breaks off, or something follows its end."},
  }));
  INFO(body);
  const auto said = project_arguments(body);
  REQUIRE_FALSE(said.has_value());
  CHECK(said.error().detail == message);
}

TEST_CASE("sound bodies become a command's arguments", "[server][admin]") {
  const auto said = project_arguments(
      R"({"name":"demo","limits":{"requests_per_minute":600,"concurrent":null,"tokens_per_minute":"2000"},)"
      R"("spend":[{"cap":"2.50","period":"day","warn":[50,90]},{"cap":25,"warn":[50,90]}],"models":["a","b/*"]})");
  REQUIRE(said.has_value());
  CHECK(said->name == "demo");
  CHECK(said->flags == Arguments{"--rpm=600", "--concurrent=none", "--tpm=2000", "--cap=none", "--cap=2.50/day",
                                 "--cap=25/month", "--warn=50,90", "--models=a,b/*"});
}
