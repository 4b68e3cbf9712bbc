// What is billed by other units than tokens: images, seconds of audio, characters and searches.
#include "policy/pricing/hold.h"
#include "policy/pricing/settlement.h"
#include "policy/pricing/show_money.h"
#include "support/catch.h"

using namespace gateway;

namespace {

using Verdict = HoldPlan::Verdict;

Money m(std::int64_t units) { return Money::units(units); }

Prices by_units() {
  Prices p;
  p.image_output_each = m(40'000);
  p.audio_second = m(100);
  p.character = m(15);
  p.web_search = m(2'000);
  return p;
}

HoldPlan plan(const Prices& prices, HoldInput in) {
  in.input_bound = 50;
  in.max_tokens = 0;
  in.price = {&prices, "config"};
  in.capped = true;
  return plan_hold(in);
}

Observed whole(const Usage& usage) {
  Observed seen;
  seen.ending = Observed::Ending::whole;
  seen.input_estimate = 13;
  seen.usage = usage;
  return seen;
}

}  // namespace

TEST_CASE("each unit is charged at its own price", "[policy][pricing]") {
  const Prices prices = by_units();
  Usage usage;
  usage.images = 2;
  CHECK(price(prices, usage, 0, 0, {}) == m(80'000));
  usage.audio_ms = 1500;
  CHECK(price(prices, usage, 0, 0, {}) == m(80'150));
  usage.audio_ms = 1501;  // parts of the smallest unit of money are rounded up
  CHECK(price(prices, usage, 0, 0, {}) == m(80'151));
  usage.characters = 10;
  usage.searches = 3;
  CHECK(price(prices, usage, 0, 0, {}) == m(80'151 + 150 + 6'000));
  usage.images = usage.audio_ms = usage.characters = usage.searches = -1;
  CHECK(price(prices, usage, 0, 0, {}) == m(0));
  usage.audio_ms = std::numeric_limits<std::int64_t>::max();
  Prices dear = prices;
  dear.audio_second = Money::max();
  CHECK(price(dear, usage, 0, 0, {}) == Money::max());
}

TEST_CASE("what an answer counts goes before what was requested", "[policy][pricing]") {
  const Prices prices = by_units();
  Surcharges asked;
  asked.web_searches = 5;
  asked.images = 4;
  Usage usage;
  CHECK(price(prices, usage, 0, 0, {}, std::nullopt, asked) == m(10'000 + 160'000));
  usage.searches = 1;
  usage.images = 1;
  CHECK(price(prices, usage, 0, 0, {}, std::nullopt, asked) == m(2'000 + 40'000));
}

TEST_CASE("a strict cap holds for the units that are requested, and refuses those without a price",
          "[policy][pricing]") {
  const Prices prices = by_units();
  HoldInput in;
  in.operation = Operation::images;
  in.made_images = 3;
  CHECK(plan(prices, in).verdict == Verdict::ok);
  CHECK(plan(prices, in).hold == m(120'000));
  in.operation = Operation::speech;
  in.made_images = 0;
  in.characters = 100;
  CHECK(plan(prices, in).hold == m(1'500));
  in.operation = Operation::transcriptions;
  in.characters = 0;
  in.audio_ms = 2'000;
  CHECK(plan(prices, in).hold == m(200));
  in.operation = Operation::rerank;
  in.audio_ms = 0;
  in.searches = 2;
  CHECK(plan(prices, in).hold == m(4'000));

  Prices both = prices;  // of an image and of its tokens, which nothing bounds
  both.input = m(1);
  both.output = m(40);
  in.operation = Operation::images;
  in.searches = 0;
  in.made_images = 1;
  CHECK(plan(both, in).verdict == Verdict::unpriced_model);
  in.target_max_output = 1'000;
  CHECK(plan(both, in).hold == m(50 + 40'000 + 40'000));
  in.target_max_output.reset();
  in.operation = Operation::rerank;
  in.made_images = 0;
  in.searches = 2;

  Prices tokens;
  tokens.input = m(10);
  CHECK(plan(tokens, in).hold == m(500));  // some rerank by tokens
  in.searches = 0;
  in.operation = Operation::images;
  in.made_images = 2;
  CHECK(plan(tokens, in).verdict == Verdict::unpriced_model);
  tokens.output = m(40);
  CHECK(plan(tokens, in).verdict == Verdict::unpriced_model);  // nothing bounds the tokens of an image
  in.target_max_output = 1'000;
  in.n = 2;
  CHECK(plan(tokens, in).hold == m(500 + 80'000));
  in.made_images = 0;
  in.n = 1;
  in.target_max_output.reset();
  in.operation = Operation::transcriptions;
  in.audio_ms = 1'001;  // two seconds of at most 50 tokens, heard and written
  CHECK(plan(tokens, in).hold == m(500 + 1'000 + 4'000));
  in.audio_ms = 0;
  in.operation = Operation::speech;
  in.characters = 9;
  CHECK(plan(tokens, in).verdict == Verdict::unpriced_model);
  in.characters = 0;
  in.operation = Operation::chat;
  CHECK(plan(prices, in).verdict == Verdict::unpriced_model);  // a conversation has tokens alone
}

TEST_CASE("a strict cap takes the built-in prices of media, and refuses what has none", "[policy][pricing]") {
  const auto plan_of = [](const char* model, HoldInput in) {
    const CatalogueModel* known = builtin_price(model);
    in.input_bound = 50;
    in.capped = true;
    if (known != nullptr) in.price = {&known->prices, builtin_version()};
    if (known != nullptr && known->max_output_tokens > 0) in.target_max_output = known->max_output_tokens;
    return plan_hold(in);
  };
  HoldInput in;
  in.operation = Operation::images;
  in.made_images = 1;
  CHECK(plan_of("gpt-image-1", in).hold == m(50 * 5'000'000LL + 40'000'000LL * 6'540));
  CHECK(plan_of("gpt-image-2", in).verdict == Verdict::unpriced_model);  // nothing bounds its tokens
  CHECK(plan_of("dall-e-3", in).verdict == Verdict::unpriced_model);
  in.images = 1;  // nor those of an image that is edited
  in.operation = Operation::image_edits;
  CHECK(plan_of("gpt-image-1", in).verdict == Verdict::unbounded_input);
  in = {};
  in.operation = Operation::transcriptions;
  in.audio_ms = 60'000;
  CHECK(plan_of("whisper-1", in).hold == Money::parse("0.006").value());
  CHECK(plan_of("gpt-4o-transcribe", in).hold == m(2'500'000LL * (50 + 3'000) + 10'000'000LL * 2'000));
  CHECK(plan_of("tts-1", in).verdict == Verdict::unpriced_model);
  in = {};
  in.operation = Operation::speech;
  in.characters = 1'000;
  CHECK(plan_of("tts-1-hd", in).hold == Money::parse("0.03").value());
  CHECK(plan_of("gpt-4o-mini-tts", in).verdict == Verdict::unpriced_model);
  in = {};
  in.operation = Operation::rerank;
  in.searches = 3;
  CHECK(plan_of("rerank-v3.5", in).hold == Money::parse("0.006").value());
  CHECK(plan_of("rerank-v5.0-fast", in).hold == m(50 * 20'000));
  in = {};
  in.operation = Operation::moderations;
  CHECK(plan_of("omni-moderation-latest", in).verdict == Verdict::ok);
  CHECK(plan_of("whisper-1", in).verdict == Verdict::unpriced_model);
  in.operation = Operation::embeddings;
  CHECK(plan_of("rerank-v3.5", in).verdict == Verdict::unpriced_model);
  CHECK(plan_of("text-embedding-3-small", in).hold == m(50 * 20'000));
}

TEST_CASE("tokens of images and audio have prices of their own, in the hold and in the bill", "[policy][pricing]") {
  Prices prices;
  prices.input = m(5);
  prices.output = m(40);
  prices.image_input = m(10);
  prices.audio_input = m(100);
  HoldInput in;
  in.operation = Operation::transcriptions;
  in.audio_ms = 1'000;
  in.target_max_output = 1;
  CHECK(plan(prices, in).hold == m(100 * (50 + 50) + 40));
  Observed seen = whole({.input = 100, .cached_input = 10, .cache_write = 0, .output = 1, .reasoning = 0});
  seen.image_input = 60;
  seen.audio_input = 20;
  const Settlement bill = settle(seen, {&prices, "config"}, {});
  CHECK(bill.cost == m(5 * 20 + 10 * 60 + 100 * 20 + 40));
  CHECK((bill.flags & row_flag::surcharged) != 0);
  prices.image = m(7);  // each has a price, which pays for its tokens
  prices.audio = m(8);
  seen.images = seen.audios = 1;
  seen.text_bound = 20;
  CHECK(settle(seen, {&prices, "config"}, {}).cost == m(7 + 8 + 5 * 20 + 40));
  prices = {};
  prices.input = m(5);
  prices.output = m(40);
  const Settlement usual = settle(seen, {&prices, "config"}, {});  // without such prices all input is alike
  CHECK(usual.cost == m(5 * 100 + 40));
  CHECK((usual.flags & row_flag::surcharged) == 0);
}

TEST_CASE("completions are bounded by the one name that they have for it", "[policy][pricing]") {
  Prices prices;
  prices.input = m(1);
  prices.output = m(10);
  HoldInput in;
  in.operation = Operation::completions;
  in.input_bound = 50;
  in.price = {&prices, "config"};
  in.capped = true;
  in.max_completion_tokens = 1;
  const HoldPlan unbounded = plan_hold(in);
  CHECK(unbounded.write_max_tokens.has_value());
  CHECK(unbounded.output_bound > 1);
  in.max_tokens = 7;
  CHECK(plan_hold(in).output_bound == 7);
  in.operation = Operation::chat;
  in.max_completion_tokens = 9;
  CHECK(plan_hold(in).output_bound == 9);
}

TEST_CASE("units settle without tokens, and without a price are flagged", "[policy][pricing]") {
  const Prices prices = by_units();
  Usage usage;
  usage.images = 2;
  const Settlement done = settle(whole(usage), {&prices, "config"}, {});
  CHECK(done.cost == m(80'000));
  CHECK(done.source == CostSource::priced);
  CHECK(done.flags == 0);
  CHECK(done.usage == usage);

  Usage searched;
  searched.searches = 3;
  Prices by_search;
  by_search.web_search = m(2'000);
  CHECK(settle(whole(searched), {&by_search, "config"}, {}).cost == m(6'000));
  CHECK(settle(whole(searched), {&by_search, "config"}, {}).flags == 0);

  Observed heard = whole(Usage{});
  heard.usage->input = heard.usage->output = 50;  // counts tokens, and is paid by the second
  heard.asked.audio_ms = 2'000;
  CHECK(settle(heard, {&prices, "config"}, {}).cost == m(200));
  CHECK(settle(heard, {&prices, "config"}, {}).flags == 0);

  Prices others;
  others.request = m(5);
  const Settlement flagged = settle(whole(usage), {&others, "config"}, {});
  CHECK((flagged.flags & row_flag::unpriced) != 0);

  Observed cut = whole(usage);
  cut.ending = Observed::Ending::cut_off;
  cut.usage.reset();
  cut.asked.images = 3;
  const Settlement estimated = settle(cut, {&prices, "config"}, {});
  CHECK(estimated.cost == m(120'000));
  CHECK(estimated.usage.images == 3);
}

TEST_CASE("sound that an answer does not count costs about what its length is in tokens", "[policy][pricing]") {
  Prices prices;
  prices.input = m(2);
  prices.audio_input = m(6);
  prices.output = m(10);
  Observed seen;
  seen.ending = Observed::Ending::whole;
  seen.input_estimate = 3;
  seen.asked.audio_ms = 60'000;
  const Settlement bill = settle(seen, {&prices, "config"}, {});
  CHECK(bill.usage.input == 3 + 600);
  CHECK(bill.cost >= m(600 * 6));
  CHECK(bill.source == CostSource::estimated);
  Prices by_second;
  by_second.audio_second = m(100);
  Usage usage;
  usage.input = 100;
  usage.output = 5;
  Observed counted = whole(usage);  // tokens, but no seconds
  counted.asked.audio_ms = 2'000;
  const Settlement guessed = settle(counted, {&by_second, "config"}, {});
  CHECK(guessed.cost == m(200));
  CHECK(guessed.usage.audio_ms == 2'000);
  CHECK(guessed.source == CostSource::estimated);
}
