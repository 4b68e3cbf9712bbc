// Which targets are tried for one request, and in which order.
#include "policy/routing/route_choice.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "support/catch.h"

using namespace gateway;
using namespace std::chrono_literals;

namespace {

// A route of targets t0, t1, ... and what is known of them.
struct Bench {
  explicit Bench(std::size_t count, Strategy strategy = Strategy::ordered) {
    route.pattern = "fast";
    route.strategy = strategy;
    for (std::size_t i = 0; i < count; ++i) {
      TargetConfig& target = route.targets.emplace_back();
      target.provider = "t" + std::to_string(i);
    }
    candidates.resize(count);
  }

  RouteChoice choice() {
    const RouteTable table(route);
    for (std::size_t i = 0; i < route.targets.size(); ++i) {
      candidates[i].target = &route.targets[i];
      candidates[i].weight = route.targets[i].weight;
      candidates[i].mark = table.candidates[i].mark;
    }
    RouteChoice out;
    choose(table, facts, candidates, out);
    return out;
  }
  std::vector<int> order() {
    const RouteChoice made = choice();
    return {made.order().begin(), made.order().end()};
  }
  int first() { return order().at(0); }

  RouteConfig route;
  RouteFacts facts;
  std::vector<Candidate> candidates;
};

bool is_permutation(std::vector<int> order, std::size_t of) {
  std::sort(order.begin(), order.end());
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (order[i] != static_cast<int>(i)) return false;
  }
  return order.size() == of;
}

}  // namespace

TEST_CASE("ordered: as they are listed, in every turn", "[policy][routing]") {
  Bench bench(3);
  for (bench.facts.turn = 0; bench.facts.turn < 100; ++bench.facts.turn) CHECK(bench.order() == std::vector{0, 1, 2});
  CHECK_FALSE(has_choice(bench.route));
}

TEST_CASE("every strategy tries each target that fits once", "[policy][routing]") {
  std::minstd_rand random(7);
  for (const Strategy strategy :
       {Strategy::ordered, Strategy::weighted, Strategy::cheapest, Strategy::fastest, Strategy::least_busy}) {
    for (int round = 0; round < 500; ++round) {
      const std::size_t count = 1 + random() % (round % 20 == 0 ? kMaxTargets : 12);
      Bench bench(count, strategy);
      bench.facts.turn = random();
      for (std::size_t i = 0; i < count; ++i) {
        bench.route.targets[i].weight = 1 + static_cast<int>(random() % 1'000'000);
        bench.candidates[i].in_flight = static_cast<std::int64_t>(random() % 5);
        bench.candidates[i].first_event = Duration(random() % 3);
        if (random() % 3 != 0) bench.candidates[i].cost = Money::units(static_cast<std::int64_t>(random() % 9));
      }
      const std::vector<int> order = bench.order();
      INFO(static_cast<int>(strategy) << " of " << count);
      CHECK(is_permutation(order, count));
      CHECK(bench.order() == order);
    }
  }
}

TEST_CASE("the first eight places are those of a complete sort, the others as they are listed", "[policy][routing]") {
  std::minstd_rand random(3);
  for (int round = 0; round < 300; ++round) {
    const std::size_t count = 1 + random() % kMaxTargets;
    Bench bench(count, Strategy::cheapest);
    std::vector<int> sorted;
    for (std::size_t i = 0; i < count; ++i) {
      bench.candidates[i].cost = Money::units(static_cast<std::int64_t>(random() % 60));
      sorted.push_back(static_cast<int>(i));
    }
    const auto dearer = [&](int a, int b) {
      return *bench.candidates[static_cast<std::size_t>(a)].cost < *bench.candidates[static_cast<std::size_t>(b)].cost;
    };
    std::stable_sort(sorted.begin(), sorted.end(), dearer);
    if (count > 8) std::sort(sorted.begin() + 8, sorted.end());
    CHECK(bench.order() == sorted);
  }
}

TEST_CASE("no target starves under any strategy that spreads", "[policy][routing]") {
  for (const Strategy strategy : {Strategy::weighted, Strategy::fastest, Strategy::least_busy}) {
    Bench bench(20, strategy);
    for (std::size_t i = 0; i < 20; ++i) {
      bench.route.targets[i].weight = 1 + static_cast<int>(i % 3);
      bench.candidates[i].first_event = Duration(100 + i);
    }
    std::map<int, int> firsts;
    for (; bench.facts.turn < 32 * 40; ++bench.facts.turn) ++firsts[bench.first()];
    INFO(static_cast<int>(strategy));
    CHECK(firsts.size() == 20);
    for (const auto& [target, count] : firsts) CHECK(count >= 2);
  }
}

TEST_CASE("least busy: what a request takes goes to nobody else, so that none is forgotten", "[policy][routing]") {
  Bench bench(5, Strategy::least_busy);
  for (int i = 0; i < 4; ++i) bench.route.targets[static_cast<std::size_t>(i)].weight = 2;
  for (; bench.facts.turn < 900; ++bench.facts.turn)
    ++bench.candidates[static_cast<std::size_t>(bench.first())].in_flight;
  for (std::size_t i = 0; i < 5; ++i) CHECK(bench.candidates[i].in_flight == (i < 4 ? 200 : 100));
}

TEST_CASE("weighted: any run of turns has the shares of the weights", "[policy][routing]") {
  Bench bench(3, Strategy::weighted);
  bench.route.targets[0].weight = 5;
  bench.route.targets[1].weight = 3;
  bench.route.targets[2].weight = 2;
  for (const std::uint64_t start : {0u, 17u, 1'000'000u}) {
    std::map<int, int> firsts;
    for (std::uint64_t i = 0; i < 100; ++i) {
      bench.facts.turn = start + i;
      ++firsts[bench.first()];
    }
    CHECK(std::abs(firsts[0] - 50) <= 3);
    CHECK(std::abs(firsts[1] - 30) <= 3);
    CHECK(std::abs(firsts[2] - 20) <= 3);
  }
}

TEST_CASE("weighted: the load of a first target that fails goes to the others by their weights", "[policy][routing]") {
  Bench bench(3, Strategy::weighted);
  bench.route.targets[0].weight = 10;
  bench.route.targets[1].weight = 3;
  bench.route.targets[2].weight = 1;
  std::map<int, int> seconds;
  for (; bench.facts.turn < 14'000; ++bench.facts.turn) {
    const std::vector<int> order = bench.order();
    if (order[0] == 0) ++seconds[order[1]];
  }
  CHECK(std::abs(seconds[1] - 7500) < 300);
  CHECK(std::abs(seconds[2] - 2500) < 300);
}

TEST_CASE("weighted: no target waits longer than a few times its share", "[policy][routing]") {
  Bench bench(100, Strategy::weighted);
  std::vector<std::uint64_t> last(100, 0);
  for (; bench.facts.turn < 20'000; ++bench.facts.turn) {
    auto& seen = last[static_cast<std::size_t>(bench.first())];
    CHECK(bench.facts.turn - seen < 400);
    seen = bench.facts.turn;
  }
  CHECK(*std::min_element(last.begin(), last.end()) > 19'500);
}

TEST_CASE("cheapest: by this request's cost, those without a price last", "[policy][routing]") {
  Bench bench(4, Strategy::cheapest);
  bench.candidates[1].cost = Money::units(30);
  bench.candidates[2].cost = Money::units(20);
  bench.candidates[3].cost = Money::units(30);
  CHECK(bench.order() == std::vector{2, 1, 3, 0});
}

TEST_CASE("fastest: by the mean, unknown ones first but one request at a time, now and then another",
          "[policy][routing]") {
  Bench bench(4, Strategy::fastest);
  bench.candidates[0].first_event = 300ms;
  bench.candidates[1].first_event = 100ms;
  bench.candidates[2].first_event = 200ms;
  CHECK(bench.order() == std::vector{3, 1, 2, 0});
  bench.candidates[3].in_flight = 1;
  CHECK(bench.order() == std::vector{1, 2, 0, 3});
  std::map<int, int> firsts;
  for (; bench.facts.turn < 32 * 40; ++bench.facts.turn) ++firsts[bench.first()];
  CHECK(firsts[0] == 10);
  CHECK(firsts[2] == 10);
  CHECK(firsts[3] == 10);
}

TEST_CASE("least busy: by attempts under way for each unit of weight, of equals in turn", "[policy][routing]") {
  Bench bench(3, Strategy::least_busy);
  bench.candidates[0].in_flight = 4;
  bench.candidates[1].in_flight = 3;
  bench.candidates[2].in_flight = 5;
  CHECK(bench.order() == std::vector{1, 0, 2});
  bench.route.targets[2].weight = 10;
  CHECK(bench.order() == std::vector{2, 1, 0});
  Bench idle(3, Strategy::least_busy);
  std::set<int> firsts;
  for (; idle.facts.turn < 10; ++idle.facts.turn) firsts.insert(idle.first());
  CHECK(firsts.size() == 3);
}

TEST_CASE("sticky: one identity one target, by weight, and few move when one comes", "[policy][routing]") {
  Bench bench(3, Strategy::weighted);
  bench.route.targets[0].weight = 2;
  bench.route.sticky = Identity{IdentifiedBy::user, {}};
  std::map<int, int> firsts;
  std::map<int, int> places;
  for (int user = 0; user < 4000; ++user) {
    const std::string name = "user" + std::to_string(user);
    bench.facts.user = name;
    bench.facts.turn = static_cast<std::uint64_t>(user);
    const int first = bench.first();
    ++bench.facts.turn;
    CHECK(bench.first() == first);
    ++firsts[first];
    places[user] = first;
  }
  CHECK(std::abs(firsts[0] - 2000) < 200);
  CHECK(std::abs(firsts[1] - 1000) < 200);
  TargetConfig& another = bench.route.targets.emplace_back();
  another.provider = "t3";
  bench.candidates.resize(4);
  for (int user = 0; user < 4000; ++user) {
    const std::string name = "user" + std::to_string(user);
    bench.facts.user = name;
    const int first = bench.first();
    CHECK((first == places[user] || first == 3));
  }
}

TEST_CASE("sticky: shares are those of very different weights", "[policy][routing]") {
  Bench bench(4, Strategy::weighted);
  const int weights[] = {1, 3, 12, 84};
  for (std::size_t i = 0; i < 4; ++i) bench.route.targets[i].weight = weights[i];
  bench.route.sticky = Identity{IdentifiedBy::user, {}};
  std::map<int, int> firsts;
  for (int user = 0; user < 40'000; ++user) {
    const std::string name = "user" + std::to_string(user);
    bench.facts.user = name;
    ++firsts[bench.first()];
  }
  for (int i = 0; i < 4; ++i) {
    const int share = weights[i] * 400;
    CHECK(std::abs(firsts[i] - share) < 70 + share / 20);
  }
}

TEST_CASE("without what it would be recognized by a request is drawn as others", "[policy][routing]") {
  Bench bench(2, Strategy::weighted);
  bench.route.sticky = Identity{IdentifiedBy::session, {}};
  std::set<int> firsts;
  for (; bench.facts.turn < 10; ++bench.facts.turn) firsts.insert(bench.first());
  CHECK(firsts.size() == 2);
}

TEST_CASE("a group has one place among its neighbours, and its own strategy within", "[policy][routing]") {
  Bench bench(5);
  bench.route.groups = {{.first = 1, .count = 3, .strategy = Strategy::cheapest}};
  for (int i = 0; i < 5; ++i) bench.candidates[static_cast<std::size_t>(i)].cost = Money::units(10 - i);
  CHECK(bench.order() == std::vector{0, 3, 2, 1, 4});
  bench.route.strategy = Strategy::cheapest;  // the group is as cheap as its cheapest
  CHECK(bench.order() == std::vector{4, 3, 2, 1, 0});
  bench.candidates[2].cost = Money::units(1);
  CHECK(bench.order() == std::vector{2, 3, 1, 4, 0});
}

TEST_CASE("weights of groups and within groups multiply", "[policy][routing]") {
  Bench bench(4, Strategy::weighted);
  bench.route.groups = {{.first = 0, .count = 2, .strategy = Strategy::weighted, .weight = 3},
                        {.first = 2, .count = 2, .strategy = Strategy::weighted, .weight = 1}};
  std::map<int, int> firsts;
  for (; bench.facts.turn < 8000; ++bench.facts.turn) ++firsts[bench.first()];
  CHECK(std::abs(firsts[0] - 3000) < 250);
  CHECK(std::abs(firsts[1] - 3000) < 250);
  CHECK(std::abs(firsts[2] - 1000) < 250);
  CHECK(std::abs(firsts[3] - 1000) < 250);
}

TEST_CASE("a target is for the requests that all of its condition holds for", "[policy][routing]") {
  Bench bench(1);
  Condition& when = bench.route.targets[0].when.emplace();
  when.projects = {"a", "b"};
  when.keys = {"key_1", "laptop"};
  when.headers = {{"x-tier", "gold"}, {"x-any", "*"}};
  when.metadata = {{"plan", "pro"}};
  when.tags = {"batch", "night"};
  when.input_tokens_over = 10;
  when.input_tokens_under = 20;
  when.minutes = {22 * 60, 6 * 60};
  std::vector<std::pair<std::string, std::string>> headers{{"x-tier", "gold"}, {"x-any", "?"}};
  std::vector<std::pair<std::string, std::string>> metadata{{"plan", "pro"}};
  const std::vector<std::string> tags{"other", "night"}, others{"other"};
  RouteFacts good;
  good.tags = tags;
  good.project = "b";
  good.key = "key_9";
  good.key_name = "laptop";
  good.headers = headers;
  good.metadata = metadata;
  good.input_tokens = 11;
  good.minute = 0;
  const auto misfit = [&](auto change) {
    bench.facts = good;
    change(bench.facts);
    return bench.choice().misfit(0);
  };
  CHECK(misfit([](RouteFacts&) {}) == Misfit::none);
  CHECK(misfit([](RouteFacts& f) { f.project = "c"; }) == Misfit::project);
  CHECK(misfit([](RouteFacts& f) { f.key_name = "x"; }) == Misfit::key);
  CHECK(misfit([&](RouteFacts& f) { f.headers = f.headers.subspan(0, 1); }) == Misfit::header);
  CHECK(misfit([&](RouteFacts& f) { f.metadata = {}; }) == Misfit::metadata);
  CHECK(misfit([&](RouteFacts& f) { f.tags = others; }) == Misfit::tags);
  CHECK(misfit([&](RouteFacts& f) { f.tags = {}; }) == Misfit::tags);
  CHECK(misfit([](RouteFacts& f) { f.input_tokens = 10; }) == Misfit::input_tokens);
  CHECK(misfit([](RouteFacts& f) { f.input_tokens = 20; }) == Misfit::input_tokens);
  CHECK(misfit([](RouteFacts& f) { f.minute = 22 * 60; }) == Misfit::none);
  CHECK(misfit([](RouteFacts& f) { f.minute = 6 * 60; }) == Misfit::hours);
}

TEST_CASE("what a target cannot do, or is too short for, does not go there", "[policy][routing]") {
  Bench bench(2);
  bench.route.targets[0].can = static_cast<std::uint8_t>(Ability::tools);
  bench.route.targets[1].context_length = 100;
  bench.facts.needs = static_cast<std::uint8_t>(Ability::tools);
  bench.facts.input_tokens = 60;
  CHECK(bench.order() == std::vector{0, 1});
  bench.facts.max_output = 41;
  CHECK(bench.order() == std::vector{0});
  CHECK(bench.choice().misfit(1) == Misfit::context_length);
  bench.facts.needs |= static_cast<std::uint8_t>(Ability::vision);
  CHECK(bench.order().empty());
  CHECK(bench.choice().misfit(0) == Misfit::ability);
}

TEST_CASE("a canary is for its share: of requests evenly, of identities always the same", "[policy][routing]") {
  Bench bench(2);
  bench.route.targets[0].canary = Canary{500, std::nullopt};
  int in = 0;
  for (; bench.facts.turn < 1000; ++bench.facts.turn) in += bench.first() == 0 ? 1 : 0;
  CHECK(std::abs(in - 50) <= 3);
  bench.route.targets[0].canary->by = Identity{IdentifiedBy::key, {}};
  in = 0;
  for (int key = 0; key < 4000; ++key) {
    const std::string name = "key_" + std::to_string(key);
    bench.facts.key = name;
    const bool is_in = bench.first() == 0;
    bench.facts.turn += 1;
    CHECK((bench.first() == 0) == is_in);
    bench.route.targets[0].canary->hundredths = 1000;  // who was in stays in
    CHECK((!is_in || bench.first() == 0));
    bench.route.targets[0].canary->hundredths = 500;
    in += is_in ? 1 : 0;
  }
  CHECK(std::abs(in - 200) < 60);
  bench.facts.key = "key_1";
  bench.route.targets[0].canary->hundredths = 0;
  CHECK(bench.first() == 1);
  bench.route.targets[0].canary->hundredths = 10'000;
  CHECK(bench.first() == 0);
}

TEST_CASE("a group that a request does not fit takes its targets along", "[policy][routing]") {
  Bench bench(3);
  TargetGroup group{.first = 0, .count = 2};
  group.when.emplace().projects = {"a"};
  bench.route.groups = {group};
  bench.facts.project = "b";
  CHECK(bench.order() == std::vector{2});
  CHECK(bench.choice().misfit(1) == Misfit::project);
}

TEST_CASE("an embedder's own strategy ranks instead", "[policy][routing]") {
  struct Last final : TargetStrategy {
    void rank(std::span<const Candidate>, const Draw&, std::span<std::uint8_t> order) const noexcept override {
      std::reverse(order.begin(), order.end());
    }
  };
  Bench bench(3);
  bench.route.own_strategy = std::make_shared<Last>();
  CHECK(has_choice(bench.route));
  CHECK(bench.order() == std::vector{2, 1, 0});
}
