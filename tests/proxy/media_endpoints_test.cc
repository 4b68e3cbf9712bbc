// Speech, and the operations whose bodies are forms.
#include "proxy/priced_units.h"
#include "simulated/media.h"
#include "support/catch.h"
#include "wire/multipart/forms.h"

namespace gateway::testing {
namespace {

Config by_units(Config config) {
  for (TargetConfig& target : config.routes[0].targets) target.prices->input = target.prices->output = std::nullopt;
  return config;
}

// --- speech ---------------------------------------------------------------------------------------------------------

TEST_CASE("speech is relayed as it comes, and billed by its characters", "[proxy][endpoints]") {
  TestGateway t(by_units(capped_config("1")));
  FakeClient client;
  auto exchange = t.ask(client, R"({"model":"m","input":"grüße","voice":"any"})", "/v1/audio/speech");
  FakeCall& call = t.upstream.last();
  CHECK(call.request().path == "/v1/audio/speech");
  CHECK(call.request().headers.value("accept") == "*/*");
  call.head(200, {{"content-type", "audio/mpeg"}, {"x-upstream", "secret"}});
  const std::string sound("ID3\0\xff\xfb{\"error\":1}", 17);
  call.body(std::string_view(sound).substr(0, 4));
  CHECK(client.status() == 200);
  CHECK(client.header("content-type") == "audio/mpeg");
  CHECK(client.header("x-upstream").empty());
  CHECK(client.body().size() == 4);
  call.body(std::string_view(sound).substr(4));
  call.end();
  CHECK(client.body() == sound);
  CHECK(client.finished());
  const auto rows = t.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].usage.characters == 5);
  CHECK(rows[0].cost == Money::parse("0.00005").value());
  CHECK(rows[0].cost == rows[0].hold);
  CHECK(rows[0].cost_source == CostSource::priced);
  CHECK_FALSE(rows[0].streamed);
}

TEST_CASE("speech that is none is an error, and another target is asked", "[proxy][endpoints]") {
  const std::vector<Answer> bad{Answer::json(200, R"({"error":{"message":"no voice"}})"),
                                {200, {{"content-type", "text/html"}}, {"<html></html>"}, {}},
                                {200, {{"content-type", "audio/wav"}}, {}, {}}};
  for (const Answer& each : bad) {
    TestGateway t(by_units(priced_config()));
    FakeClient client;
    t.upstream.answer_next(each);
    t.upstream.answer_next({200, {{"content-type", "audio/wav"}}, {"RIFF"}, {}});
    auto exchange = t.ask(client, R"({"model":"m","input":"a"})", "/v1/audio/speech");
    t.upstream.run();
    CHECK(client.status() == 200);
    CHECK(client.body() == "RIFF");
    CHECK(t.upstream.calls() == 2);
  }
}

TEST_CASE("speech that breaks off ends the connection, and costs what it was held for", "[proxy][endpoints]") {
  TestGateway t(by_units(priced_config()));
  FakeClient client;
  t.upstream.answer_next({200, {{"content-type", "audio/wav"}}, {"RIFF"}, Error{ErrorCode::lost, "gone"}});
  auto exchange = t.ask(client, R"({"model":"m","input":"abcd"})", "/v1/audio/speech");
  t.upstream.run();
  CHECK(client.aborted());
  CHECK(client.body() == "RIFF");
  const auto rows = t.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].cost == Money::parse("0.00004").value());
}

TEST_CASE("events of speech are relayed, and their usage is read", "[proxy][endpoints]") {
  TestGateway t(by_units(priced_config()));
  FakeClient client;
  const std::string events =
      "data: {\"type\":\"speech.audio.delta\",\"audio\":\"AA==\"}\n\n"
      "data: {\"type\":\"speech.audio.done\",\"usage\":{\"input_tokens\":4,\"output_tokens\":20}}\n\n";
  t.upstream.answer_next(Answer::stream({events}));
  auto exchange = t.ask(client, R"({"model":"m","input":"abcd","stream_format":"sse"})", "/v1/audio/speech");
  t.upstream.run();
  CHECK(client.body() == events);
  const auto rows = t.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].usage.output == 20);
  CHECK(rows[0].usage.characters == 4);
  CHECK(rows[0].streamed);
}

// --- forms ----------------------------------------------------------------------------------------------------------

std::unique_ptr<Exchange> upload(TestGateway& t, FakeClient& client, std::string_view path, std::string_view body,
                                 std::string_view type = test::kFormType) {
  auto exchange = t.open(client, "POST", path, kTestKey, {{"content-type", type}});
  if (exchange->wants_body()) exchange->on_body(body);
  if (exchange->wants_body()) exchange->on_end();
  t.upstream.run();
  return exchange;
}

TEST_CASE("a form goes out as it came, but for its model, to one target after the other", "[proxy][endpoints]") {
  TestGateway t(by_units(capped_config("1")));
  FakeClient client;
  const std::string sound = simulated_sound("hello");  // 300 ms
  const auto body = [&sound](const char* model) {
    return test::form({test::form_file("file", sound), test::form_text("model", model)});
  };
  t.upstream.answer_next(Answer::json(500, "{}"));
  t.upstream.answer_next(Answer::json(200, R"({"text":"hi","usage":{"type":"duration","seconds":0.3}})"));
  auto exchange = upload(t, client, "/v1/audio/transcriptions", body("m"));
  CHECK(client.status() == 200);
  CHECK(client.header("content-type") == "application/json");
  REQUIRE(t.upstream.calls() == 2);
  CHECK(t.upstream.call(0).request().body == body("m-a"));
  CHECK(t.upstream.call(1).request().body == body("m-b"));
  CHECK(t.upstream.call(1).request().path == "/v1/audio/transcriptions");
  CHECK(t.upstream.call(1).request().headers.value("content-type") == test::kFormType);
  const auto rows = t.rows();
  REQUIRE(rows.size() == 2);
  CHECK(rows[1].operation == Operation::transcriptions);
  CHECK(rows[1].usage.audio_ms == 300);
  CHECK(rows[1].cost == Money::parse("0.00003").value());
  CHECK(rows[1].hold >= rows[1].cost);
  CHECK(rows[1].flags == 0);
}

TEST_CASE("what is wrong with a form is refused before its file has come", "[proxy][endpoints]") {
  const std::string file = test::form_file("file", std::string(4'000, 'x'));
  const std::string model = test::form_text("model", "m");
  const auto begun = [&file](std::initializer_list<std::string> before) {
    std::string out;
    for (const std::string& part : before) out += "--XyZ\r\n" + part + "\r\n";
    return out + "--XyZ\r\n" + file.substr(0, 1'000);
  };
  const struct {
    std::string came;
    int status;
    const char* says;
  } table[] = {
      {begun({test::form_text("model", "nobody-has-it")}), 404, "model_not_found"},
      {begun({model, model}), 400, "more than once"},
      {begun({model, test::form_text("stream", "maybe")}), 400, "stream"},
      {begun({test::form_text("model", "a\nb")}), 400, "model"},
      {begun({"X: y\r\n\r\nz"}), 400, "broken"},
  };
  for (const auto& [came, status, says] : table) {
    for (std::size_t piece : {std::size_t{1}, came.size()}) {
      INFO(came.substr(0, 200));
      TestGateway t(by_units(capped_config("1")));
      FakeClient client;
      auto exchange = t.open(client, "POST", "/v1/audio/transcriptions", kTestKey, {{"content-type", test::kFormType}});
      for (std::size_t at = 0; at < came.size() && exchange->wants_body(); at += piece)
        exchange->on_body(std::string_view(came).substr(at, piece));
      CHECK_FALSE(exchange->wants_body());
      CHECK(client.status() == status);
      CHECK(client.body().find(says) != std::string::npos);
      CHECK(t.upstream.calls() == 0);
      CHECK(t.rows().empty());
    }
  }
  // One that has nothing wrong so far is waited for, and nothing is dispatched until it is here.
  TestGateway t(by_units(capped_config("1")));
  FakeClient client;
  auto exchange = t.open(client, "POST", "/v1/audio/transcriptions", kTestKey, {{"content-type", test::kFormType}});
  exchange->on_body(begun({model}));
  CHECK(exchange->wants_body());
  exchange->on_body(file.substr(1'000) + "\r\n--XyZ--\r\n");
  CHECK(t.upstream.calls() == 0);
  t.upstream.answer_next(Answer::json(200, R"({"text":"hi"})"));
  exchange->on_end();
  t.upstream.run();
  CHECK(client.status() == 200);
}

TEST_CASE("a model that the path names is written into a form without one", "[proxy][endpoints]") {
  TestGateway t(by_units(priced_config()));
  FakeClient client;
  t.upstream.answer_next(Answer::json(200, R"({"text":""})"));  // silence is an answer
  auto exchange =
      upload(t, client, "/openai/deployments/m/audio/translations", test::form({test::form_file("file", "x")}));
  CHECK(client.status() == 200);
  CHECK(t.upstream.last().request().body ==
        test::form({test::form_text("model", "m-a"), test::form_file("file", "x")}));
}

TEST_CASE("a transcript may be text, events or a document with its duration", "[proxy][endpoints]") {
  const std::string body =
      test::form({test::form_text("model", "m"), test::form_file("file", std::string(8'000, 'x'))});
  const std::string streamed = test::form({test::form_text("model", "m"), test::form_text("stream", "true"),
                                           test::form_file("file", std::string(8'000, 'x'))});
  const std::string events =
      "data: {\"type\":\"transcript.text.delta\",\"delta\":\"hi\"}\n\n"
      "data: {\"type\":\"transcript.text.done\",\"text\":\"hi\",\"usage\":{\"type\":\"duration\",\"seconds\":2}}\n\n";
  const struct {
    std::string body;
    Answer answer;
    std::string content_type, out;
    std::int64_t ms;
  } table[] = {
      {body,
       {200, {{"content-type", "text/plain; charset=utf-8"}}, {"hi\n"}, {}},
       "text/plain; charset=utf-8",
       "hi\n",
       1'000},
      {body, {200, {{"content-type", "text/vtt"}}, {"WEBVTT\n"}, {}}, "text/vtt", "WEBVTT\n", 1'000},
      {body, Answer::json(200, R"({"text":"hi","duration":"2.5001"})"), "application/json",
       R"({"text":"hi","duration":"2.5001"})", 2'501},
      {streamed, Answer::stream({events}), "text/event-stream; charset=utf-8", events, 2'000},
  };
  for (const auto& each : table) {
    INFO(each.content_type);
    TestGateway t(by_units(priced_config()));
    FakeClient client;
    t.upstream.answer_next(each.answer);
    auto exchange = upload(t, client, "/v1/audio/transcriptions", each.body);
    CHECK(client.status() == 200);
    CHECK(client.header("content-type") == each.content_type);
    CHECK(client.body() == each.out);
    CHECK(client.finished());
    const auto rows = t.rows();
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].usage.audio_ms == each.ms);
    CHECK(rows[0].cost == Money::units(100'000 * each.ms));
  }
}

TEST_CASE("an edit's images are counted", "[proxy][endpoints]") {
  TestGateway t(by_units(priced_config()));
  FakeClient client;
  t.upstream.answer_next(Answer::json(200, R"({"data":[{"b64_json":"AA=="},{"b64_json":"AA=="}]})"));
  auto exchange = upload(t, client, "/v1/images/edits",
                         test::form({test::form_text("model", "m"), test::form_text("prompt", "a hat"),
                                     test::form_text("n", "2"), test::form_file("image", "png")}));
  CHECK(client.status() == 200);
  CHECK(t.rows().back().usage.images == 2);
}

TEST_CASE("bad forms are refused, and nothing is dispatched", "[proxy][endpoints]") {
  const std::string model = test::form_text("model", "m"), file = test::form_file("file", "abc");
  const std::string good = test::form({model, file});
  const struct {
    std::string body, type;
  } table[] = {
      {good, "multipart/form-data"},
      {good, "multipart/form-data; boundary=other"},
      {good, "application/json"},
      {R"({"model":"m","file":"abc"})", "application/json"},
      {test::form({model, model, file}), std::string(test::kFormType)},
      {test::form({model}), std::string(test::kFormType)},
      {good.substr(0, good.size() - 8), std::string(test::kFormType)},
      {good.substr(0, 90), std::string(test::kFormType)},
      {"", std::string(test::kFormType)},
  };
  TestGateway t(by_units(priced_config()));
  for (const auto& each : table) {
    INFO(each.type << each.body);
    FakeClient client;
    auto exchange = upload(t, client, "/v1/audio/transcriptions", each.body, each.type);
    CHECK(client.status() == 400);
    CHECK(client.body().find("invalid_request_error") != std::string::npos);
  }
  FakeClient huge;  // 2 GB are announced, and refused before they come
  const std::string bearer = "Bearer " + std::string(kTestKey);
  const HeaderField fields[] = {{"authorization", bearer}, {"content-type", test::kFormType}};
  auto exchange = t.gateway->open({.method = "POST",
                                   .path = "/v1/audio/transcriptions",
                                   .query = {},
                                   .headers = fields,
                                   .content_length = std::uint64_t{2} << 30,
                                   .has_body = true},
                                  huge);
  CHECK(huge.status() == 413);
  CHECK_FALSE(exchange->wants_body());
  CHECK(t.upstream.calls() == 0);
}

// A client that waited for fifteen seconds has a head, and reads events.
TEST_CASE("a document that comes late for a client that streams is an event", "[proxy][endpoints]") {
  TestGateway t(by_units(priced_config()));
  FakeClient client;
  auto exchange = upload(t, client, "/v1/audio/transcriptions",
                         test::form({test::form_text("model", "m"), test::form_text("stream", "true"),
                                     test::form_file("file", simulated_sound("hello"))}));
  t.timer.advance(std::chrono::seconds(16));
  REQUIRE(client.status() == 200);
  t.upstream.call(0).answer(Answer::json(200, R"({"text":"hi"})"));
  CHECK(client.finished());
  CHECK(client.body().find("data: {\"text\":\"hi\"}\n\n") != std::string::npos);
  CHECK(t.rows().back().state == RowState::settled);
}

}  // namespace
}  // namespace gateway::testing
