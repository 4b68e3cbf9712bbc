// Bodies of calls to the administration: what is wrong in them is named by its place in them.
#include "app/admin/bodies.h"

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
  const auto said = read_project_body(body, operations::info_of(operations::Id::create_project));
  REQUIRE_FALSE(said.has_value());
  CHECK(said.error().detail == message);
}

TEST_CASE("sound bodies become the change of a project", "[server][admin]") {
  const auto said = read_project_body(
      R"({"name":"demo","limits":{"requests_per_minute":600,"concurrent":null,"tokens_per_minute":"2000"},)"
      R"("spend":[{"cap":"2.50","period":"day","warn":[50,90]},{"cap":25,"warn":[50,90]}],"models":["a","b/*"]})",
      operations::info_of(operations::Id::create_project));
  REQUIRE(said.has_value());
  CHECK(said->name == "demo");
  CHECK(said->words == std::vector<std::string>{"--rpm=600", "--concurrent=none", "--tpm=2000", "--cap=none",
                                                "--cap=2.50/day", "--cap=25/month", "--warn=50,90", "--models=a,b/*"});
  const operations::ProjectChange& change = said->change;
  CHECK(change.requests_per_minute == std::optional(operations::ProjectChange::Limit(600)));
  REQUIRE(change.concurrent);
  CHECK_FALSE(change.concurrent->has_value());
  CHECK_FALSE(change.max_output_tokens);
  CHECK(change.models == std::vector<std::string>{"a", "b/*"});
  CHECK(change.warnings == std::vector<int>{50, 90});
  REQUIRE(change.caps.size() == 3);
  CHECK_FALSE(change.caps[0].cap);
  CHECK(change.caps[1].period == Period::day);
  CHECK(change.caps[1].cap->to_string() == "2.5");
  CHECK(change.caps[2].period == Period::month);
}

TEST_CASE("each member that the table has is read", "[server][admin]") {
  using operations::Id;
  for (const Id id : {Id::create_project, Id::set_project}) {
    for (const operations::Parameter& each : operations::info_of(id).parameters) {
      if (each.in != operations::In::body) continue;
      const auto said = read_project_body("{\"" + std::string(each.name) + "\":false}", operations::info_of(id));
      REQUIRE_FALSE(said.has_value());
      CHECK(said.error().detail.starts_with(std::string(each.name) + ": expected "));
      for (const operations::Parameter& member : each.members()) {
        const bool is_list = each.type == operations::Type::list;
        const std::string name(member.name), path = std::string(each.name) + (is_list ? "[0]." : ".") + name;
        const std::string object = "{\"" + name + "\":false}";
        const std::string body = "{\"" + std::string(each.name) + "\":" + (is_list ? "[" + object + "]" : object) + "}";
        CHECK(read_project_body(body, operations::info_of(id)).error().detail.starts_with(path + ": expected "));
      }
    }
  }
}

TEST_CASE("bodies of texts have what the table requires, and nothing else", "[server][admin]") {
  const auto& key = operations::info_of(operations::Id::create_key);
  CHECK(read_text_body("{}", key).error().detail == "project: expected a project's name");
  CHECK(read_text_body("", key).error().detail == "The request body is not valid JSON: it is empty.");
  CHECK(read_text_body(R"({"project":7,"name":""})", key).error().detail == "name: expected a string");
  CHECK(read_text_body(R"({"projct":"x"})", key).error().detail == "projct: unknown here; did you mean 'project'?");
  const auto said = read_text_body(R"({"project":"demo","expires":"90d"})", key);
  REQUIRE(said.has_value());
  CHECK(said->get("project") == "demo");
  CHECK_FALSE(said->get("name"));
  CHECK(said->words == std::vector<std::string>{"--project=demo", "--expires=90d"});
  CHECK(read_text_body("", operations::info_of(operations::Id::rotate_key)).has_value());
}
