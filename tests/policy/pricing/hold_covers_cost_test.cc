#include <fmt/format.h>

#include <random>

#include "policy/pricing/hold.h"
#include "policy/pricing/settlement.h"
#include "policy/pricing/show_money.h"
#include "proxy/hold_input.h"
#include "support/catch.h"
#include "wire/openai/bodies.h"
#include "wire/openai/request_reader.h"

using namespace gateway;

namespace {

const WallTime kDay = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22};

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  std::int64_t below(std::int64_t n) { return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(n)); }
  bool one_in(std::int64_t n) { return below(n) == 0; }

 private:
  std::mt19937_64 random_;
};

Prices figures(Dice& dice) {
  Prices p;
  for (auto* figure : {&p.input, &p.output, &p.cached_input, &p.cache_write, &p.reasoning, &p.request, &p.image,
                       &p.audio, &p.web_search, &p.audio_input, &p.image_input, &p.audio_output, &p.image_output}) {
    if (dice.one_in(2)) *figure = Money::units(dice.below(1000));
  }
  return p;
}

Prices prices(Dice& dice) {
  Prices p = figures(dice);
  p.input = Money::units(dice.below(1000));
  p.output = Money::units(dice.below(1000));
  if (dice.one_in(2)) p.service_tiers = {{"priority", 1 + dice.below(3'000'000)}, {"flex", 500'000}};
  for (std::int64_t i = dice.below(4); i > 0; --i) {
    PriceOverride o{dice.one_in(2) ? 0 : dice.below(400), {}, {}, figures(dice)};
    if (dice.one_in(2)) o.utc_start_minute = static_cast<int>(dice.below(1440));
    if (dice.one_in(2)) o.utc_end_minute = static_cast<int>(dice.below(1440));
    p.overrides.push_back(std::move(o));
  }
  return p;
}

std::string body(Dice& dice) {
  const auto text = [&dice] { return std::string(static_cast<std::size_t>(dice.below(60)), 'x'); };
  std::string messages;
  for (std::int64_t i = 1 + dice.below(3); i > 0; --i) {
    std::string parts = fmt::format(R"({{"type":"text","text":"{}"}})", text());
    if (dice.one_in(3))
      parts += fmt::format(R"(,{{"type":"image_url","image_url":{{"url":"data:image/png;base64,{}"}}}})", text());
    if (dice.one_in(4))
      parts += fmt::format(R"(,{{"type":"input_audio","input_audio":{{"data":"{}","format":"wav"}}}})", text());
    if (dice.one_in(12)) parts += fmt::format(R"(,{{"type":"file","file":{{"file_data":"{}"}}}})", text());
    messages += fmt::format(R"({}{{"role":"user","content":[{}]}})", messages.empty() ? "" : ",", parts);
  }
  std::string members = fmt::format(R"("model":"m","messages":[{}])", messages);
  if (dice.one_in(2)) members += fmt::format(R"(,"max_tokens":{})", dice.below(100));
  if (dice.one_in(3)) members += fmt::format(R"(,"n":{})", 1 + dice.below(3));
  if (dice.one_in(4)) members += R"(,"tools":[{"type":"function","function":{"name":"f"}}])";
  if (dice.one_in(4)) members += dice.one_in(2) ? R"(,"service_tier":"priority")" : R"(,"service_tier":"flex")";
  if (dice.one_in(6)) members += R"(,"web_search_options":{})";
  if (dice.one_in(6)) members += R"(,"modalities":["text","audio"])";
  return "{" + members + "}";
}

}  // namespace

TEST_CASE("what we price is never more than what a strict cap held", "[policy][hold][settlement]") {
  Dice dice(11);
  ProjectConfig project;
  project.spend.caps.emplace_back();
  RequestReader reader;
  int with_media = 0, with_options = 0;
  for (int round = 0; round < 4000; ++round) {
    const std::string json = body(dice);
    RequestFacts facts;
    BadRequest why;
    REQUIRE(reader.read(Operation::chat, test::padded(json), facts, why));
    const Prices p = prices(dice);
    const WallTime at = kDay + std::chrono::seconds{dice.below(86'400)};
    HoldInput in = hold_input(Operation::chat, facts, project, at);
    in.price = {&p, "config"};
    if (dice.one_in(2)) in.target_max_output = dice.below(200);
    const HoldPlan plan = plan_hold(in);
    if (plan.verdict != HoldPlan::Verdict::ok) continue;
    const bool media = facts.images + facts.audios > 0;
    with_media += media ? 1 : 0;
    for (int i = 0; i < 20; ++i) {
      Observed seen;
      seen.ending = Observed::Ending::whole;
      seen.images = facts.images;
      seen.audios = facts.audios;
      seen.text_bound = facts.input_bound;
      seen.asked = plan.beside;
      if (dice.one_in(2)) seen.service_tier = std::string_view(facts.options.service_tier);
      // Images and audio come on top of the text as any number of tokens; any part of it all may be cached.
      Usage& u = seen.usage.emplace();
      u.input = dice.below(facts.input_bound + 1) + (media ? dice.below(5000) : 0);
      u.cached_input = dice.below(u.input + 1);
      u.cache_write = dice.below(u.input - u.cached_input + 1);
      u.output = dice.below(plan.output_bound + 1);
      u.reasoning = dice.below(u.output + 1);
      if (facts.options.audio_output) seen.audio_output = dice.below(u.output - u.reasoning + 1);
      const std::int64_t plain = u.input - u.cached_input - u.cache_write;
      if (facts.images > 0) seen.image_input = dice.below(plain + 1);
      if (facts.audios > 0) seen.audio_input = dice.below(plain - seen.image_input + 1);
      with_options += plan.beside != Surcharges{} ? 1 : 0;
      const Settlement s = settle(seen, in.price, at);
      CAPTURE(json, u.input, u.cached_input, u.cache_write, u.output);
      REQUIRE(s.cost <= plan.hold);
      REQUIRE(s.usage == u);
    }
  }
  REQUIRE(with_media > 300);
  REQUIRE(with_options > 3000);
}
