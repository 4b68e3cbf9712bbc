// Who does far worse than the others of its route, and for how long it rests.
#include "policy/routing/outliers.h"

#include "policy/routing/router.h"
#include "support/catch.h"

using namespace gateway;
using namespace std::chrono_literals;

namespace {

using Outliers = std::vector<Outlier>;
constexpr Outlier kNone = Outlier::none, kErrors = Outlier::errors, kSlow = Outlier::slowness;
const TimePoint kStart{std::chrono::hours(1000)};

JudgedTarget failing(std::int64_t attempts, std::int64_t failures, bool rests = false) {
  return {{.attempts = attempts, .failures = failures}, rests};
}
JudgedTarget waiting(std::int64_t begun, std::chrono::milliseconds each) {
  return {{.attempts = begun, .failures = 0, .begun = begun, .waited = begun * Duration(each)}, false};
}

Outliers found(const std::vector<JudgedTarget>& targets, const OutlierConfig& config = {}) {
  Outliers out(targets.size(), kErrors);
  find_outliers(targets, config, out);
  return out;
}

RouteConfig route(std::string pattern, const std::vector<std::string>& providers, std::string model = "m") {
  RouteConfig out;
  out.pattern = std::move(pattern);
  for (const std::string& provider : providers) {
    TargetConfig& target = out.targets.emplace_back();
    target.provider = provider;
    target.model = model;
  }
  return out;
}

}  // namespace

TEST_CASE("a target is an outlier by its errors, if it fails far more often than the others", "[policy][outliers]") {
  struct Row {
    const char* what;
    std::vector<JudgedTarget> targets;
    Outliers expected;
  };
  const std::vector<Row> table{
      {"nobody fails", {failing(100, 0), failing(100, 0)}, {kNone, kNone}},
      {"one fails by half", {failing(100, 50), failing(100, 0)}, {kErrors, kNone}},
      {"a little less than that", {failing(100, 49), failing(100, 0)}, {kNone, kNone}},
      {"so do all others", {failing(100, 90), failing(100, 60)}, {kNone, kNone}},
      {"the others are counted together",
       {failing(100, 70), failing(900, 90), failing(100, 40)},
       {kErrors, kNone, kNone}},
      {"it has too few attempts", {failing(19, 19), failing(100, 0)}, {kNone, kNone}},
      {"the others have", {failing(100, 100), failing(19, 0)}, {kNone, kNone}},
      {"there is no other", {failing(100, 100)}, {kNone}},
      {"it rests already", {failing(100, 100, true), failing(100, 0)}, {kNone, kNone}},
      {"half of them may rest, the worst one",
       {failing(100, 80), failing(100, 95), failing(1000, 0)},
       {kNone, kErrors, kNone}},
      {"and one does already", {failing(100, 80), failing(0, 0, true), failing(1000, 0)}, {kNone, kNone, kNone}},
      {"of four two may",
       {failing(100, 80), failing(100, 95), failing(1000, 0), failing(1000, 0)},
       {kErrors, kErrors, kNone, kNone}},
  };
  for (const Row& row : table) {
    INFO(row.what);
    CHECK(found(row.targets) == row.expected);
  }
  OutlierConfig off;
  off.errors_over = 0;
  CHECK(found({failing(100, 100), failing(100, 0)}, off) == Outliers{kNone, kNone});
}

TEST_CASE("a target is an outlier by its slowness, if that is asked for", "[policy][outliers]") {
  const std::vector<JudgedTarget> targets{waiting(50, 3100ms), waiting(50, 1000ms), waiting(50, 900ms)};
  CHECK(found(targets) == Outliers{kNone, kNone, kNone});
  OutlierConfig config;
  config.slower_than = 3;
  CHECK(found(targets, config) == Outliers{kSlow, kNone, kNone});
  CHECK(found({waiting(50, 2900ms), waiting(50, 1000ms)}, config) == Outliers{kNone, kNone});
  CHECK(found({waiting(10, 9000ms), waiting(50, 1000ms)}, config) == Outliers{kNone, kNone});
}

TEST_CASE("never all targets of a route may rest, and no more than their share", "[policy][outliers]") {
  OutlierConfig config;
  CHECK(most_resting(0, config) == 0);
  CHECK(most_resting(1, config) == 0);
  CHECK(most_resting(2, config) == 1);
  CHECK(most_resting(3, config) == 1);
  CHECK(most_resting(10, config) == 5);
  config.at_most = 1;
  CHECK(most_resting(1, config) == 0);
  CHECK(most_resting(3, config) == 2);
  config.at_most = 0;
  CHECK(most_resting(100, config) == 0);
}

TEST_CASE("who has to rest again soon rests for twice as long, up to a bound", "[policy][outliers]") {
  const OutlierConfig config{.rest = 30s, .longest_rest = 100s};
  CHECK(rest_length({}, {}, kStart, config) == 30s);
  CHECK(rest_length(30s, kStart, kStart + 4min, config) == 60s);
  CHECK(rest_length(60s, kStart, kStart + 4min, config) == 100s);
  CHECK(rest_length(60s, kStart, kStart + 6min, config) == 30s);
  TargetRest rest;
  CHECK_FALSE(rest.rests(kStart));
  rest.begin(kErrors, kStart, config);
  CHECK(rest.left(kStart + 10s) == 20s);
  CHECK(rest.why(kStart + 10s) == kErrors);
  CHECK_FALSE(rest.rests(kStart + 30s));
  CHECK(rest.why(kStart + 30s) == kNone);
  rest.begin(kSlow, kStart + 50s, config);
  CHECK(rest.left(kStart + 50s) == 60s);
}

TEST_CASE("a record is of the last half minute to minute, without the project that fails most", "[policy][outliers]") {
  RecentRecord recent;
  for (int i = 0; i < 10; ++i) recent.on_end("one", i < 6, kStart), recent.on_first_event("one", 2s, kStart);
  CHECK(recent.record(kStart) == TargetRecord{10, 6, 10, 20s});  // alone it counts
  for (int i = 0; i < 5; ++i) recent.on_end("two", i < 1, kStart + 20s), recent.on_first_event("two", 1s, kStart + 20s);
  CHECK(recent.record(kStart + 20s) == TargetRecord{5, 1, 5, 5s});
  CHECK(recent.record(kStart + 100s) == TargetRecord{});
  recent.on_end("two", true, kStart + 100s);
  CHECK(recent.record(kStart + 100s) == TargetRecord{1, 1, 0, 0s});
  recent.clear();
  CHECK(recent.record(kStart + 100s) == TargetRecord{});
}

TEST_CASE("a route's outliers rest, also in other routes that have them", "[policy][outliers][router]") {
  const Router router({route("a", {"x", "y"}), route("b", {"y", "z"}), route("c", {"x"}, "other")});
  RouteState& a = router.state(*router.find("a"));
  RouteState& b = router.state(*router.find("b"));
  CHECK(a.paces[1] == b.paces[0]);
  CHECK(a.paces[0] != router.state(*router.find("c")).paces[0]);
  const auto play = [&](TimePoint now) {
    for (int i = 0; i < 30; ++i)
      a.paces[0]->recent.on_end("p", false, now), a.paces[1]->recent.on_end("p", i % 3 != 0, now);
  };
  play(kStart);
  rest_outliers(a, {}, kStart);
  CHECK_FALSE(a.paces[0]->rest.rests(kStart));
  CHECK(b.paces[0]->rest.left(kStart) == 30s);
  // What it did before counts no more when it is back.
  rest_outliers(a, {}, kStart + 31s);
  CHECK_FALSE(a.paces[1]->rest.rests(kStart + 31s));
  play(kStart + 32s);
  rest_outliers(a, {}, kStart + 31s + 500ms);  // too soon to look again
  CHECK_FALSE(a.paces[1]->rest.rests(kStart + 32s));
  rest_outliers(a, {}, kStart + 33s);
  CHECK(a.paces[1]->rest.left(kStart + 33s) == 60s);
  const Router next({route("a", {"y"})}, &router);
  CHECK(next.state(*next.find("a")).paces[0] == a.paces[1]);
}

TEST_CASE("who rests follows the others, but no more of them than may", "[policy][outliers][routing]") {
  const auto order = [](std::initializer_list<std::size_t> resting, std::size_t most) {
    RouteChoice choice;
    for (const std::size_t target : std::initializer_list<std::size_t>{3, 1, 0, 2}) choice.append(target);
    std::bitset<kMaxTargets> rests;
    for (const std::size_t each : resting) rests.set(each);
    choice.put_last(rests, most);
    return std::vector<int>(choice.order().begin(), choice.order().end());
  };
  CHECK(order({}, 2) == std::vector{3, 1, 0, 2});
  CHECK(order({3}, 2) == std::vector{1, 0, 2, 3});
  CHECK(order({3, 0}, 2) == std::vector{1, 2, 3, 0});
  CHECK(order({3, 1, 0}, 2) == std::vector{3, 2, 1, 0});
  CHECK(order({3, 1, 0, 2}, 0) == std::vector{3, 1, 0, 2});
}

TEST_CASE("percentiles of first events are those of the last few hundred", "[policy][pace]") {
  TargetPace pace;
  for (int i = 0; i < 19; ++i) pace.on_first_event(100ms, kStart);
  CHECK(pace.first_event(95, kStart) == 0s);  // too few
  for (int i = 0; i < 81; ++i) pace.on_first_event(i < 75 ? 100ms : 2s, kStart);
  CHECK(pace.first_event(50, kStart) > 100ms);
  CHECK(pace.first_event(50, kStart) <= 113ms);
  CHECK(pace.first_event(94, kStart) <= 113ms);
  CHECK(pace.first_event(95, kStart) > 2s);
  CHECK(pace.first_event(95, kStart) <= 2250ms);
  CHECK(pace.first_event(95, kStart + 6min) == 0s);  // nothing came since
  for (int i = 0; i < 6000; ++i) pace.on_first_event(10ms, kStart);
  CHECK(pace.first_event(99, kStart) <= 12ms);
}
