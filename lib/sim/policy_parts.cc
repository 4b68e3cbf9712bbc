// What a policy's test is made of: parts of configurations, and providers' answers.
#include <utility>

#include "gateway/testing/policy_fixture.h"
#include "sim/json_text.h"

namespace gateway::testing {
namespace {

std::string usage_member(std::int64_t input, std::int64_t output) {
  return R"("usage":{"prompt_tokens":)" + std::to_string(input) + R"(,"completion_tokens":)" + std::to_string(output) +
         R"(,"total_tokens":)" + std::to_string(input + output) + "}";
}

std::string event(std::string_view members) {
  return R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk",)" + std::string(members) + "}\n\n";
}

Money per_token(std::string_view per_million) {
  constexpr std::int64_t kMillion = 1'000'000;
  const Money price = usd(per_million);
  if (price.units() % kMillion != 0) detail::die("per_million: a price has at most 6 decimals");
  return Money::units(price.units() / kMillion);
}

}  // namespace

Money usd(std::string_view amount) { return Money::parse(amount).value(); }

Prices per_million(std::string_view input, std::string_view output) {
  Prices prices;
  prices.input = per_token(input);
  prices.output = per_token(output);
  return prices;
}

RouteConfig route(std::string pattern, const std::vector<std::string>& providers, std::optional<Prices> prices) {
  RouteConfig out;
  out.pattern = std::move(pattern);
  for (const std::string& provider : providers) {
    TargetConfig target;
    target.provider = provider;
    target.prices = prices;
    out.targets.push_back(std::move(target));
  }
  return out;
}

ProjectConfig capped_project(std::string name, std::string_view cap, Period period) {
  ProjectConfig project;
  project.name = std::move(name);
  SpendCap& only = project.spend.caps.emplace_back();
  only.cap = usd(cap);
  only.period = period;
  return project;
}

Answer chat_answer(std::string_view content, std::int64_t input, std::int64_t output) {
  return Answer::json(200, R"({"id":"chatcmpl-1","object":"chat.completion","choices":[{"index":0,"message":)"
                           R"({"role":"assistant","content":)" +
                               json_text(content) + R"(},"finish_reason":"stop"}],)" + usage_member(input, output) +
                               "}");
}

Answer chat_stream(std::string_view content, std::int64_t input, std::int64_t output) {
  return Answer::stream(
      {event(R"("choices":[{"index":0,"delta":{"role":"assistant","content":)" + json_text(content) + "}}]"),
       event(R"("choices":[{"index":0,"delta":{},"finish_reason":"stop"}])"),
       event(R"("choices":[],)" + usage_member(input, output)), "data: [DONE]\n\n"});
}

Scripted silence() { return Scripted(Answer(), Duration::max()); }

}  // namespace gateway::testing
