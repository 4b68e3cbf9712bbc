#include "wire/openai/answer_reader.h"

#include <string>
#include <vector>

#include "support/catch.h"
#include "wire/openai/bodies.h"
#include "wire/openai/error_body.h"

namespace gateway {
namespace {

AnswerFacts read(std::string_view json) {
  AnswerReader reader;
  AnswerFacts facts;
  reader.read(json, facts);
  return facts;
}
AnswerFacts with_usage(const std::string& usage) { return read(R"({"choices":[],"usage":)" + usage + "}"); }
AnswerFacts with_error(const std::string& error) { return read(R"({"error":)" + error + "}"); }
Money dollars(const char* text) { return Money::parse(text).value(); }

TEST_CASE("one byte order mark is passed over, in a text and in a buffer", "[wire][answer_reader]") {
  const std::string mark = "\xef\xbb\xbf";
  const std::string answer = R"({"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":12}})";
  CHECK(read(mark + answer).usage.output == 12);
  AnswerReader reader;
  AnswerFacts facts;
  PaddedBuffer buffer;
  buffer.append(mark + answer);
  reader.read(buffer, facts);
  CHECK(facts.usage.output == 12);
  buffer.clear();
  buffer.append(mark + mark + answer);
  reader.read(buffer, facts);
  CHECK(facts.weight.bytes() == 0);
}

TEST_CASE("a chat completion's facts", "[wire][answer_reader]") {
  const AnswerFacts f = read(R"({
    "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-4o-mini-2024-07-18",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "H\u00e9llo", "refusal": null,
      "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{\"a\":1}"}}]},
      "logprobs": null, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 19, "completion_tokens": 10, "total_tokens": 29,
      "prompt_tokens_details": {"cached_tokens": 5, "audio_tokens": 0, "cache_write_tokens": 3},
      "completion_tokens_details": {"reasoning_tokens": 4, "audio_tokens": 0}},
    "service_tier": "default"})");
  CHECK(f.is_object);
  CHECK(f.id == "chatcmpl-1");
  CHECK(f.model == "gpt-4o-mini-2024-07-18");
  CHECK(f.finish_reason == "stop");
  CHECK(f.has_choices);
  CHECK_FALSE(f.choices_empty);
  CHECK(f.has_usage);
  CHECK(f.usage == Usage{.input = 19, .cached_input = 5, .cache_write = 3, .output = 10, .reasoning = 4});
  CHECK_FALSE(f.usage_odd);
  CHECK_FALSE(f.has_error);
  CHECK_FALSE(f.cost.has_value());
  CHECK(f.weight.bytes() == 6 + 1 + 7);
}

TEST_CASE("OpenRouter's cost is exact", "[wire][answer_reader]") {
  const AnswerFacts f = with_usage(R"({"prompt_tokens":1,"completion_tokens":2,"cost":1.2345e-05,"is_byok":true,)"
                                   R"("cost_details":{"upstream_inference_cost":0.0000000000015,"x":1}})");
  CHECK(f.cost == dollars("0.000012345"));
  CHECK(f.upstream_cost == Money::units(2));
  CHECK(f.is_byok);
  CHECK_FALSE(f.usage_odd);
  CHECK(with_usage(R"({"prompt_tokens":1,"completion_tokens":2,"cost":0})").cost == Money());
  CHECK_FALSE(with_usage(R"({"prompt_tokens":1,"completion_tokens":2,"cost":null})").cost.has_value());
  for (const char* odd : {"-0.1", "\"0.1\"", "true", "[]", "{}", "1e30"}) {
    INFO(odd);
    const AnswerFacts bad = with_usage(std::string(R"({"prompt_tokens":1,"completion_tokens":2,"cost":)") + odd + "}");
    CHECK_FALSE(bad.cost.has_value());
    CHECK(bad.usage_odd);
    CHECK(bad.has_usage);
  }
}

TEST_CASE("odd usage is flagged, and not accepted if it cannot be right", "[wire][answer_reader]") {
  for (const char* none : {"null"}) {
    const AnswerFacts f = with_usage(none);
    CHECK_FALSE(f.has_usage);
    CHECK_FALSE(f.usage_odd);
  }
  for (const char* useless :
       {R"("12")", "12", "[]", "true", "{}", R"({"prompt_tokens":-1,"completion_tokens":2})",
        R"({"prompt_tokens":"1","completion_tokens":2})", R"({"prompt_tokens":1.5,"completion_tokens":2})",
        R"({"prompt_tokens":1,"completion_tokens":-2})", R"({"prompt_tokens":1,"completion_tokens":"2"})",
        R"({"prompt_tokens":10000000001,"completion_tokens":2})", R"({"prompt_tokens":1e3,"completion_tokens":2})",
        R"({"prompt_tokens":1,"completion_tokens":99999999999999999999999})", R"({"completion_tokens":2})",
        R"({"prompt_tokens":{},"completion_tokens":[]})"}) {
    INFO(useless);
    const AnswerFacts f = with_usage(useless);
    CHECK(f.is_object);
    CHECK_FALSE(f.has_usage);
    CHECK(f.usage_odd);
  }
  const AnswerFacts too_much_cached =
      with_usage(R"({"prompt_tokens":3,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":9}})");
  CHECK(too_much_cached.usage.cached_input == 3);
  CHECK(too_much_cached.usage_odd);
  const AnswerFacts too_much_reasoning =
      with_usage(R"({"prompt_tokens":3,"completion_tokens":2,"completion_tokens_details":{"reasoning_tokens":9}})");
  CHECK(too_much_reasoning.usage.reasoning == 2);
  CHECK(too_much_reasoning.usage_odd);
  const AnswerFacts bad_detail =
      with_usage(R"({"prompt_tokens":3,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":"x"}})");
  CHECK(bad_detail.has_usage);
  CHECK(bad_detail.usage_odd);
  const AnswerFacts no_details = with_usage(
      R"({"prompt_tokens":3,"completion_tokens":2,"prompt_tokens_details":null,"completion_tokens_details":{"reasoning_tokens":null}})");
  CHECK(no_details.has_usage);
  CHECK_FALSE(no_details.usage_odd);
}

TEST_CASE("a total beyond both counts is output, or what the cache did", "[wire][usage]") {
  const auto usage = [](const char* text) { return with_usage(text).usage; };
  const AnswerFacts xai = with_usage(
      R"({"prompt_tokens":12,"completion_tokens":1,"total_tokens":303,"completion_tokens_details":{"reasoning_tokens":290}})");
  CHECK(xai.usage == Usage{.input = 12, .cached_input = 0, .cache_write = 0, .output = 291, .reasoning = 290});
  CHECK_FALSE(xai.usage_odd);
  CHECK(usage(R"({"prompt_tokens":10,"completion_tokens":50,"total_tokens":498})").output ==
        488);  // thoughts not named
  CHECK(usage(R"({"prompt_tokens":10,"completion_tokens":50,"total_tokens":60})").output == 50);
  CHECK(usage(R"({"prompt_tokens":10,"completion_tokens":50,"total_tokens":7})").output == 50);
  CHECK(usage(R"({"prompt_tokens":10,"completion_tokens":50})").output == 50);
  CHECK(usage(R"({"prompt_tokens":10,"total_tokens":10})").output == 0);
  CHECK(usage(R"({"total_tokens":9})").input == 9);
  CHECK(
      usage(
          R"({"prompt_tokens":10,"completion_tokens":5,"total_tokens":1015,"cache_read_input_tokens":900,"cache_creation_input_tokens":100})") ==
      Usage{.input = 1010, .cached_input = 900, .cache_write = 100, .output = 5, .reasoning = 0});
}

TEST_CASE("the same figure is known by all of its names", "[wire][usage]") {
  const auto usage = [](const std::string& more) {
    const AnswerFacts f = with_usage(R"({"prompt_tokens":100,"completion_tokens":50,)" + more + "}");
    CHECK(f.has_usage);
    CHECK_FALSE(f.usage_odd);
    return f.usage;
  };
  for (const char* cached : {R"("prompt_tokens_details":{"cached_tokens":64})",
                             R"("prompt_cache_hit_tokens":64,"prompt_cache_miss_tokens":36)", R"("cached_tokens":64)",
                             R"("cache_read_input_tokens":64)", R"("input_tokens_details":{"cached_tokens":64})",
                             R"("cached_tokens":0,"prompt_tokens_details":{"cached_tokens":64})"}) {
    INFO(cached);
    CHECK(usage(cached).cached_input == 64);
  }
  for (const char* written :
       {R"("prompt_tokens_details":{"cache_write_tokens":7})", R"("cache_creation_input_tokens":7)",
        R"("prompt_tokens_details":{"cache_creation_tokens":7})"}) {
    INFO(written);
    CHECK(usage(written).cache_write == 7);
  }
  for (const char* reasoning : {R"("completion_tokens_details":{"reasoning_tokens":9})", R"("reasoning_tokens":9)",
                                R"("output_tokens_details":{"thinking_tokens":9})"}) {
    INFO(reasoning);
    CHECK(usage(reasoning).reasoning == 9);
  }
  const AnswerFacts other = with_usage(R"({"input_tokens":3,"output_tokens":4})");
  CHECK(other.usage == Usage{.input = 3, .cached_input = 0, .cache_write = 0, .output = 4, .reasoning = 0});
  CHECK(with_usage(R"({"prompt_tokens":1,"completion_tokens":9,"completion_tokens_details":{"audio_tokens":5}})")
            .audio_output == 5);
}

TEST_CASE("a whole number may have a fraction of zero", "[wire][usage]") {
  const AnswerFacts f = with_usage(R"({"prompt_tokens":11.0,"completion_tokens":7.00,"total_tokens":18.0})");
  CHECK(f.has_usage);
  CHECK_FALSE(f.usage_odd);
  CHECK(f.usage.input == 11);
  CHECK(f.usage.output == 7);
  CHECK_FALSE(with_usage(R"({"prompt_tokens":11.5,"completion_tokens":7})").has_usage);
  CHECK_FALSE(with_usage(R"({"prompt_tokens":-0.0,"completion_tokens":-7.0})").has_usage);
}

TEST_CASE("Groq's own place for usage counts if there is no other", "[wire][usage]") {
  const char* own = R"({"choices":[],"x_groq":{"id":"r","usage":{"prompt_tokens":18,"completion_tokens":73}}})";
  CHECK(read(own).usage.output == 73);
  CHECK(scan_chunk(own).may_have_usage);
  const AnswerFacts both = read(
      R"({"x_groq":{"usage":{"prompt_tokens":18,"completion_tokens":73}},"usage":{"prompt_tokens":18,"completion_tokens":74}})");
  CHECK(both.usage.output == 74);
  CHECK_FALSE(both.usage_odd);
}

TEST_CASE("a provider's own cost counts in whichever shape, also beside odd counts", "[wire][usage]") {
  CHECK(with_usage(R"({"prompt_tokens":-1,"completion_tokens":"x","cost":0.25})").cost == dollars("0.25"));
  CHECK(with_usage(R"({"cost":0.25})").cost == dollars("0.25"));
  CHECK(with_usage(R"({"prompt_tokens":8,"completion_tokens":5,"cost":{"request_cost":0.005,"total_cost":0.00501}})")
            .cost == dollars("0.00501"));
  CHECK(with_usage(R"({"prompt_tokens":8,"completion_tokens":5,"cost_in_usd_ticks":1466250})").cost ==
        dollars("0.000146625"));
  CHECK_FALSE(with_usage(R"({"prompt_tokens":8,"completion_tokens":5,"cost_in_usd_ticks":0})").cost.has_value());
}

TEST_CASE("an answer reports the tier that served it", "[wire][usage]") {
  CHECK(read(R"({"choices":[],"service_tier":"priority"})").service_tier == "priority");
  CHECK(read(R"({"choices":[],"service_tier":null})").service_tier.empty());
  CHECK(
      read(R"({"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"service_tier":"flex"}})").service_tier ==
      "flex");
}

TEST_CASE("of two usage objects the last valid one counts, and that is odd", "[wire][answer_reader]") {
  const AnswerFacts second =
      read(R"({"usage":{"prompt_tokens":1,"completion_tokens":1},"usage":{"prompt_tokens":2,"completion_tokens":2}})");
  CHECK(second.usage.input == 2);
  CHECK(second.usage_odd);
  const AnswerFacts first =
      read(R"({"usage":{"prompt_tokens":1,"completion_tokens":1},"usage":{"prompt_tokens":-2,"completion_tokens":2}})");
  CHECK(first.usage.input == 1);
  CHECK(first.has_usage);
  CHECK(first.usage_odd);
}

TEST_CASE("embeddings have input only", "[wire][answer_reader]") {
  const AnswerFacts f = read(
      R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1,-2e-3]}],"model":"e","usage":{"prompt_tokens":8,"total_tokens":8}})");
  CHECK(f.has_content);
  CHECK(f.has_usage);
  CHECK(f.usage == Usage{.input = 8, .cached_input = 0, .cache_write = 0, .output = 0, .reasoning = 0});
  CHECK_FALSE(f.usage_odd);
}

TEST_CASE("chunks report choices, their end, and the usage chunk", "[wire][answer_reader]") {
  const AnswerFacts delta =
      read(R"({"id":"c","choices":[{"index":0,"delta":{"content":"ab\"c"},"finish_reason":null}],"usage":null})");
  CHECK(delta.has_choices);
  CHECK(delta.finish_reason.empty());
  CHECK(delta.weight.bytes() == 4);
  const AnswerFacts last = read(R"({"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}})");
  CHECK_FALSE(last.has_choices);
  CHECK(last.choices_empty);
  CHECK_FALSE(read("{}").choices_empty);
  const AnswerFacts two = read(
      R"({"choices":[{"index":0,"delta":{},"finish_reason":"length"},{"index":1,"delta":{"content":[{"type":"text","text":"xy"}],"reasoning":"z"},"finish_reason":null}]})");
  CHECK(two.finish_reason == "length");
  CHECK(two.weight.bytes() == 3);
  CHECK(two.weight.pieces == 1);
}

TEST_CASE("errors in the shapes that providers use", "[wire][answer_reader]") {
  const AnswerFacts openai =
      with_error(R"({"message":"Too \"many\"","type":"requests","param":"model","code":"rate_limit_exceeded"})");
  CHECK(openai.has_error);
  CHECK(openai.error.message == "Too \"many\"");
  CHECK(openai.error.type == "requests");
  CHECK(openai.error.param == "model");
  CHECK(openai.error.code == "rate_limit_exceeded");
  CHECK(openai.error.status == 0);
  CHECK_FALSE(openai.error.moderation);
  const AnswerFacts number = with_error(R"({"code":429,"message":"m","metadata":{"provider_name":"X","raw":"y"}})");
  CHECK(number.error.code == "429");
  CHECK(number.error.status == 429);
  CHECK_FALSE(number.error.moderation);
  CHECK(with_error(R"({"code":"502","message":"m"})").error.status == 502);
  CHECK(with_error(R"({"code":200,"message":"m"})").error.status == 0);
  CHECK(with_error(R"({"code":600,"message":"m"})").error.status == 0);
  CHECK(with_error(R"({"code":1e400,"message":"m"})").error.status == 0);
  CHECK(with_error(R"({"code":null,"message":null,"type":null,"param":null})").error.code.empty());
  CHECK(with_error(R"("plain text")").error.message == "plain text");
  CHECK_FALSE(with_error("{}").has_error);
  CHECK_FALSE(with_error(R"({"code":null,"message":""})").has_error);
  CHECK_FALSE(with_error("false").has_error);
  CHECK_FALSE(with_error(R"("")").has_error);
  CHECK(with_error("7").has_error);
  CHECK_FALSE(with_error("null").has_error);
  const AnswerFacts in_root =
      read(R"({"object":"error","message":"bad","type":"BadRequestError","param":null,"code":400})");
  CHECK(in_root.has_loose_error);
  CHECK(in_root.error.message == "bad");
  CHECK(in_root.error.status == 400);
  const AnswerFacts detail = read(R"({"detail":"Not here"})");
  CHECK(detail.has_loose_error);
  CHECK(detail.error.message == "Not here");
}

TEST_CASE("a refusal for content is distinguished from others", "[wire][answer_reader]") {
  CHECK(with_error(R"({"code":403,"message":"m","metadata":{"reasons":["violence"],"flagged_input":"x"}})")
            .error.moderation);
  CHECK(with_error(R"({"code":"content_policy_violation","message":"m"})").error.moderation);
  CHECK(with_error(R"({"code":"content_filter","message":"m"})").error.moderation);
  CHECK_FALSE(with_error(R"({"code":403,"message":"Key limit exceeded"})").error.moderation);
  CHECK_FALSE(with_error(R"({"code":403,"message":"m","metadata":{"reasons":null}})").error.moderation);
}

TEST_CASE("what is not one JSON object is none", "[wire][answer_reader]") {
  AnswerReader reader;
  AnswerFacts facts;
  for (const std::string& text :
       {std::string(), std::string(" "), std::string("[DONE]"), std::string("[]"), std::string("null"),
        std::string("<html></html>"), std::string(R"({"id":"x")"), std::string(R"({"id":"x"}})"),
        std::string(R"({"id":"x","usage":{"prompt_tokens":1,"completion_tokens":2},"z":[1,]})"),
        std::string(R"({"id":"x"} trailing)"), std::string("{\"id\":\"\xff\"}"), std::string(R"({"id":"\q"})"),
        std::string(R"({"error":{"message":"m"})"), std::string(300, '[')}) {
    INFO(text);
    reader.read(R"({"id":"before","usage":{"prompt_tokens":1,"completion_tokens":2},"error":"e"})", facts);
    REQUIRE(facts.is_object);
    reader.read(text, facts);
    CHECK_FALSE(facts.is_object);
    CHECK(facts.id.empty());
    CHECK_FALSE(facts.has_usage);
    CHECK_FALSE(facts.has_error);
  }
}

TEST_CASE("reading in place and from a copy is the same", "[wire][answer_reader]") {
  AnswerReader reader;
  AnswerFacts facts;
  reader.read(test::padded(R"({"id":"x","choices":[{"finish_reason":"stop"}]})"), facts);
  CHECK(facts.is_object);
  CHECK(facts.id == "x");
  CHECK(facts.finish_reason == "stop");
  reader.read(R"({"model":"y"})", facts);
  CHECK(facts.id.empty());
  CHECK(facts.finish_reason.empty());
  CHECK(facts.model == "y");
}

TEST_CASE("chunks are scanned without parsing", "[wire][scan_chunk]") {
  const ChunkHints plain =
      scan_chunk(R"({"choices":[{"delta":{"content":"a\"b\\"},"finish_reason":null}],"usage": null})");
  CHECK_FALSE(plain.may_have_usage);
  CHECK_FALSE(plain.may_have_error);
  CHECK_FALSE(plain.may_have_finish);
  CHECK(plain.weight.bytes() == 4);
  const ChunkHints end = scan_chunk(R"({"choices":[{"delta":{},"finish_reason" :  "stop"}],"usage" : {"a":1}})");
  CHECK(end.may_have_usage);
  CHECK(end.may_have_finish);
  CHECK(end.weight.bytes() == 0);
  CHECK(scan_chunk(R"({"error":{"message":"m"}})").may_have_error);
  CHECK_FALSE(scan_chunk(R"({"error":null})").may_have_error);
  CHECK_FALSE(scan_chunk(R"({"delta":{"content":"\"usage\": 1, \"error\": 2"}})").may_have_usage);
  CHECK_FALSE(scan_chunk(R"({"x":"usage"})").may_have_usage);
  CHECK(scan_chunk(R"({"delta":{"content":null,"refusal":"xyz"},"message":{"content":"wxyz"}})").weight.bytes() == 3);
  for (const char* broken :
       {"", "\"", "\"usage\"", "\"usage\":", "\"content\":\"", "\"content\":\"abc", "\"content\":\"a\\"}) {
    CHECK_FALSE(scan_chunk(broken).may_have_error);
  }
}

}  // namespace
}  // namespace gateway

TEST_CASE("usage and errors are read from within a choice as well", "[wire][answer]") {
  gateway::AnswerReader reader;
  gateway::AnswerFacts facts;
  const std::string inner =
      R"({"choices":[{"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":19,"completion_tokens":13}}])";
  reader.read(inner + "}", facts);
  CHECK(facts.usage.input == 19);
  CHECK(facts.usage.output == 13);
  reader.read(inner + R"(,"usage":{"prompt_tokens":20,"completion_tokens":14}})", facts);
  CHECK(facts.usage.input == 20);
  CHECK_FALSE(facts.usage_odd);
  reader.read(R"({"choices":[{"error":{"code":502,"message":"upstream"},"finish_reason":"error"}]})", facts);
  CHECK(facts.has_error);
  CHECK(facts.error.message == "upstream");
}

TEST_CASE("what an error has beside its reason is kept as it came, up to a bound", "[wire][answer]") {
  gateway::AnswerReader reader;
  gateway::AnswerFacts facts;
  reader.read(
      R"({"error":{"message":"m","innererror":{ "code":"c","filter":{"hate":{"filtered":true}} },"ids":["org-0123456789"],"x":1}})",
      facts);
  CHECK(facts.error.rest ==
        R"("innererror":{ "code":"c","filter":{"hate":{"filtered":true}} },"ids":["org-0123456789"])");
  const gateway::ApiError error = gateway::api_error::from_provider(400, facts.error);
  CHECK(error.metadata.find(R"({"provider":{"innererror":{)") == 0);
  CHECK(error.metadata.find("org-") == std::string::npos);
  reader.read(
      R"({"error":{"message":"m","innererror":{"a":")" + std::string(gateway::kMaxErrorRest, 'x') + R"("},"ids":[1]}})",
      facts);
  CHECK(facts.error.rest == R"("ids":[1])");
}

TEST_CASE("nothing of an earlier error stays for the next answer", "[wire][answer]") {
  gateway::AnswerReader reader;
  gateway::AnswerFacts facts;
  reader.read(R"({"error":{"message":"m","type":"t","param":"p","code":"c"}})", facts);
  REQUIRE(facts.error.message == "m");
  facts.error = {};
  facts.error.raw = "another client's";  // alone, as of an error without a word
  reader.read("{}", facts);
  CHECK(facts.error == gateway::ProviderError{});
}
