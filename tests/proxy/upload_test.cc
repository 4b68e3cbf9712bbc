// Large forms, which go to their provider while they come.
#include "proxy/uploads.h"
#include "support/catch.h"

namespace gateway::testing {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

TEST_CASE("a large form goes out while it comes, and little of it is kept", "[proxy][upload]") {
  const bool with_length = GENERATE(true, false);
  TestGateway t(by_seconds(priced_config()));
  t.upstream.answer_next(Answer::json(200, kText));
  Sending form(t, model_first(), with_length);
  form.up_to(300'000);
  REQUIRE(t.upstream.calls() == 1);
  FakeCall& call = t.upstream.last();
  CHECK_FALSE(call.body_complete());
  CHECK(form.exchange->relays_body());
  const std::string expected = model_first(large(), "m-a");
  CHECK(call.request().body_length == (with_length ? std::optional<std::uint64_t>(expected.size()) : std::nullopt));
  CHECK(call.request().headers.value("content-type") == test::kFormType);
  while (form.sent < form.body.size()) {
    form.up_to(std::min(form.body.size(), form.sent + kPiece));
    CHECK(t.core->stats().buffered_bytes < 400'000);
  }
  CHECK(t.core->stats().buffered_bytes <= static_cast<std::int64_t>(kPiece));
  form.all();
  CHECK(call.request().body == expected);
  CHECK(call.body_complete());
  CHECK_FALSE(call.body_changed());
  CHECK(form.client.status() == 200);
  CHECK(form.client.body() == kText);
  const auto rows = t.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].state == RowState::settled);
  CHECK(rows[0].usage.audio_ms == 125'000);
  form.exchange.reset();
  CHECK(t.core->stats().buffered_bytes == 0);
}

TEST_CASE("a form arrives as it is, however it is cut and taken", "[proxy][upload]") {
  for (unsigned seed = 0; seed < 20; ++seed) {
    CAPTURE(seed);
    std::minstd_rand random(seed + 1);
    TestGateway t(by_seconds(priced_config()));
    t.upstream.hold_bodies();
    Sending form(t, model_first(sound(400'000 + random() % 300'000)), seed % 2 == 0);
    bool goes_on = true;
    while (form.sent < form.body.size()) {
      if (goes_on) goes_on = form.one(1 + random() % 90'000);
      REQUIRE(form.exchange->wants_body());
      const int resumed = form.client.resumed();
      if (t.upstream.calls() > 0 && random() % 2 == 0) t.upstream.last().take(random() % 120'000);
      goes_on = goes_on || form.client.resumed() > resumed;
      REQUIRE(t.core->stats().buffered_bytes < 600'000);
    }
    form.exchange->on_end();
    CHECK_FALSE(form.exchange->wants_body());
    while (!t.upstream.last().body_complete()) t.upstream.last().take(1 + random() % 200'000);
    t.upstream.last().answer(Answer::json(200, kText));
    CHECK(t.upstream.last().request().body ==
          model_first(std::string_view(form.body).substr(form.body.find("mpeg") + 8,
                                                         form.body.rfind("\r\n--XyZ--") - form.body.find("mpeg") - 8),
                      "m-a"));
    CHECK(form.client.finished());
    CHECK(form.client.body() == kText);
  }
}

TEST_CASE("a provider that takes nothing pauses the client, and one that goes on resumes it", "[proxy][upload]") {
  TestGateway t(by_seconds(priced_config()));
  t.upstream.hold_bodies();
  Sending form(t, model_first());
  while (form.one()) continue;
  CHECK(form.sent < 500'000);
  CHECK(form.exchange->wants_body());
  CHECK(form.client.resumed() == 0);
  t.timer.advance(seconds(100));
  t.upstream.last().take(10'000'000);
  CHECK(form.client.resumed() == 1);
  form.all();
  CHECK(t.upstream.last().body_complete());
  t.upstream.last().answer(Answer::json(200, kText));
  CHECK(form.client.status() == 200);
}

TEST_CASE("a form that is found wrong within is cut: its provider never gets the end", "[proxy][upload]") {
  const std::string model = test::form_text("model", "m"), file = test::form_file("file", large());
  const std::string good = test::form({model, file});
  const struct {
    std::string body;
    const char* says;
  } table[] = {
      {test::form({model, file, model}), "more than once"},
      {test::form({model, file, test::form_file("file", "abc")}), "more than once"},
      {test::form({model, file, test::form_text("stream", "maybe")}), "stream"},
      {test::form({model, file, test::form_text("n", "1e9")}), "integer"},
      {test::form({model, file, "X: y\r\n\r\nz"}), "broken"},
      {good.substr(0, good.size() - 8), "ends within"},
      {good.substr(0, 700'000), "ends within"},
  };
  for (const bool with_length : {true, false}) {
    for (const auto& [body, says] : table) {
      INFO(says << with_length);
      TestGateway t(by_seconds(priced_config()));
      Sending form(t, body, with_length);
      form.all();
      CHECK(form.client.status() == 400);
      CHECK(form.client.finished());
      CHECK(form.client.body().find(says) != std::string::npos);
      REQUIRE(t.upstream.calls() == 1);
      const FakeCall& call = t.upstream.last();
      CHECK(call.cancelled());
      CHECK_FALSE(call.body_complete());
      if (with_length) CHECK(call.request().body.size() < call.request().body_length);
      const auto rows = t.rows();
      REQUIRE(rows.size() == 1);
      CHECK(rows[0].state == RowState::failed);
      CHECK(rows[0].cost == Money{});
      CHECK(t.core->stats().buffered_bytes == 0);
      CHECK(t.core->stats().in_flight == 0);
    }
  }
}

TEST_CASE("a form whose model comes after its file is gathered, within what bodies may be", "[proxy][upload]") {
  const auto body = [](std::size_t size) {
    return test::form({test::form_file("file", sound(size)), test::form_text("model", "m")});
  };
  TestGateway t(by_seconds(priced_config()));
  t.upstream.answer_next(Answer::json(200, kText));
  Sending form(t, body(1'000'000));
  form.up_to(form.body.size());
  CHECK(t.upstream.calls() == 0);
  form.all();
  CHECK(form.client.status() == 200);
  Config small = by_seconds(priced_config());
  small.server.max_body = 300'000;
  for (const bool with_length : {true, false}) {
    TestGateway narrow(small);
    Sending large_one(narrow, body(1'000'000), with_length);
    large_one.all();
    CHECK(large_one.client.status() == 413);
    CHECK(large_one.client.body().find("'model' comes before its file") != std::string::npos);
    CHECK(large_one.sent <= (with_length ? kPiece : 350'000));  // it is known as soon as the file begins
    CHECK(narrow.upstream.calls() == 0);
    CHECK(narrow.rows().empty());
  }
}

TEST_CASE("a form may be larger than what is gathered, up to a bound of its own", "[proxy][upload]") {
  Config config = by_seconds(priced_config());
  config.server.max_body = 100'000;
  config.server.max_upload = 1'100'000;
  TestGateway t(config);
  t.upstream.answer_all(Answer::json(200, kText));
  Sending form(t, model_first());
  form.all();
  CHECK(form.client.status() == 200);
  Sending announced(t, model_first(sound(1'100'000)));
  CHECK(announced.client.status() == 413);
  CHECK_FALSE(announced.exchange->wants_body());
  CHECK(t.upstream.calls() == 1);
  Sending in_chunks(t, model_first(sound(1'100'000)), false);
  in_chunks.all();
  CHECK(in_chunks.client.status() == 413);
  CHECK(t.upstream.last().cancelled());
}

TEST_CASE("another target is asked as long as nothing of a form has been dropped", "[proxy][upload]") {
  TestGateway t(by_seconds(priced_config()));
  t.upstream.hold_bodies();
  Sending form(t, model_first());
  while (form.one()) continue;
  t.upstream.last().answer(Answer::failure(ErrorCode::unreachable));
  REQUIRE(t.upstream.calls() == 2);
  CHECK(t.upstream.call(1).request().path == kTranscriptions);
  t.upstream.last().take(10'000'000);
  form.all();
  CHECK(t.upstream.last().request().body == model_first(large(), "m-b"));
  CHECK(t.upstream.last().body_complete());
  t.upstream.last().answer(Answer::json(503, "{}"));  // and now it has
  CHECK(form.client.status() == 502);
  CHECK(t.upstream.calls() == 2);
  const auto rows = t.rows();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].cost.is_zero());
}

TEST_CASE("a client that leaves within its form ends the call, and costs nothing", "[proxy][upload]") {
  TestGateway t(by_seconds(priced_config()));
  Sending form(t, model_first());
  form.up_to(600'000);
  form.exchange.reset();
  CHECK(t.upstream.last().cancelled());
  const auto rows = t.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].error_code.view() == "client_left");
  CHECK(rows[0].cost == Money{});
  CHECK(t.core->stats().buffered_bytes == 0);
  CHECK(t.core->stats().in_flight == 0);
}

TEST_CASE("an answer before the form's end is relayed, and no more of the form is wanted", "[proxy][upload]") {
  const struct {
    Answer answer;
    int status;
  } table[] = {{Answer::json(413, R"({"error":{"message":"too large for me"}})"), 413},
               {Answer::json(401, "{}"), 502},
               {Answer::json(500, "{}"), 502},
               {Answer::failure(ErrorCode::lost), 502},
               {Answer::json(200, kText), 200}};
  for (const auto& [answer, status] : table) {
    INFO(status);
    TestGateway t(by_seconds(priced_config()));
    Sending form(t, model_first());
    form.up_to(600'000);
    t.upstream.last().answer(answer);
    CHECK(form.client.status() == status);
    CHECK(form.client.finished());
    CHECK_FALSE(form.exchange->wants_body());
    CHECK(t.upstream.calls() == 1);
    CHECK(t.rows().size() == 1);
    CHECK(t.rows()[0].cost.is_zero() == (status != 200));  // what came to no end was no request
    CHECK(t.core->stats().buffered_bytes < 100);           // of the answer
    form.exchange.reset();
    CHECK(t.upstream.alive() == 0);
    CHECK(t.core->stats().buffered_bytes == 0);
  }
}

TEST_CASE("a provider that takes no more is left in the end, a slow client is not", "[proxy][upload]") {
  Config config = by_seconds(priced_config());
  config.timeouts = {.connect = seconds(2), .first_byte = seconds(20), .idle = seconds(30), .total = minutes(60)};
  TestGateway t(config);
  t.upstream.hold_bodies();
  Sending form(t, model_first());
  while (form.one()) continue;
  t.timer.advance(seconds(29));
  t.upstream.last().take(300'000);
  while (form.one()) continue;
  t.timer.advance(seconds(29));
  CHECK_FALSE(form.client.has_head());
  t.timer.advance(seconds(2));
  CHECK(form.client.status() == 504);
  CHECK(t.upstream.last().cancelled());
  CHECK(t.upstream.calls() == 1);

  TestGateway patient(config);
  Sending slow(patient, model_first());
  slow.up_to(600'000);
  patient.timer.advance(minutes(10));
  CHECK(slow.exchange->wants_body());
  slow.all();
  CHECK(patient.upstream.last().body_complete());
  patient.timer.advance(seconds(19));
  CHECK_FALSE(slow.client.has_head());
  patient.timer.advance(seconds(2));
  CHECK(slow.client.status() == 504);
}

}  // namespace
}  // namespace gateway::testing
