// What large forms may cost, and how much of them is kept.
#include "proxy/uploads.h"
#include "support/catch.h"

namespace gateway::testing {
namespace {

using std::chrono::seconds;

TEST_CASE("under a strict cap a form is held for at its announced length, and gathered without one",
          "[proxy][upload]") {
  TestGateway t(by_seconds(capped_config("1000")));
  Sending form(t, model_first());
  form.up_to(600'000);
  REQUIRE(t.upstream.calls() == 1);
  form.all();
  t.upstream.last().answer(Answer::json(200, R"({"text":"hi","usage":{"type":"duration","seconds":125}})"));
  const auto rows = t.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].hold >= Money::parse("0.2").value());  // 2 ms a byte at 0.0001 USD a second
  CHECK(rows[0].hold <= Money::parse("0.201").value());
  CHECK(rows[0].usage.audio_ms == 125'000);
  CHECK(rows[0].flags == 0);
  Sending in_chunks(t, model_first(), false);
  in_chunks.up_to(in_chunks.body.size());
  CHECK(t.upstream.calls() == 1);
  in_chunks.exchange->on_end();
  CHECK(t.upstream.calls() == 2);
  // What might make it dearer than that is refused after the file.
  const std::string model = test::form_text("model", "m"), file = test::form_file("file", large());
  for (const std::string& after : {test::form_file("other", "abc"), test::form_text("n", "2"),
                                   test::form_text("prompt", std::string(10'000, 'p'))}) {
    Sending dearer(t, test::form({model, file, after}));
    dearer.all();
    CHECK(dearer.client.status() == 400);
    CHECK(dearer.client.body().find("before 'file'") != std::string::npos);
  }
  // Nor is it sent if the cap has less left.
  TestGateway poor(by_seconds(capped_config("0.1")));
  Sending dear(poor, model_first());
  dear.all();
  CHECK(dear.client.status() == 429);
  CHECK(poor.upstream.calls() == 0);
  CHECK(poor.core->stats().in_flight == 0);
}

TEST_CASE("images are gathered under a strict cap, and sent as they come without", "[proxy][upload]") {
  const std::string body =
      test::form({test::form_text("model", "m"), test::form_file("image[]", large()), test::form_file("image[]", "abc"),
                  test::form_text("prompt", "a hat"), test::form_text("n", "2"), test::form_text("stream", "true")});
  for (const bool capped : {true, false}) {
    TestGateway t(by_seconds(capped ? capped_config("1000") : priced_config()));
    Sending form(t, body, true, "/v1/images/edits");
    form.up_to(body.size());
    CHECK(t.upstream.calls() == (capped ? 0u : 1u));
    if (capped) continue;
    form.all();
    const std::string events = "data: {\"type\":\"image_edit.completed\",\"b64_json\":\"AA==\"}\n\n";
    t.upstream.last().answer(Answer::stream({events}));
    CHECK(form.client.body() == events);
    const auto rows = t.rows();
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].streamed);
  }
}

TEST_CASE("a simulated model gets its form in one piece", "[proxy][upload]") {
  Config config = by_seconds(priced_config());
  ProviderConfig sim;
  sim.name = "sim";
  sim.type = ProviderType::simulated;
  config.providers.push_back(sim);
  config.routes[0].targets.resize(1);
  config.routes[0].targets[0].provider = "sim";
  config.routes[0].targets[0].model = "simulated/transcribe";
  TestGateway t(config);
  Sending form(t, model_first());
  form.all();
  t.timer.advance(seconds(1));
  CHECK(form.client.status() == 200);
  config.server.max_body = 100'000;
  TestGateway narrow(config);
  Sending refused(narrow, model_first());
  refused.all();
  CHECK(refused.client.status() == 413);
  CHECK(refused.client.body().find("not to a provider of this model") != std::string::npos);
}

TEST_CASE("whoever sends on in spite of a pause is kept within the room there is", "[proxy][upload]") {
  Config config = by_seconds(priced_config());
  config.server.max_body = 500'000;
  config.server.max_buffered = 700'000;
  TestGateway t(config);
  t.upstream.hold_bodies();
  Sending form(t, model_first(sound(3'000'000)));
  while (form.exchange->wants_body() && form.sent < form.body.size()) {
    form.one();
    CHECK(t.core->stats().buffered_bytes <= 700'000);
  }
  CHECK(form.client.status() == 503);
  CHECK(t.upstream.last().cancelled());
  CHECK(t.core->stats().buffered_bytes == 0);
}

TEST_CASE("a form whose end never left is no request, and costs nothing", "[proxy][upload]") {
  TestGateway t(by_seconds(priced_config()));
  Sending form(t, model_first());
  form.up_to(500'000);
  REQUIRE(t.upstream.calls() == 1);
  form.exchange.reset();
  const auto rows = t.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].error_code.view() == "client_left");
  CHECK(rows[0].cost == Money{});
}

}  // namespace
}  // namespace gateway::testing
