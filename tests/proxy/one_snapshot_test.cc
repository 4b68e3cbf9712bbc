// A request is judged by one version of the configuration, whenever another one comes.
#include <functional>

#include "proxy/bench_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;

namespace {

// Does something at its n-th reading, counted from interrupt(): in the middle of whatever reads it.
class InterruptingTimer final : public Timer {
 public:
  explicit InterruptingTimer(ManualTimer& behind) : behind_(behind) {}
  void interrupt(int reading, std::function<void()> work) { left_ = reading, work_ = std::move(work); }

  TimePoint now() const override { return read(), behind_.now(); }
  WallTime wall() const override { return read(), behind_.wall(); }
  TimePoint tick() const override { return read(), behind_.tick(); }
  void arm(Alarm& alarm, TimePoint due) override { behind_.arm(alarm, due); }
  void disarm(Alarm& alarm) override { behind_.disarm(alarm); }

 private:
  void read() const {
    if (left_ > 0 && --left_ == 0) work_();
  }
  ManualTimer& behind_;
  mutable int left_ = 0;
  std::function<void()> work_;
};

// The project may use "m", which alpha serves.
Config old_config() {
  Config config = test_config();
  config.projects[0].models = {"m"};
  config.routes[0].targets.resize(1);
  return config;
}

// It may not, and beta serves it.
Config new_config() {
  Config config = test_config();
  config.projects[0].models = {"other"};
  config.routes[0].targets.erase(config.routes[0].targets.begin());
  return config;
}

constexpr int kReadings = 40;  // more than any of these requests takes

// What the client gets when the configuration changes at the n-th reading of the clock, for every n.
template <class Check>
void at_every_reading(std::string_view method, std::string_view path, Check&& check) {
  for (int reading = 1; reading <= kReadings; ++reading) {
    CAPTURE(reading);
    TestGateway t(old_config());
    InterruptingTimer timer(t.timer);
    Gateway gateway(*t.core, 0, timer, t.upstream);
    timer.interrupt(reading, [&] { REQUIRE(t.core->reload(new_config()).has_value()); });
    const std::string bearer = "Bearer " + std::string(kTestKey);
    const HeaderField fields[] = {{"authorization", bearer}};
    FakeClient client;
    auto exchange = gateway.open(
        {.method = method, .path = path, .query = {}, .headers = fields, .content_length = {}, .has_body = true},
        client);
    if (exchange->wants_body()) exchange->on_body(kChat);
    if (exchange->wants_body()) exchange->on_end();
    check(t, client);
  }
}

}  // namespace

TEST_CASE("a configuration that changes while a request is opened judges all of it or nothing", "[proxy][snapshot]") {
  int by_old = 0;
  at_every_reading("POST", "/v1/chat/completions", [&](TestGateway& t, FakeClient& client) {
    if (t.upstream.calls() == 0) {
      CHECK(client.status() == 403);
      return;
    }
    ++by_old;
    CHECK(t.upstream.last().request().headers.value("authorization") == "Bearer sk-alpha");
    t.upstream.last().answer(Answer::json(200, kAnswer));
    CHECK(client.status() == 200);
    const auto rows = t.rows();
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].project.view() == "demo");
    CHECK(rows[0].key.view() == "key_test00000001");
  });
  CHECK(by_old > 0);
}

TEST_CASE("a configuration that changes while models or a key's facts are queried is seen as one",
          "[proxy][snapshot]") {
  at_every_reading("GET", "/v1/models", [](TestGateway&, FakeClient& client) {
    const bool old_list = client.body().find(R"("id":"m")") != std::string::npos &&
                          client.body().find(R"("owned_by":"alpha")") != std::string::npos;
    const bool new_list = client.body().find(R"("data":[])") != std::string::npos;
    CAPTURE(client.body());
    CHECK((old_list || new_list));
  });
  at_every_reading("GET", "/v1/key", [](TestGateway&, FakeClient& client) {
    const bool old_key = client.body().find(R"("models":["m"])") != std::string::npos;
    const bool new_key = client.body().find(R"("models":["other"])") != std::string::npos;
    CAPTURE(client.body());
    CHECK((old_key || new_key));
  });
}

TEST_CASE("a request keeps the prices and the key that it began with", "[proxy][snapshot]") {
  TestGateway t(old_config());
  FakeClient client;
  auto exchange = t.ask(client, kStream);
  REQUIRE(t.upstream.calls() == 1);
  Config dearer = old_config();
  dearer.routes[0].targets[0].prices = test_prices("0.1", "0.2");
  REQUIRE(t.core->reload(std::move(dearer)).has_value());
  REQUIRE(t.store.end_key(test_key().id, t.timer.wall(), t.timer.wall()).has_value());
  t.timer.advance(std::chrono::seconds(1));
  t.pump();
  FakeClient other;
  t.ask(other, kChat);  // the worker, too, has let go of the version before
  CHECK(other.status() == 401);
  t.upstream.call(0).answer(Answer::stream({chunk("hi"), kFinish, kUsage, kDone}));
  CHECK(client.finished());
  const auto rows = t.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].cost == Money::parse("0.00002").value());
}
