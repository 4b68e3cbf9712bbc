// What an embedder is called with may call the library back: no lock is held meanwhile.
#include <unistd.h>

#include "proxy/bench_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;

namespace {

// Ends the program if a callback waits for a lock that its own thread holds.
struct Watchdog {
  Watchdog() { alarm(20); }
  ~Watchdog() { alarm(0); }
};

// A core whose callbacks all read its metrics and reload its configuration.
struct Reentrant {
  explicit Reentrant(Config first) : config(std::move(first)) {
    (void)store.put_key(test_key()).has_value();
    CoreOptions options;
    options.config = config;
    options.store = &store;
    options.now = timer.now();
    options.wall = timer.wall();
    options.log = [this](const LogEvent& event) {
      logs.push_back(std::string(event.message));
      call_back();
    };
    options.on_catalogue = [this](const FetchedCatalogue&) {
      ++catalogues;
      call_back();
    };
    core = std::move(Core::create(std::move(options))).value();
    gateway = std::make_unique<Gateway>(*core, 0, timer, upstream);
  }

  void call_back() {
    if (core == nullptr || inside) return;
    inside = true;
    CHECK_FALSE(core->metrics(timer.now(), timer.wall()).empty());
    CHECK(core->stats().in_flight >= 0);
    CHECK(core->reload(config).has_value());
    inside = false;
  }
  bool logged(std::string_view what) const {
    return std::any_of(logs.begin(), logs.end(), [&](const auto& line) { return line.find(what) != line.npos; });
  }

  Config config;
  MemoryStore store;
  ManualTimer timer;
  FakeUpstream upstream;
  std::vector<std::string> logs;
  int catalogues = 0;
  bool inside = false;
  std::unique_ptr<Core> core;
  std::unique_ptr<Gateway> gateway;
};

}  // namespace

TEST_CASE("the log may be written by whoever reloads from it", "[proxy][callbacks]") {
  const Watchdog watchdog;
  Config config = test_config();
  config.projects[0].spend.caps.push_back({Money::dollars(1), Period::day, {}});
  Reentrant t(config);
  t.config.log_bodies = true;
  REQUIRE(t.core->reload(t.config).has_value());
  CHECK(t.logged("log_bodies is on"));
  CHECK(std::count(t.logs.begin(), t.logs.end(), t.logs.front()) == 1);

  t.store.fail_always();
  t.timer.advance(std::chrono::seconds(1));
  t.core->pump(t.timer.now(), t.timer.wall());
  t.store.fail_never();
  CHECK(t.logged("spend accounts could not be renewed"));
}

TEST_CASE("whoever hears of a fetched model list may use the core", "[proxy][callbacks]") {
  const Watchdog watchdog;
  Config config = test_config();
  ProviderConfig provider;
  provider.name = "router";
  provider.type = ProviderType::openrouter;
  provider.base_url = "http://router.test/api/v1";
  config.providers.push_back(provider);
  Reentrant t(config);
  t.timer.advance(std::chrono::seconds(2));
  REQUIRE(t.upstream.calls() == 1);
  t.upstream.call(0).answer(Answer::json(500, "{}"));
  CHECK(t.logged("its model list could not be fetched"));
  t.timer.advance(std::chrono::seconds(5));
  REQUIRE(t.upstream.calls() == 2);
  t.upstream.call(1).answer(
      Answer::json(200, R"({"data":[{"id":"a/b","pricing":{"prompt":"0.000001","completion":"0.000002"}}]})"));
  CHECK(t.catalogues == 1);
}
