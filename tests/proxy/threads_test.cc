// One core on several threads: workers that serve, a ledger thread that stores, and whoever changes the configuration.
#include <atomic>
#include <random>
#include <thread>

#include "proxy/bench_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;
using std::chrono::milliseconds;

namespace {

constexpr unsigned kWorkers = 2;
constexpr int kRequests = 500;

Config capped_config(int version) {
  Config config = test_config();
  config.durability = version % 4 == 3 ? Durability::power : Durability::process;
  config.routes[0].targets[0].prices = test_prices(version % 2 == 0 ? "0.000001" : "0.000002", "0.000002");
  if (version % 3 != 2) config.projects[0].spend.caps.push_back({Money::dollars(100), Period::month, {}});
  if (version % 16 == 15) config.projects[0].models = {"none"};
  config.projects[0].limits.concurrent = 50;
  return config;
}

// One worker's thread: its own clock, its own providers.
class Worker {
 public:
  Worker(Core& core, unsigned index) : gateway_(core, index, timer_, upstream_), random_(index + 1) {}

  void serve() {
    for (int i = 0; i < kRequests; ++i) serve_one();
  }
  std::size_t dispatched() const { return upstream_.calls(); }

 private:
  void serve_one() {
    FakeClient client;
    const std::string bearer = "Bearer " + std::string(kTestKey);
    const HeaderField fields[] = {{"authorization", bearer}};
    const std::size_t before = upstream_.calls();
    auto exchange =
        gateway_.open({.method = "POST", .path = "/v1/chat/completions", .headers = fields, .has_body = true}, client);
    if (exchange->wants_body()) exchange->on_body(kChat);
    if (exchange->wants_body()) exchange->on_end();
    std::size_t answered = before;
    for (int turn = 0; turn < 5000 && !client.done(); ++turn) {
      for (; answered < upstream_.calls(); ++answered) {
        if (random_() % 16 == 0) return;  // the client leaves
        const int status = random_() % 4 == 0 ? 500 : 200;
        upstream_.call(answered).answer(Answer::json(status, status == 200 ? kAnswer : "{}"));
      }
      timer_.advance(milliseconds(1));
      std::this_thread::yield();
    }
  }

  ManualTimer timer_;
  FakeUpstream upstream_;
  Gateway gateway_;
  std::minstd_rand random_;
};

}  // namespace

TEST_CASE("workers, ledger and whoever changes keys and configuration do not disturb each other", "[proxy][threads]") {
  MemoryStore store;
  REQUIRE(store.put_key(test_key()).has_value());
  ManualTimer clock;
  std::atomic<int> logged{0};
  CoreOptions options;
  options.config = capped_config(0);
  options.store = &store;
  options.workers = kWorkers;
  options.now = clock.now();
  options.wall = clock.wall();
  options.log = [&](const LogEvent&) { ++logged; };
  const auto core = std::move(Core::create(std::move(options))).value();
  std::vector<std::unique_ptr<Worker>> workers;
  for (unsigned i = 0; i < kWorkers; ++i) workers.push_back(std::make_unique<Worker>(*core, i));

  std::atomic<int> serving{kWorkers};
  const auto pump = [&] {
    clock.advance(milliseconds(20));
    core->pump(clock.now(), clock.wall());
  };
  std::vector<std::thread> threads;
  for (auto& worker : workers) {
    threads.emplace_back([&] {
      worker->serve();
      --serving;
    });
  }
  threads.emplace_back([&] {
    while (serving > 0) pump(), std::this_thread::yield();
  });
  std::atomic<bool> refused{false};
  threads.emplace_back([&] {
    const ManualTimer still;
    for (int version = 1; serving > 0; ++version) {
      if (!core->reload(capped_config(version))) refused = true;
      ApiKey key = test_key("gk-of-version-" + std::to_string(version));
      key.id = "key_" + std::to_string(version);
      if (version % 8 == 0 && !store.put_key(key)) refused = true;
      if (version % 4 == 0 && core->metrics(still.now(), still.wall()).empty()) refused = true;
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
  });
  for (std::thread& thread : threads) thread.join();
  CHECK_FALSE(refused);

  std::size_t dispatched = 0;
  for (auto& worker : workers) dispatched += worker->dispatched();
  workers.clear();
  REQUIRE(core->reload(capped_config(0)).has_value());
  for (int i = 0; i < 100; ++i) pump();
  CHECK(core->stats().in_flight == 0);
  CHECK(core->stats().ledger_queued == 0);
  const std::vector<Row> rows = store.all_rows();
  CHECK(rows.size() == dispatched);
  CHECK(dispatched > 20);
  MoneySum sum;
  for (const Row& row : rows) {
    CHECK(row.state != RowState::open);
    sum += row.cost;
  }
  FakeClient client;
  ManualTimer timer;
  FakeUpstream upstream;
  Gateway gateway(*core, 0, timer, upstream);
  const std::string bearer = "Bearer " + std::string(kTestKey);
  const HeaderField fields[] = {{"authorization", bearer}};
  const auto exchange =
      gateway.open({.method = "GET", .path = "/v1/key", .headers = fields, .has_body = false}, client);
  CHECK(client.body().find(R"("spent":")" + sum.to_string() + R"(","held":"0")") != std::string::npos);
  CHECK(logged > 0);
}
