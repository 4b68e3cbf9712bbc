#include "wire/openai/error_body.h"

#include <string>

#include "base/time_text.h"
#include "support/catch.h"
#include "wire/json/text.h"

namespace gateway {
namespace {

using std::chrono::milliseconds;

std::string body(const ApiError& error) {
  std::string out;
  append_error_body(out, error);
  return out;
}
std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}
Money dollars(const char* text) { return Money::parse(text).value(); }

api_error::SpendFigures figures() {
  return {Period::month, dollars("25"), dollars("24.9"), dollars("0.05"), parse_rfc3339("2026-12-01T00:00:00Z")};
}

TEST_CASE("strings are written as JSON, and bad UTF-8 replaced", "[wire][error_body]") {
  CHECK(json_string("") == R"("")");
  CHECK(json_string("a\"b\\c/d") == R"("a\"b\\c/d")");
  CHECK(json_string(std::string("\0\x01\x1f\x7f\n\r\t\b", 8)) == R"("\u0000\u0001\u001f\u007f\n\r\t\u0008")");
  CHECK(json_string("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80") == "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"");
  const std::string bad = "\xef\xbf\xbd";
  CHECK(json_string("a\xff") == "\"a" + bad + "\"");
  CHECK(json_string("\xc3") == "\"" + bad + "\"");
  CHECK(json_string("\xc0\x80") == "\"" + bad + bad + "\"");
  CHECK(json_string("\xed\xa0\x80") == "\"" + bad + bad + bad + "\"");
  CHECK(json_string("\xf5\x80\x80\x80") == "\"" + bad + bad + bad + bad + "\"");
  CHECK(json_string("\xe2\x82x") == "\"" + bad + bad + "x\"");
}

TEST_CASE("bodies have OpenAI's shape", "[wire][error_body]") {
  ApiError error;
  error.message = "no";
  error.type = "t";
  CHECK(body(error) == R"({"error":{"message":"no","type":"t","param":null,"code":null}})");
  error.param = "p\"";
  error.code = "c";
  error.metadata = R"({"a":1})";
  CHECK(body(error) == R"({"error":{"message":"no","type":"t","param":"p\"","code":"c","metadata":{"a":1}}})");
}

TEST_CASE("statuses, types and codes are the contract's", "[wire][error_body]") {
  using namespace api_error;
  const ProviderError none;
  const struct {
    ApiError error;
    int status;
    const char *type, *code;
  } table[] = {
      {bad_request("m.", "model"), 400, "invalid_request_error", ""},
      {invalid_api_key(), 401, "invalid_request_error", "invalid_api_key"},
      {model_not_allowed("m"), 403, "permission_error", "model_not_allowed"},
      {model_not_found("m"), 404, "invalid_request_error", "model_not_found"},
      {response_not_found("resp_1"), 404, "invalid_request_error", "response_not_found"},
      {unknown_url("GET", "/x", {}), 404, "invalid_request_error", "unknown_url"},
      {method_not_allowed("GET"), 405, "invalid_request_error", "method_not_allowed"},
      {body_too_large(10), 413, "invalid_request_error", "request_too_large"},
      {rate_limited("requests", 600, milliseconds(100)), 429, "requests", "rate_limit_exceeded"},
      {rate_limited("tokens", 600, milliseconds(100)), 429, "tokens", "rate_limit_exceeded"},
      {rate_limited("concurrency", 5, milliseconds(100)), 429, "concurrency", "rate_limit_exceeded"},
      {tokens_exceed_limit(10, 5), 429, "tokens", "request_exceeds_limit"},
      {cap_reached(figures()), 429, "insufficient_quota", "insufficient_quota"},
      {cap_busy(figures()), 429, "spend", "rate_limit_exceeded"},
      {exceeds_budget(figures(), dollars("1"), 10), 429, "insufficient_quota", "request_exceeds_budget"},
      {unpriced_model("m"), 400, "invalid_request_error", "unpriced_model"},
      {unbounded_input("images"), 400, "invalid_request_error", "unpriced_input"},
      {provider_unavailable(), 502, "server_error", "provider_unavailable"},
      {provider_rate_limited(std::nullopt), 429, "requests", "provider_rate_limited"},
      {provider_error(), 502, "server_error", "provider_error"},
      {provider_timeout(), 504, "server_error", "provider_timeout"},
      {from_provider(422, none), 422, "invalid_request_error", ""},
      {overloaded(), 503, "server_error", "overloaded"},
      {unavailable("x"), 503, "server_error", "unavailable"},
  };
  for (const auto& row : table) {
    INFO(row.code);
    CHECK(row.error.status == row.status);
    CHECK(row.error.type == row.type);
    CHECK(row.error.code == row.code);
    CHECK_FALSE(row.error.message.empty());
  }
}

TEST_CASE("what may be tried again reports when, what may not reports that", "[wire][error_body]") {
  using namespace api_error;
  CHECK(rate_limited("requests", 1, milliseconds(1500)).retry_after == milliseconds(1500));
  CHECK(rate_limited("requests", 1, milliseconds(-5)).retry_after == milliseconds(0));
  CHECK(cap_busy(figures()).retry_after == milliseconds(1000));
  CHECK(provider_rate_limited(milliseconds(7)).retry_after == milliseconds(7));
  CHECK(provider_rate_limited(std::nullopt).retry_after.has_value());
  CHECK(overloaded().retry_after.has_value());
  CHECK(unavailable("x").retry_after.has_value());
  for (const ApiError& final :
       {cap_reached(figures()), exceeds_budget(figures(), Money(), std::nullopt), tokens_exceed_limit(2, 1)}) {
    CHECK(final.should_not_retry);
    CHECK_FALSE(final.retry_after.has_value());
  }
  CHECK_FALSE(cap_busy(figures()).should_not_retry);
  const ProviderError none;
  for (const ApiError& final :
       {bad_request("m."), invalid_api_key(), metrics_not_allowed(), model_not_allowed("m"), model_not_found("m"),
        response_not_found("resp_1"), unknown_url("GET", "/x", {}), method_not_allowed("GET"), body_too_large(10),
        unpriced_model("m"), unpriced_option("plugins"), unbounded_input("images"), unsupported_feature("m"),
        no_target_fits("m"), from_provider(400, none), from_provider(422, none)}) {
    INFO(final.code);
    CHECK(final.should_not_retry);
  }
  for (const ApiError& passing :
       {rate_limited("tokens", 1, milliseconds(1)), provider_unavailable(), provider_rate_limited({}),
        target_resting(milliseconds(1)), provider_error(), provider_timeout(), overloaded(), unavailable("x")}) {
    INFO(passing.code);
    CHECK_FALSE(passing.should_not_retry);
  }
  CHECK(method_not_allowed("GET, HEAD").allow == "GET, HEAD");
}

TEST_CASE("the spend cap's figures are in the metadata", "[wire][error_body]") {
  const ApiError reached = api_error::cap_reached(figures());
  CHECK(reached.metadata ==
        R"({"limit":"spend","period":"month","cap":"25","spent":"24.9","held":"0.05","remaining":"0.05",)"
        R"("resets_at":"2026-12-01T00:00:00Z"})");
  CHECK(reached.message ==
        "You have reached the spend cap of 25 USD for this month. It resets at 2026-12-01T00:00:00Z.");
  auto total = figures();
  total.period = Period::total;
  total.resets_at.reset();
  total.spent = Money::max();
  total.held = Money::max();
  CHECK(api_error::cap_reached(total).metadata.find(R"("remaining":"0","resets_at":null})") != std::string::npos);
  CHECK(api_error::exceeds_budget(figures(), dollars("1.5"), 12)
            .metadata.find(R"(,"needed":"1.5","max_tokens_that_fit":12})") != std::string::npos);
  CHECK(api_error::exceeds_budget(figures(), dollars("1.5"), std::nullopt)
            .metadata.find(R"("max_tokens_that_fit":null})") != std::string::npos);
}

TEST_CASE("a provider's words pass, our account in them does not", "[wire][error_body]") {
  ProviderError error;
  error.message =
      "Model x is not in organization org-AbCdEfGh12345678, key sk-proj-abcdefgh***wxyz of proj_abcdefghijk.";
  error.type = "invalid_request_error";
  error.code = "model_not_found";
  error.param = "model";
  const ApiError out = api_error::from_provider(404, error);
  CHECK(out.status == 404);
  CHECK(out.code == "model_not_found");
  CHECK(out.param == "model");
  CHECK(out.message == "Model x is not in organization [redacted], key [redacted] of [redacted].");
  error.code = "400";
  CHECK(api_error::from_provider(400, error).code.empty());
  error.moderation = true;
  CHECK(api_error::from_provider(403, error).code == "content_policy_violation");
  error.message = "An org-wide rule, sk-ip it, \xc3\xa9";
  CHECK(api_error::from_provider(400, error).message == error.message);
  CHECK_FALSE(api_error::from_provider(404, ProviderError{}).message.empty());
}

TEST_CASE("an unknown URL is answered with those that there are", "[wire][errors]") {
  const std::vector<std::string> served{"POST /v1/a", "GET /v1/b", "GET /v1/c"};
  CHECK(api_error::unknown_url("GET", "/x", served).message ==
        "Unknown URL (GET /x). There are POST /v1/a, GET /v1/b and GET /v1/c.");
  CHECK(api_error::unknown_url("GET", "/x", {}).message == "Unknown URL (GET /x).");
}

TEST_CASE("every code of the table is one of our own", "[wire][errors]") {
  using namespace std::chrono_literals;
  const api_error::SpendFigures figures;
  ProviderError moderated;
  moderated.moderation = true;
  for (const ApiError& error : {api_error::bad_request("m"),
                                api_error::invalid_api_key(),
                                api_error::metrics_not_allowed(),
                                api_error::model_not_allowed("m"),
                                api_error::model_not_found("m"),
                                api_error::response_not_found("resp_1"),
                                api_error::unknown_url("GET", "/", {}),
                                api_error::method_not_allowed("GET"),
                                api_error::body_too_large(1),
                                api_error::rate_limited("requests", 1, 1s),
                                api_error::tokens_exceed_limit(2, 1),
                                api_error::cap_reached(figures),
                                api_error::cap_busy(figures),
                                api_error::exceeds_budget(figures, {}, {}),
                                api_error::unpriced_model("m"),
                                api_error::unpriced_option("n"),
                                api_error::unbounded_input("images"),
                                api_error::provider_unavailable(),
                                api_error::provider_rate_limited({}),
                                api_error::target_resting(1s),
                                api_error::provider_error(),
                                api_error::provider_timeout(),
                                api_error::from_provider(403, moderated),
                                api_error::overloaded(),
                                api_error::unavailable("it")}) {
    INFO(error.code);
    CHECK((error.code.empty() || is_own_code(error.code)));
  }
  CHECK(is_own_code("client_left"));
  CHECK_FALSE(is_own_code("made_up"));
  CHECK_FALSE(is_own_code(""));
}

}  // namespace
}  // namespace gateway
