#include "policy/pricing/hold.h"

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

const Prices kPrices = ten_and_hundred();

// A chat request of 50 bytes in a strict project with a cap.
HoldInput request() {
  HoldInput in;
  in.input_bound = 50;
  in.input_estimate = 13;
  in.price = {&kPrices, "config"};
  in.capped = true;
  return in;
}

}  // namespace

TEST_CASE("the client's own limit bounds the output", "[policy][hold]") {
  HoldInput in = request();
  in.max_tokens = 20;
  HoldPlan plan = plan_hold(in);
  REQUIRE(plan.verdict == Verdict::ok);
  REQUIRE(plan.output_bound == 20);
  REQUIRE(plan.hold == m(50 * 10 + 20 * 100));
  REQUIRE_FALSE(plan.write_max_tokens);
  REQUIRE_FALSE(plan.clamped);

  SECTION("but a target's least, to which it is raised, counts as well") {
    in.target_least_output = 32;
    REQUIRE(plan_hold(in).output_bound == 32);
    in.clamp = 25;
    REQUIRE(plan_hold(in).output_bound == 25);
    REQUIRE(plan_hold(in).write_max_tokens == 25);
  }
  SECTION("of two the larger counts") {
    in.max_completion_tokens = 30;
    REQUIRE(plan_hold(in).output_bound == 30);
    in.max_tokens = 40;
    REQUIRE(plan_hold(in).output_bound == 40);
  }
  SECTION("also when it is nothing") {
    in.max_tokens = 0;
    in.target_max_output = 1000;
    REQUIRE(plan_hold(in).output_bound == 0);
    REQUIRE(plan_hold(in).hold == m(500));
  }
  SECTION("choices multiply the output, not the input") {
    in.n = 3;
    REQUIRE(plan_hold(in).output_bound == 60);
    REQUIRE(plan_hold(in).hold == m(500 + 6000));
    in.n = 0;
    REQUIRE(plan_hold(in).output_bound == 20);
  }
  SECTION("and goes before the target's") {
    in.target_max_output = 10;
    REQUIRE(plan_hold(in).output_bound == 20);
  }
}

TEST_CASE("else the target's own limit", "[policy][hold]") {
  HoldInput in = request();
  in.target_max_output = 1000;
  const HoldPlan plan = plan_hold(in);
  REQUIRE(plan.output_bound == 1000);
  REQUIRE_FALSE(plan.write_max_tokens);
}

TEST_CASE("an explicit clamp bounds what is more, and is written", "[policy][hold]") {
  HoldInput in = request();
  in.clamp = 100;
  SECTION("the client's") {
    in.max_tokens = 101;
    in.n = 2;
    const HoldPlan plan = plan_hold(in);
    REQUIRE(plan.write_max_tokens == 100);
    REQUIRE(plan.clamped);
    REQUIRE(plan.output_bound == 200);
  }
  SECTION("not if the client requests no more") {
    in.max_completion_tokens = 100;
    REQUIRE_FALSE(plan_hold(in).write_max_tokens);
  }
  SECTION("the target's, if the client sets nothing") {
    in.target_max_output = 128'000;
    REQUIRE(plan_hold(in).write_max_tokens == 100);
    in.target_max_output = 50;
    REQUIRE_FALSE(plan_hold(in).write_max_tokens);
    REQUIRE(plan_hold(in).output_bound == 50);
  }
  SECTION("and applies if nothing else is known") {
    REQUIRE(plan_hold(in).write_max_tokens == 100);
    REQUIRE(plan_hold(in).hold == m(500 + 100 * 100));
  }
  SECTION("also without a cap, and in mode estimate") {
    in.capped = false;
    REQUIRE(plan_hold(in).write_max_tokens == 100);
    in.capped = true;
    in.mode = SpendMode::estimate;
    REQUIRE(plan_hold(in).write_max_tokens == 100);
  }
}

TEST_CASE("with a strict cap and no limit known anywhere the default is written", "[policy][hold]") {
  HoldInput in = request();
  HoldPlan plan = plan_hold(in);
  REQUIRE(plan.write_max_tokens == kDefaultMaxOutput);
  REQUIRE(plan.clamped);
  REQUIRE(plan.hold == m(500 + 4096 * 100));

  in.capped = false;
  plan = plan_hold(in);
  REQUIRE_FALSE(plan.write_max_tokens);
  REQUIRE_FALSE(plan.clamped);
  REQUIRE(plan.hold == m(500 + 4096 * 100));

  in.capped = true;
  in.mode = SpendMode::estimate;
  REQUIRE_FALSE(plan_hold(in).write_max_tokens);
}

TEST_CASE("embeddings have no output", "[policy][hold]") {
  HoldInput in = request();
  in.operation = Operation::embeddings;
  in.clamp = 10;
  in.n = 7;
  const HoldPlan plan = plan_hold(in);
  REQUIRE(plan.output_bound == 0);
  REQUIRE(plan.hold == m(500));
  REQUIRE_FALSE(plan.write_max_tokens);
  REQUIRE(tokens_to_charge(in, 1000) == 13);
}

TEST_CASE("media without a price have no worst case under a strict cap", "[policy][hold]") {
  HoldInput in = request();
  in.max_tokens = 1;
  Prices p = kPrices;
  in.price.prices = &p;
  SECTION("images") {
    in.images = 2;
    REQUIRE(plan_hold(in).verdict == Verdict::unbounded_input);
    p.image = m(1000);
    REQUIRE(plan_hold(in).hold == m(500 + 100 + 2000));
  }
  SECTION("audio") {
    in.audios = 1;
    p.image = m(1000);
    REQUIRE(plan_hold(in).verdict == Verdict::unbounded_input);
    p.audio = m(1);
    REQUIRE(plan_hold(in).verdict == Verdict::ok);
  }
  SECTION("files have none ever") {
    in.files = 1;
    p.image = p.audio = m(1);
    REQUIRE(plan_hold(in).verdict == Verdict::unbounded_input);
  }
  SECTION("without a cap, or in mode estimate, they pass") {
    in.images = in.audios = in.files = 1;
    in.mode = SpendMode::estimate;
    REQUIRE(plan_hold(in).verdict == Verdict::ok);
    in.mode = SpendMode::strict;
    in.capped = false;
    REQUIRE(plan_hold(in).verdict == Verdict::ok);
    REQUIRE(plan_hold(in).hold == m(600));
  }
}

TEST_CASE("a model without a price is refused under a cap unless allowed", "[policy][hold]") {
  HoldInput in = request();
  const Prices unknown;
  in.price.prices = GENERATE(true, false) ? nullptr : &kPrices;
  if (in.price.prices != nullptr) in.price.prices = &unknown;
  in.images = 1;
  for (const SpendMode mode : {SpendMode::strict, SpendMode::estimate}) {
    in.mode = mode;
    in.capped = true;
    in.allow_unpriced = false;
    REQUIRE(plan_hold(in).verdict == Verdict::unpriced_model);
    in.allow_unpriced = true;
    REQUIRE(plan_hold(in).verdict == Verdict::ok);
    REQUIRE(plan_hold(in).hold == m(0));
    REQUIRE_FALSE(plan_hold(in).write_max_tokens);
    in.allow_unpriced = false;
    in.capped = false;
    REQUIRE(plan_hold(in).verdict == Verdict::ok);
    REQUIRE(plan_hold(in).hold == m(0));
  }
}

TEST_CASE("mode estimate holds what such requests cost, else what a short answer costs", "[policy][hold]") {
  HoldInput in = request();
  in.mode = SpendMode::estimate;
  in.target_max_output = 100'000;
  REQUIRE(plan_hold(in).hold == m(13 * 10 + 256 * 100));
  in.max_tokens = 5;
  REQUIRE(plan_hold(in).hold == m(130 + 500));
  in.n = 2;
  REQUIRE(plan_hold(in).hold == m(130 + 1000));
  REQUIRE(plan_hold(in).output_bound == 10);
  in.expected_cost = m(777);
  REQUIRE(plan_hold(in).hold == m(777));
}

TEST_CASE("absurd figures saturate", "[policy][hold]") {
  HoldInput in = request();
  in.max_tokens = INT64_MAX;
  in.n = INT64_MAX;
  in.input_bound = INT64_MAX;
  REQUIRE(plan_hold(in).output_bound == INT64_MAX);
  REQUIRE(plan_hold(in).hold == Money::max());
  in.input_estimate = INT64_MAX;
  REQUIRE(tokens_to_charge(in, INT64_MAX) == INT64_MAX);
}

TEST_CASE("the tokens charged at admission are the input's estimate and the expected output", "[policy][hold]") {
  HoldInput in = request();
  REQUIRE(tokens_to_charge(in, std::nullopt) == 13 + 256);
  REQUIRE(tokens_to_charge(in, 90) == 13 + 90);
  in.max_tokens = 40;
  REQUIRE(tokens_to_charge(in, 90) == 13 + 40);
  REQUIRE(tokens_to_charge(in, 30) == 13 + 30);
  in.n = 4;
  REQUIRE(tokens_to_charge(in, 30) == 13 + 120);
  in.max_tokens = 0;
  REQUIRE(tokens_to_charge(in, 30) == 13);
}
