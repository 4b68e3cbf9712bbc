// State by names that clients may make up: bounded, shared by nobody who does not own it, and seen by all threads.
#include "proxy/bounded_table.h"
#include "proxy/bench_gateway.h"
#include "proxy/health_ref.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

const TimePoint kStart{std::chrono::hours(1)};
const int kMark = 0;
const ProjectMark kProject = &kMark;

void fail_often(const HealthRef& health, TimePoint now) {
  for (int i = 0; i < 5; ++i) health->on_failure({true, 0, kProject}, now);
}

// One route for all names, to one provider.
Config any_model() {
  Config config = test_config();
  config.routes[0].pattern = "*";
  config.routes[0].targets.resize(1);
  config.routes[0].targets[0].model.clear();
  config.retry.max_attempts = 1;
  return config;
}

std::string chat_with(const std::string& model) { return R"({"model":")" + model + R"(","messages":[]})"; }

}  // namespace

TEST_CASE("a target without trouble has no entry, and one with trouble has its own", "[proxy][health]") {
  HealthTable table(2);
  HealthCache here(table), there(table);
  CHECK(here.find("p", "good") == nullptr);
  const HealthRef good(here, "p", "good", kProject), bad(here, "p", "bad", kProject),
      early(there, "p", "bad", kProject);
  good->on_success();
  good->on_cancelled({true, 0});
  CHECK(table.version() == 0);
  fail_often(bad, kStart);
  CHECK_FALSE(HealthRef(here, "p", "bad", kProject)->admits(kStart));
  CHECK_FALSE(HealthRef(there, "p", "bad", kProject)->admits(kStart));
  CHECK(HealthRef(there, "q", "bad", kProject)->admits(kStart));
  CHECK(HealthRef(there, "p", "good", kProject)->admits(kStart));
  early->on_success();  // it was dispatched before anything was known
  CHECK(HealthRef(here, "p", "bad", kProject)->admits(kStart));
}

TEST_CASE("past the bound newcomers share nothing, and have an entry once others are idle", "[proxy][health]") {
  HealthTable table(2);
  HealthCache cache(table);
  fail_often(HealthRef(cache, "p", "a", kProject), kStart);
  HealthRef(cache, "p", "b", kProject)->on_cooling({true, 0}, kStart, TargetHealth::Cooling::rate_limited, minutes(30));
  fail_often(HealthRef(cache, "p", "c", kProject), kStart);
  CHECK(HealthRef(cache, "p", "c", kProject)->admits(kStart));
  CHECK(HealthRef(cache, "p", "d", kProject)->admits(kStart));
  CHECK_FALSE(HealthRef(cache, "p", "a", kProject)->admits(kStart));

  const TimePoint later = kStart + minutes(11);
  HealthRef(cache, "p", "b", kProject)
      ->on_cooling({true, 0}, later - seconds(30), TargetHealth::Cooling::rate_limited, minutes(1));
  const HealthRef a(cache, "p", "a", kProject);
  fail_often(HealthRef(cache, "p", "c", kProject), later);
  CHECK_FALSE(HealthRef(cache, "p", "c", kProject)->admits(later));
  CHECK_FALSE(HealthRef(cache, "p", "b", kProject)->admits(later));  // cools still
  CHECK(HealthRef(cache, "p", "a", kProject)->admits(later));
  a->on_failure({true, 0}, later);  // whoever held the entry that was dropped finds that there is no room
  int entries = 0;
  table.each([&](std::string_view, std::string_view, const TargetHealth&) { ++entries; });
  CHECK(entries == 2);
}

TEST_CASE("names that providers do not know open nobody's breaker, however many there are", "[proxy][health]") {
  TestGateway t(any_model());
  const auto ask = [&](const std::string& model, int status) {
    const std::size_t before = t.upstream.calls();
    FakeClient client;
    const auto exchange = t.ask(client, chat_with(model));
    if (t.upstream.calls() == before) return false;
    t.upstream.last().answer(Answer::json(status, status == 200 ? kAnswer : "{}"));
    if (before % 1000 == 0) t.pump();
    return true;
  };
  for (int i = 0; i < 4200; ++i) ask("bogus-" + std::to_string(i), 404);
  for (int i = 0; i < 4200; ++i) ask("bad-" + std::to_string(i), 500);
  CHECK(ask("good", 200));
  t.timer.advance(minutes(11));
  for (int i = 0; i < 5; ++i) CHECK(ask("broken", 500));
  CHECK_FALSE(ask("broken", 500));
  CHECK(ask("good", 200));
}
