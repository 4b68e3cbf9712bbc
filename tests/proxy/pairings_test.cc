// Two shapes at each end of the gateway, in all four pairings: the client reads its own shape, whatever its provider
// speaks, and the bill is the same.
#include <simdjson.h>

#include "proxy/bench_gateway.h"
#include "proxy/core_state.h"
#include "proxy/plain_shape.h"
#include "proxy/proxy_exchange.h"
#include "proxy/worker.h"
#include "support/catch.h"
#include "surfaces/openai.h"
#include "wire/json/text.h"
#include "wire/sse/scanner.h"

namespace gateway::testing {
namespace {

struct Pairing {
  bool plain_client = false, plain_provider = false, streams = false;
};

Pairing any_pairing() { return {GENERATE(false, true), GENERATE(false, true), GENERATE(false, true)}; }

// A worker whose providers speak what the test says.
struct PairedGateway : TestGateway {
  explicit PairedGateway(bool plain_provider) {
    gateway.reset();
    worker = std::make_unique<GatewayWorker>(static_cast<CoreState&>(*core), 0u, timer, upstream);
    if (!plain_provider) return;
    // No configuration can name a dialect that exists in tests alone.
    for (const auto& [name, provider] : worker->newest_snapshot()->providers)
      const_cast<Provider&>(*provider).dialect = &plain_dialect();
  }
  std::unique_ptr<Exchange> send(FakeClient& client, bool plain_client, std::string_view body) {
    const RequestHead head{
        .method = "POST", .path = "/", .headers = {}, .content_length = body.size(), .has_body = true};
    Incoming in{head, worker->ids.next(timer.wall()), {}, worker->newest_snapshot()};
    in.surface = plain_client ? &plain_surface() : &surface_of(Operation::chat);
    Caller caller;
    caller.key = in.snapshot->keys.find(key_hash(kTestKey), timer.wall());
    caller.project = in.snapshot->project("demo");
    auto exchange = std::make_unique<ProxyExchange>(*worker, client, in, caller);
    exchange->begin(body.size());
    exchange->on_body(body);
    exchange->on_end();
    return exchange;
  }
  std::unique_ptr<GatewayWorker> worker;
};

std::string body_of(const Pairing& pairing) {
  const char* streams = pairing.streams ? "true" : "false";
  if (pairing.plain_client) return std::string(R"({"model":"m","say":"hello","live":)") + streams + "}";
  return std::string(R"({"model":"m","messages":[{"role":"user","content":"hello"}],"stream":)") + streams + "}";
}

std::string escaped(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string answer_of(const Pairing& pairing) {
  if (pairing.plain_provider) return pairing.streams ? plain_stream() : plain_document();
  if (!pairing.streams) {
    return R"({"id":"p-1","model":"m-served","choices":[{"index":0,"message":{"role":"assistant","content":)" +
           escaped(kPlainText) + R"(},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":5}})";
  }
  const auto piece = [](std::string_view text) {
    return R"(data: {"id":"p-1","model":"m-served","choices":[{"index":0,"delta":{"content":)" + escaped(text) +
           "},\"finish_reason\":null}]}\n\n";
  };
  return piece(kPlainText.substr(0, 4)) + ": a comment\n\n" + piece(kPlainText.substr(4)) +
         "data: {\"id\":\"p-1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
         "data: {\"id\":\"p-1\",\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5}}\n\n" +
         kDone;
}

// The text that a client finds in what it was sent, and how the answer says that it ended.
struct Read {
  std::string text, why, id;
};

std::string string_at(simdjson::dom::element root, const char* pointer) {
  std::string_view value;
  return root.at_pointer(pointer).get_string().get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
}

void read_piece(const Pairing& pairing, std::string_view json, Read& read) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  REQUIRE(parser.parse(json.data(), json.size()).get(root) == simdjson::SUCCESS);
  const char* text = pairing.plain_client ? "/text"
                     : pairing.streams    ? "/choices/0/delta/content"
                                          : "/choices/0/message/content";
  const char* why = pairing.plain_client ? "/why" : "/choices/0/finish_reason";
  read.text += string_at(root, text);
  read.why += string_at(root, why);
  if (read.id.empty()) read.id = string_at(root, "/id");
}

Read read_answer(const Pairing& pairing, std::string_view body) {
  Read read;
  if (!pairing.streams) {
    read_piece(pairing, body, read);
    return read;
  }
  SseScanner scanner;
  scanner.push(body);
  SseEvent event;
  while (scanner.next(event)) {
    if (event.kind == SseEvent::Kind::data && !is_sse_done(event.data)) read_piece(pairing, event.data, read);
  }
  return read;
}

TEST_CASE("each client reads its own shape from each provider, whatever the cuts", "[proxy][pairings]") {
  const Pairing pairing = any_pairing();
  CAPTURE(pairing.plain_client, pairing.plain_provider, pairing.streams);
  const std::string answer = answer_of(pairing);
  const std::string type = pairing.streams ? "text/event-stream" : "application/json";
  for (std::size_t cut = 0; cut <= answer.size(); ++cut) {
    PairedGateway t(pairing.plain_provider);
    FakeClient client;
    auto exchange = t.send(client, pairing.plain_client, body_of(pairing));
    FakeCall& call = t.upstream.last();
    call.head(200, {{"content-type", type}});
    call.body(std::string_view(answer).substr(0, cut));
    if (call.alive()) call.body(std::string_view(answer).substr(cut));
    if (call.alive()) call.end();
    REQUIRE(client.finished());
    REQUIRE(client.status() == 200);
    const Read read = read_answer(pairing, client.body());
    REQUIRE(read.text == kPlainText);
    REQUIRE(read.why == "stop");
    REQUIRE(read.id == "p-1");
    if (pairing.streams) REQUIRE(client.body().ends_with(kDone) == !pairing.plain_client);
    const std::vector<Row> rows = t.rows();
    REQUIRE(rows.size() == 1);
    REQUIRE(rows[0].state == RowState::settled);
    REQUIRE(rows[0].usage.input == 10);
    REQUIRE(rows[0].usage.output == 5);
    REQUIRE(rows[0].cost.to_string() == "0.00002");
    REQUIRE(rows[0].served_model.view() == "m-served");
    REQUIRE(rows[0].generation_id.view() == "p-1");
  }
}

TEST_CASE("providers get requests in their own shape", "[proxy][pairings]") {
  const Pairing pairing = any_pairing();
  CAPTURE(pairing.plain_client, pairing.plain_provider, pairing.streams);
  PairedGateway t(pairing.plain_provider);
  FakeClient client;
  auto exchange = t.send(client, pairing.plain_client, body_of(pairing));
  const SentRequest& sent = t.upstream.last().request();
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  REQUIRE(parser.parse(sent.body).get(root) == simdjson::SUCCESS);
  if (pairing.plain_provider) {
    CHECK(sent.path == "/talk");
    CHECK(string_at(root, "/say") == "hello");
  } else {
    CHECK(sent.path == "/v1/chat/completions");
    CHECK(string_at(root, "/model") == "m-a");
    CHECK(string_at(root, "/messages/0/role") == "user");
    CHECK((string_at(root, "/messages/0/content") == "hello" ||
           string_at(root, "/messages/0/content/0/text") == "hello"));
  }
}

TEST_CASE("a stream that breaks off reports it in its client's shape, and costs what came", "[proxy][pairings]") {
  Pairing pairing = any_pairing();
  if (!pairing.streams) return;
  CAPTURE(pairing.plain_client, pairing.plain_provider);
  const std::string answer = answer_of(pairing);
  PairedGateway t(pairing.plain_provider);
  FakeClient client;
  auto exchange = t.send(client, pairing.plain_client, body_of(pairing));
  FakeCall& call = t.upstream.last();
  call.head(200, {{"content-type", "text/event-stream"}});
  const std::size_t cut = answer.find(": a comment");
  const std::size_t end = pairing.plain_provider ? answer.find("event: use") : answer.find("data: {", cut) + 20;
  call.body(std::string_view(answer).substr(0, cut));
  call.body(std::string_view(answer).substr(cut, end - cut));
  call.end(Error{ErrorCode::lost, "gone"});
  CHECK(client.aborted());
  CHECK((client.body().find("event: fault") != std::string::npos) == pairing.plain_client);
  CHECK((client.body().find("data: {\"error\":") != std::string::npos) == !pairing.plain_client);
  const std::vector<Row> rows = t.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].cost_source == CostSource::estimated);
  CHECK(rows[0].usage.output > 0);
}

TEST_CASE("what a shape has no place for is refused before anything is dispatched", "[proxy][pairings]") {
  PairedGateway t(true);
  FakeClient client;
  const auto exchange = t.send(client, false,
                               R"({"model":"m","messages":[{"role":"user","content":"x"}],)"
                               R"("tools":[{"type":"function","function":{"name":"f","parameters":{}}}]})");
  CHECK(client.status() == 400);
  CHECK(client.body().find("unsupported_feature") != std::string::npos);
  CHECK(client.body().find("\"param\":\"tools\"") != std::string::npos);
  CHECK(t.upstream.calls() == 0);
  CHECK(t.rows().empty());

  PairedGateway other(false);
  FakeClient dancer;
  const auto danced = other.send(dancer, true, R"({"model":"m","say":"x","dance":"tango"})");
  CHECK(dancer.status() == 400);
  CHECK(dancer.body().find("dance") != std::string::npos);
  CHECK(other.upstream.calls() == 0);
}

TEST_CASE("what a provider's shape leaves out of an answer's head has a value in its client's", "[proxy][pairings]") {
  const struct {
    ProviderType type;
    const char* answer;
    const char* id;  // empty: its request's
    const char* model;
  } table[] = {
      {ProviderType::anthropic,
       R"({"type":"message","id":"msg_1","model":"claude-x","role":"assistant","content":[{"type":"text","text":"hi"}],)"
       R"("stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":1}})",
       "msg_1", "claude-x"},
      {ProviderType::gemini,
       R"({"candidates":[{"content":{"parts":[{"text":"hi"}]},"finishReason":"STOP"}],)"
       R"("usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":1}})",
       "", "m-a"},
  };
  for (const auto& each : table) {
    Config config = test_config();
    config.providers[0].type = each.type;
    TestGateway t(config);
    FakeClient client;
    const auto exchange = t.ask(client, kChat);
    t.upstream.last().answer(Answer::json(200, each.answer));
    REQUIRE(client.status() == 200);
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    REQUIRE(parser.parse(client.body()).get(root) == simdjson::SUCCESS);
    const std::string id = *each.id != '\0' ? each.id : std::string(client.header("x-request-id"));
    CHECK(string_at(root, "/id") == id);
    CHECK(string_at(root, "/model") == each.model);
    std::int64_t created = 0;
    REQUIRE(root["created"].get(created) == simdjson::SUCCESS);
    CHECK(created == std::chrono::duration_cast<std::chrono::seconds>(t.timer.wall().time_since_epoch()).count());
  }
}

TEST_CASE("what became of each target is kept as data", "[proxy][pairings]") {
  PairedGateway t(false);
  FakeClient client;
  const auto exchange = t.send(client, false, body_of({}));
  t.upstream.last().answer(Answer::json(500, "{}"));
  REQUIRE(t.upstream.calls() == 2);
  const auto& decision = static_cast<const ProxyExchange&>(*exchange).decision();
  REQUIRE(decision.all().size() == 2);
  CHECK(decision.all()[0].target == 0);
  CHECK(decision.all()[1].target == 1);
  CHECK(to_string(decision.all()[1].outcome) == "dispatched");
}

}  // namespace
}  // namespace gateway::testing
