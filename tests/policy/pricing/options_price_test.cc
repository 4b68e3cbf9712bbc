// What changes a price beside tokens: service tiers, what is paid per use, audio and images in answers.
#include "policy/pricing/hold.h"
#include "policy/pricing/settlement.h"
#include "policy/pricing/show_money.h"
#include "support/catch.h"

using namespace gateway;

namespace {

using Verdict = HoldPlan::Verdict;

Money m(std::int64_t units) { return Money::units(units); }

Prices ten_and_hundred() {
  Prices p;
  p.input = m(10);
  p.output = m(100);
  return p;
}

Prices with_everything() {
  Prices p = ten_and_hundred();
  p.request = m(3);
  p.web_search = m(7000);
  p.audio_output = m(900);
  p.service_tiers = {{"priority", 2'000'000}, {"flex", 500'000}};
  return p;
}

HoldPlan plan(const Prices& prices, const RequestOptions& options, SpendMode mode = SpendMode::strict,
              bool capped = true) {
  HoldInput in;
  in.input_bound = 50;
  in.input_estimate = 13;
  in.max_tokens = 20;
  in.price = {&prices, "config"};
  in.capped = capped;
  in.mode = mode;
  in.options = &options;
  return plan_hold(in);
}

RequestOptions tier(const char* name) {
  RequestOptions options;
  options.service_tier = name;
  return options;
}
RequestOptions search(std::int64_t count) {
  RequestOptions options;
  options.web_searches = count;
  options.search_field = "web_search_options";
  return options;
}
RequestOptions audio() {
  RequestOptions options;
  options.audio_output = true;
  options.output_field = "modalities";
  return options;
}

}  // namespace

TEST_CASE("a strict cap holds what a request contains beside tokens", "[policy][options]") {
  const Prices prices = with_everything();
  CHECK(plan(prices, tier("")).hold == m(3 + 500 + 2000));
  CHECK(plan(prices, tier("default")).hold == m(2503));
  CHECK(plan(prices, tier("auto")).hold == m(2503));
  CHECK(plan(prices, tier("priority")).hold == m(3 + 2 * 2500));
  CHECK(plan(prices, tier("flex")).hold == m(3 + 1250));
  CHECK(plan(prices, search(3)).hold == m(2503 + 21'000));
  CHECK(plan(prices, audio()).hold == m(3 + 500 + 20 * 900));
}

TEST_CASE("a strict cap refuses what has no price, and names it", "[policy][options]") {
  const Prices prices = ten_and_hundred();
  const auto refused = [&](const RequestOptions& options) {
    const HoldPlan strict = plan(prices, options);
    CHECK((strict.verdict == Verdict::unpriced_option) == !strict.option.empty());
    CHECK(plan(prices, options, SpendMode::estimate).verdict == Verdict::ok);
    CHECK(plan(prices, options, SpendMode::strict, false).verdict == Verdict::ok);
    return strict.option;
  };
  CHECK(refused(tier("")).empty());
  CHECK(refused(tier("standard")).empty());
  CHECK(refused(tier("priority")) == "service_tier");
  CHECK(refused(search(1)) == "web_search_options");
  CHECK(refused(audio()) == "modalities");
  RequestOptions other;
  other.unpriced = "plugins";
  CHECK(refused(other) == "plugins");
  RequestOptions preset;
  preset.preset = true;
  CHECK(refused(preset) == "preset");
}

TEST_CASE("the tier that served a request is the one that it costs", "[policy][options]") {
  const Prices prices = with_everything();
  Observed seen;
  seen.ending = Observed::Ending::whole;
  seen.usage = Usage{.input = 3, .cached_input = 0, .cache_write = 0, .output = 4, .reasoning = 0};
  const auto cost = [&] { return settle(seen, {&prices, "config"}, {}); };
  CHECK(cost().cost == m(433));
  CHECK((cost().flags & row_flag::surcharged) == 0);
  seen.asked.tier = 2'000'000;
  CHECK(cost().cost == m(863));
  CHECK((cost().flags & row_flag::surcharged) != 0);
  seen.service_tier = "default";  // it was asked for another
  CHECK(cost().cost == m(433));
  seen.service_tier = "flex";
  CHECK(cost().cost == m(218));
  seen.service_tier = "unheard of";
  CHECK(cost().cost == m(863));
  seen.service_tier = "priority";
  seen.asked = {};
  CHECK(cost().cost == m(863));
}

TEST_CASE("searches and audio in answers have their own price", "[policy][options]") {
  const Prices prices = with_everything();
  Observed seen;
  seen.ending = Observed::Ending::whole;
  seen.usage = Usage{.input = 3, .cached_input = 0, .cache_write = 0, .output = 4, .reasoning = 1};
  seen.asked.web_searches = 2;
  CHECK(settle(seen, {&prices, "config"}, {}).cost == m(433 + 14'000));
  seen.asked = {};
  seen.audio_output = 2;
  CHECK(settle(seen, {&prices, "config"}, {}).cost == m(3 + 30 + 2 * 100 + 2 * 900));
  seen.audio_output = 0;
  seen.asked.audio_output = 1;  // asked for, and how much it was is not reported
  CHECK(settle(seen, {&prices, "config"}, {}).cost == m(3 + 30 + 100 + 3 * 900));
}

TEST_CASE("a tier's rates are rounded up", "[policy][options]") {
  Prices prices;
  prices.input = m(3);
  prices.output = m(0);
  prices.service_tiers = {{"flex", 500'000}, {"none", 1}};
  Usage usage;
  usage.input = 10;
  CHECK(price(prices, usage, 0, 0, {}, {}, {.tier = *tier_factor(prices, "flex")}) == m(20));
  CHECK(price(prices, usage, 0, 0, {}, {}, {.tier = *tier_factor(prices, "none")}) == m(10));
  prices.input = Money::max();
  CHECK(price(prices, usage, 0, 0, {}, {}, {.tier = 5'000'000}) == Money::max());
}

TEST_CASE("a price for input alone does not make output free", "[policy][hold]") {
  Prices prices;
  prices.input = m(10);
  HoldInput in;
  in.input_bound = 50;
  in.max_tokens = 20;
  in.price = {&prices, "config"};
  in.capped = true;
  CHECK(plan_hold(in).verdict == Verdict::unpriced_model);
  in.allow_unpriced = true;
  CHECK(plan_hold(in).verdict == Verdict::ok);
  in.allow_unpriced = false;
  in.capped = false;
  CHECK(plan_hold(in).verdict == Verdict::ok);
  in.capped = true;
  in.operation = Operation::embeddings;  // has no output
  CHECK(plan_hold(in).verdict == Verdict::ok);
  CHECK(plan_hold(in).hold == m(500));
  in.operation = Operation::chat;
  prices.output = m(0);
  CHECK(plan_hold(in).verdict == Verdict::ok);
  prices = {};
  prices.request = m(5);  // a price per request is one
  CHECK(plan_hold(in).hold == m(5));

  prices = {};
  prices.input = m(10);
  Observed seen;
  seen.ending = Observed::Ending::whole;
  seen.usage = Usage{.input = 3, .cached_input = 0, .cache_write = 0, .output = 4, .reasoning = 0};
  const Settlement settled = settle(seen, {&prices, "config"}, {});
  CHECK(settled.cost == m(30));
  CHECK((settled.flags & row_flag::unpriced) != 0);
}

TEST_CASE("an estimate is at most what the answers can have been", "[policy][settlement]") {
  const Prices prices = ten_and_hundred();
  Observed seen;
  seen.ending = Observed::Ending::cut_off;
  seen.input_estimate = 7;
  seen.emitted_bytes = 1'000'000;
  CHECK(settle(seen, {&prices, "config"}, {}).usage.output == 250'000);
  seen.output_bound = 20;
  CHECK(settle(seen, {&prices, "config"}, {}).usage.output == 20);
}

TEST_CASE("beside a provider's own cost tokens are estimated if none were reported", "[policy][settlement]") {
  const Prices prices = ten_and_hundred();
  Observed seen;
  seen.ending = Observed::Ending::whole;
  seen.input_estimate = 7;
  seen.emitted_bytes = 40;
  seen.cost = m(5);
  seen.usage_odd = true;
  const Settlement settled = settle(seen, {&prices, "config"}, {});
  CHECK(settled.cost == m(5));
  CHECK(settled.source == CostSource::provider);
  CHECK(settled.usage.output == 10);
  CHECK(settled.flags == (row_flag::usage_odd | row_flag::usage_missing));
}
