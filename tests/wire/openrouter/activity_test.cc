#include "wire/openrouter/activity.h"

#include <string>
#include <vector>

#include "support/catch.h"
#include "wire/openrouter/csv.h"

namespace gateway {
namespace {

Money dollars(const char* text) { return Money::parse(text).value(); }

const std::string kRow =
    R"({"date":"2026-08-24","model":"openai/gpt-4.1","model_permaslug":"openai/gpt-4.1-2025-04-14",)"
    R"("endpoint_id":"550e8400","provider_name":"OpenAI","usage":0.0150000000001,"byok_usage_inference":0.012,"requests":5,)"
    R"("prompt_tokens":50,"completion_tokens":125,"reasoning_tokens":25})";

void check(const ActivityRow& row) {
  CHECK(row.day == "2026-08-24");
  CHECK(row.model == "openai/gpt-4.1");
  CHECK(row.permaslug == "openai/gpt-4.1-2025-04-14");
  CHECK(row.endpoint == "550e8400");
  CHECK(row.provider == "OpenAI");
  CHECK(row.usage == Money::units(15'000'000'000));
  CHECK(row.byok_usage == dollars("0.012"));
  CHECK(row.requests == 5);
  CHECK(row.prompt_tokens == 50);
  CHECK(row.completion_tokens == 125);
  CHECK(row.reasoning_tokens == 25);
}

TEST_CASE("activity is read from all its forms", "[wire][activity]") {
  std::string plain = kRow;
  plain.replace(plain.find("0.0150000000001"), 15, "0.015");
  for (const std::string& text :
       {"{\"data\":[" + plain + "," + plain + "]}", "[" + plain + "," + plain + "]", plain + "\n" + plain + "\r\n\n",
        "\xef\xbb\xbf  [" + plain + "," + plain + "]\n",
        std::string("date,model,model_permaslug,endpoint_id,provider_name,usage,byok_usage_inference,requests,"
                    "prompt_tokens,completion_tokens,reasoning_tokens\r\n"
                    "2026-08-24,openai/gpt-4.1,openai/gpt-4.1-2025-04-14,550e8400,OpenAI,0.015,0.012,5,50,125,25\r\n"
                    "\"2026-08-24 00:00:00\",\"openai/gpt-4.1\",openai/gpt-4.1-2025-04-14,550e8400,\"OpenAI\",$0.015,"
                    "0.012,5,50,125,25"),
        std::string(
            "Date,Model,Model Permaslug,Endpoint ID,Provider Name,Usage,BYOK Usage Inference,Requests,Prompt "
            "Tokens,Completion Tokens,Reasoning-Tokens,More\n"
            "2026-08-24T10:11:12Z,openai/gpt-4.1,openai/gpt-4.1-2025-04-14,550e8400,OpenAI,1.5e-2,0.012,5,50,125,"
            "25,x\n"
            "2026-08-24,openai/gpt-4.1,openai/gpt-4.1-2025-04-14,550e8400,OpenAI,0.015,0.012,5,50,125,25\n")}) {
    INFO(text);
    const auto rows = read_activity(text);
    REQUIRE(rows);
    REQUIRE(rows->size() == 2);
    check(rows->front());
    check(rows->back());
  }
}

TEST_CASE("amounts are rounded to the twelfth decimal", "[wire][activity]") {
  const auto rows = read_activity("[" + kRow + "]");
  REQUIRE(rows);
  CHECK(rows->front().usage == Money::units(15'000'000'000));
}

TEST_CASE("an export of single requests counts each as one", "[wire][activity]") {
  const auto rows = read_activity(
      "generation_id,created_at,cost_total,tokens_prompt,tokens_completion,tokens_reasoning,model_permaslug,provider_"
      "name\n"
      "gen-1,2026-08-24 10:00:00.123,0.5,1,2,,a/b-1,X\n");
  REQUIRE(rows);
  REQUIRE(rows->size() == 1);
  CHECK(rows->front().day == "2026-08-24");
  CHECK(rows->front().model == "a/b-1");
  CHECK(rows->front().requests == 1);
  CHECK(rows->front().usage == dollars("0.5"));
  CHECK(rows->front().reasoning_tokens == 0);
}

TEST_CASE("activity that is none names the row", "[wire][activity]") {
  const struct {
    std::string text, says;
  } table[] = {
      {"", "empty"},
      {"{}", "data"},
      {R"({"data":{}})", "data"},
      {R"({"data":[7]})", "row 1"},
      {R"([{"date":"2026-08-24","model":"m","usage":1},{"date":"x","model":"m","usage":1}])", "row 2"},
      {R"([{"date":"2026-13-24","model":"m","usage":1}])", "date"},
      {R"([{"model":"m","usage":1}])", "date"},
      {R"([{"date":"2026-08-24","usage":1}])", "model"},
      {R"([{"date":"2026-08-24","model":"m"}])", "usage"},
      {R"([{"date":"2026-08-24","model":"m","usage":"much"}])", "usage"},
      {R"([{"date":"2026-08-24","model":"m","usage":1,"requests":-1}])", "requests"},
      {R"([{"date":"2026-08-24","model":"m","usage":1,"requests":1.5}])", "requests"},
      {R"([{"date":"2026-08-24","model":"m","usage":1)", "JSON"},
      {"date,model,usage\n2026-08-24,m,1\n2026-08-24,m,x", "row 2"},
      {"date,model,usage\n2026-08-24,m,.5", "usage"},
      {"date,model,usage\n2026-08-24,m,1,2", "row 1"},
      {"model,usage\nm,1", "date"},
      {"<html></html>\nx", "date"},
      {"<html><body>maintenance</body></html>", "neither JSON nor CSV"},
      {"text that is no bill at all", "neither JSON nor CSV"},
      {"not,a\nbill,at all", "neither JSON nor CSV"},
      {std::string("\xff\xfe\x00", 3), "neither JSON nor CSV"},
      {"date,model\n", "usage"},
      {"date,usage\n", "model"},
      {"date,model,usage\n2026-08-24,m,\n", "no 'usage'"},
      {R"([{"date":"2026-08-24","model":"m","usage":""}])", "no 'usage'"},
      {R"({"error":{"code":500,"message":"x"}})", "data"},
  };
  for (const auto& [text, says] : table) {
    INFO(text);
    const auto rows = read_activity(text);
    REQUIRE_FALSE(rows);
    CHECK(rows.error().code == ErrorCode::invalid);
    INFO(rows.error().detail);
    CHECK(rows.error().detail.find(says) != std::string::npos);
  }
  CHECK(read_activity("[]")->empty());
  CHECK(read_activity("date,model,usage\n")->empty());
  CHECK(read_activity("created_at,model_permaslug,cost_total")->empty());
}

TEST_CASE("records of comma-separated values", "[wire][csv]") {
  const auto records = [](std::string_view text) {
    std::vector<std::vector<std::string>> out;
    std::vector<std::string> fields;
    while (next_csv_record(text, fields)) out.push_back(fields);
    return out;
  };
  using Records = std::vector<std::vector<std::string>>;
  CHECK(records("") == Records{});
  CHECK(records("\r\n\n") == Records{});
  CHECK(records("a,b\nc") == Records{{"a", "b"}, {"c"}});
  CHECK(records("a,\r\n,b\r\n") == Records{{"a", ""}, {"", "b"}});
  CHECK(records("\"a,\"\"b\"\"\nc\",d\re") == Records{{"a,\"b\"\nc", "d"}, {"e"}});
  CHECK(records("\"open,\n") == Records{{"open,\n"}});
  CHECK(records("a\"b,\"c\"d") == Records{{"a\"b", "cd"}});
  CHECK(records("\"\"") == Records{{""}});
}

}  // namespace
}  // namespace gateway
