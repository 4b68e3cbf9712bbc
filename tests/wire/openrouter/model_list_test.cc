#include "wire/openrouter/model_list.h"

#include <string>

#include "support/catch.h"

namespace gateway {
namespace {

Money dollars(const char* text) { return Money::parse(text).value(); }

CatalogueModel model(const std::string& members) {
  auto list = read_model_list(R"({"data":[{"id":"m",)" + members + "}]}");
  REQUIRE(list);
  REQUIRE(list->size() == 1);
  return list->front();
}
Prices prices(const std::string& pricing) { return model(R"("pricing":{)" + pricing + "}").prices; }

TEST_CASE("OpenRouter's list of models is read", "[wire][model_list]") {
  const auto list = read_model_list(R"({"data":[
    {"id":"openai/gpt-4o-mini","canonical_slug":"openai/gpt-4o-mini","name":"OpenAI: GPT-4o-mini","created":1721260800,
     "description":"\u2026","context_length":128000,
     "architecture":{"input_modalities":["text","image"],"output_modalities":["text"]},
     "pricing":{"prompt":"0.00000015","completion":"0.0000006","request":"0","image":"0.000217","web_search":"0",
                "internal_reasoning":"0","input_cache_read":"0.000000075"},
     "top_provider":{"context_length":128000,"max_completion_tokens":16384,"is_moderated":true},
     "per_request_limits":null,"supported_parameters":["max_tokens"]},
    {"id":"openrouter/auto","name":"Auto","created":1699401600,"context_length":2000000,
     "pricing":{"prompt":"-1","completion":"-1"},"top_provider":{"context_length":null,"max_completion_tokens":null}},
    {"id":"x/free:free","pricing":{"prompt":"0","completion":"0","image":"0","internal_reasoning":"0"},
     "top_provider":{"context_length":4096}},
    {"name":"without an id"}, 7, null]})");
  REQUIRE(list);
  REQUIRE(list->size() == 3);
  const CatalogueModel& mini = (*list)[0];
  CHECK(mini.id == "openai/gpt-4o-mini");
  CHECK(mini.name == "OpenAI: GPT-4o-mini");
  CHECK(mini.created == 1721260800);
  CHECK(mini.context_length == 128000);
  CHECK(mini.max_output_tokens == 16384);
  CHECK(mini.prices.input == dollars("0.00000015"));
  CHECK(mini.prices.output == dollars("0.0000006"));
  CHECK(mini.prices.cached_input == dollars("0.000000075"));
  CHECK(mini.prices.request == Money());
  CHECK(mini.prices.image == dollars("0.000217"));
  CHECK_FALSE(mini.prices.reasoning.has_value());
  CHECK_FALSE(mini.prices.cache_write.has_value());
  CHECK(mini.prices.overrides.empty());

  const CatalogueModel& automatic = (*list)[1];
  CHECK_FALSE(automatic.prices.known());
  CHECK(automatic.max_output_tokens == 0);

  const CatalogueModel& free = (*list)[2];
  CHECK(free.prices.known());
  CHECK(free.prices.input == Money());
  CHECK(free.prices.image == Money());
  CHECK(free.context_length == 4096);
}

TEST_CASE("a zero that is no price is none", "[wire][model_list]") {
  const Prices p = prices(
      R"("prompt":"0.000003","completion":"0.000015","image":"0","internal_reasoning":"0","input_cache_read":"0","input_cache_write":"0")");
  CHECK_FALSE(p.image.has_value());
  CHECK_FALSE(p.reasoning.has_value());
  CHECK_FALSE(p.cached_input.has_value());
  CHECK_FALSE(p.cache_write.has_value());
}

TEST_CASE("an image at a token's price has no price", "[wire][model_list]") {
  CHECK_FALSE(prices(R"("prompt":"0.0000003","completion":"0.0000025","image":"0.0000003")").image.has_value());
  CHECK(prices(R"("prompt":"0.0000003","completion":"0.0000025","image":"0.001238")").image.has_value());
  CHECK_FALSE(prices(R"("prompt":"0.0000003","completion":"0.0000025","audio":"0.000001")").audio.has_value());
}

TEST_CASE("the dearer of two cache prices is taken", "[wire][model_list]") {
  CHECK(
      prices(R"("prompt":"0.000003","input_cache_write":"0.00000375","input_cache_write_1h":"0.000006")").cache_write ==
      dollars("0.000006"));
  CHECK(prices(R"("prompt":"0.000003","input_cache_write":"0.00000375")").cache_write == dollars("0.00000375"));
}

TEST_CASE("prices may be numbers, and what is no price is unknown", "[wire][model_list]") {
  CHECK(prices(R"("prompt":1.5e-7,"completion":"6e-7")").input == Money::units(150'000));
  for (const char* bad : {R"("")", R"("free")", "null", "true", "[]", "{}", "-1", R"("NaN")", "1e300"}) {
    INFO(bad);
    CHECK_FALSE(prices(std::string(R"("prompt":)") + bad).input.has_value());
  }
}

TEST_CASE("overrides carry their conditions", "[wire][model_list]") {
  const Prices p = prices(R"("overrides":[
      {"min_prompt_tokens":200000,"prompt":"0.000006","completion":"0.0000225"},
      {"utc_start":1630,"utc_end":30,"prompt":"0.0000015","internal_reasoning":"0"}],
      "prompt":"0.000003","completion":"0.000015")");
  REQUIRE(p.overrides.size() == 2);
  CHECK(p.overrides[0].min_prompt_tokens == 200001);  // published as "more than"
  CHECK(p.overrides[0].prices.input == dollars("0.000006"));
  CHECK(p.overrides[0].prices.output == dollars("0.0000225"));
  CHECK_FALSE(p.overrides[0].utc_start_minute.has_value());
  CHECK(p.overrides[1].min_prompt_tokens == 0);
  CHECK(p.overrides[1].utc_start_minute == 16 * 60 + 30);
  CHECK(p.overrides[1].utc_end_minute == 30);
  CHECK(p.overrides[1].prices.input == dollars("0.0000015"));
  CHECK_FALSE(p.overrides[1].prices.output.has_value());
  CHECK_FALSE(p.overrides[1].prices.reasoning.has_value());
}

TEST_CASE("overrides that cannot be expressed make nothing cheaper, broken ones are left out", "[wire][model_list]") {
  const Prices weekends = prices(
      R"("prompt":"0.000003","completion":"0.000015","overrides":[{"utc_days":["sunday"],"prompt":"0.000001","completion":"0.00002"}])");
  REQUIRE(weekends.overrides.size() == 1);
  CHECK_FALSE(weekends.overrides[0].prices.input.has_value());
  CHECK(weekends.overrides[0].prices.output == dollars("0.00002"));
  const Prices unknown = prices(
      R"("prompt":"0.000003","overrides":[{"moon":"full","prompt":"0.000001"},{"audio":"1","prompt":"0.000002"}])");
  REQUIRE(unknown.overrides.size() == 2);
  CHECK_FALSE(unknown.overrides[0].prices.input.has_value());
  CHECK(unknown.overrides[1].prices.input == dollars("0.000002"));
  CHECK(prices(R"("prompt":"1","overrides":[{"utc_start":1075,"prompt":"2"},{"utc_end":"x","prompt":"2"},
                                            {"min_prompt_tokens":-1,"prompt":"2"},{"utc_start":2500,"prompt":"2"},7])")
            .overrides.empty());
  CHECK(
      prices(R"("prompt":"1","overrides":[{"utc_start":0,"utc_end":2400,"prompt":"2"}])").overrides[0].utc_end_minute ==
      0);
}

TEST_CASE("a list that is none is an error", "[wire][model_list]") {
  for (const char* bad : {"", "[]", "<html>", "{}", R"({"data":{}})", R"({"data":[{"id":"a"})", R"({"error":"x"})"}) {
    INFO(bad);
    const auto list = read_model_list(bad);
    REQUIRE_FALSE(list);
    CHECK(list.error().code == ErrorCode::invalid);
  }
  CHECK(read_model_list(R"({"data":[]})")->empty());
}

TEST_CASE("our own entries have OpenAI's members, context and prices", "[wire][model_list]") {
  std::string out;
  Prices p;
  append_model(out, "a/\"b\"", 5, "us", 0, p);
  CHECK(out == R"({"id":"a/\"b\"","object":"model","created":5,"owned_by":"us","context_length":null,"pricing":null})");
  out.clear();
  p.input = dollars("0.00000015");
  p.output = dollars("0.0000006");
  p.cached_input = dollars("0.000000075");
  p.cache_write = dollars("0.0000002");
  p.request = Money();
  p.image = dollars("0.001");
  append_model(out, "m", 5, "us", 128000, p);
  CHECK(
      out ==
      R"({"id":"m","object":"model","created":5,"owned_by":"us","context_length":128000,"pricing":{"prompt":"0.00000015",)"
      R"("completion":"0.0000006","request":"0","image":"0.001","input_cache_read":"0.000000075","input_cache_write":"0.0000002"}})");
  const auto again = read_model_list("{\"data\":[" + out + "]}");
  REQUIRE(again);
  CHECK(again->front().prices.input == p.input);
  CHECK(again->front().prices.image == p.image);
  CHECK(again->front().context_length == 128000);
  out.clear();
  Prices units;  // alone
  units.character = dollars("0.00001");
  append_model(out, "m", 5, "us", 0, units);
  CHECK(out.ends_with(R"("pricing":{"character":"0.00001"}})"));
}

}  // namespace
}  // namespace gateway
