// GET, DELETE and cancel of stored responses: by the provider that made them, for the project that has them.
#include <algorithm>

#include "proxy/shared_gateway.h"

using namespace gateway;
using namespace gateway::testing;

namespace {

constexpr std::string_view kRequest = R"({"model":"m","input":"hello"})";
constexpr const char* kResponse =
    R"({"id":"resp_1","object":"response","created_at":1,"status":"completed","model":"m-a","output":[{"type":"message",)"
    R"("id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"hi","annotations":[]}]}],)"
    R"("usage":{"input_tokens":10,"output_tokens":5,"total_tokens":15}})";
constexpr const char* kPath = "/v1/responses/resp_1";

Config with_responses(ProviderType type = ProviderType::responses) {
  Config config = two_projects();
  config.providers[0].type = type;
  return config;
}

// Where the first project has made a response.
struct Stored : SharedGateway {
  explicit Stored(const Config& config = with_responses()) : SharedGateway(config) {
    FakeClient client;
    auto exchange = ask(client, kRequest, "/v1/responses");
    upstream.last().answer(Answer::json(200, kResponse));
    REQUIRE(client.status() == 200);
    logs.clear();
    statuses.clear();
  }
  // Until its owner is known.
  std::unique_ptr<Exchange> begin(FakeClient& client, std::string_view method = "GET", std::string_view path = kPath,
                                  std::string_view key = kTestKey) {
    auto exchange = open(client, method, path, key);
    if (exchange->wants_body()) exchange->on_end();
    look();
    return exchange;
  }
  void look() {
    pump();
    timer.advance(std::chrono::milliseconds(1));
  }
  // What is not found is looked for once more.
  void look_again() {
    timer.advance(std::chrono::milliseconds(100));
    look();
  }
  std::size_t asked() const { return upstream.calls() - 1; }
};

std::string field(const FakeClient& client, std::string_view name) { return std::string(client.headers().value(name)); }

}  // namespace

TEST_CASE("a response is asked for where it was made, and costs nothing", "[proxy][stored_response]") {
  Stored t;
  const struct {
    const char *method, *path, *sent;
  } table[] = {{"GET", kPath, "/v1/responses/resp_1"},
               {"DELETE", kPath, "/v1/responses/resp_1"},
               {"POST", "/v1/responses/resp_1/cancel", "/v1/responses/resp_1/cancel"},
               {"GET", "/v1/responses/resp_1/input_items", "/v1/responses/resp_1/input_items"}};
  for (const auto& each : table) {
    CAPTURE(each.method, each.path);
    FakeClient client;
    const std::size_t before = t.upstream.calls();
    auto exchange = t.begin(client, each.method, each.path);
    REQUIRE(t.upstream.calls() == before + 1);
    const SentRequest& sent = t.upstream.last().request();
    CHECK(sent.method == each.method);
    CHECK(sent.path == each.sent);
    CHECK(sent.body.empty());
    CHECK(sent.origin.find("alpha.test") != std::string::npos);
    CHECK(sent.headers.value("authorization") == "Bearer sk-alpha");
    t.upstream.last().answer(Answer::json(200, kResponse));
    CHECK(client.finished());
    CHECK(client.status() == 200);
    CHECK(client.body() == kResponse);
    CHECK(field(client, "x-gateway-provider") == "alpha");
    CHECK_FALSE(field(client, "x-request-id").empty());
  }
  CHECK(t.rows().size() == 1);
  CHECK(t.statuses == std::vector<int>{200, 200, 200, 200});
  CHECK(t.core->stats().in_flight == 0);
}

TEST_CASE("the query goes along, and a stream comes back as it is sent", "[proxy][stored_response]") {
  Stored t;
  FakeClient client;
  const HeaderField fields[] = {{"authorization", "Bearer gk-0123456789012345678901234567890123456789012"}};
  auto exchange = t.gateway->open(
      {.method = "GET", .path = kPath, .query = "stream=true&starting_after=3", .headers = fields}, client);
  exchange->on_end();
  t.pump();
  t.timer.advance(std::chrono::milliseconds(1));
  FakeCall& call = t.upstream.last();
  CHECK(call.request().path == "/v1/responses/resp_1?stream=true&starting_after=3");
  call.head(200, {{"content-type", "text/event-stream"}});
  call.body("event: response.output_text.delta\n");
  CHECK(client.body() == "event: response.output_text.delta\n");
  CHECK(field(client, "content-type") == "text/event-stream");
  CHECK(field(client, "cache-control") == "no-cache");
  SECTION("to its end") {
    call.body("data: {}\n\n");
    call.end();
    CHECK(client.finished());
  }
  SECTION("and one that breaks off is none") {
    call.end(Error{ErrorCode::lost, "gone"});
    CHECK(client.aborted());
  }
  SECTION("and one that falls silent is given up") {
    t.timer.advance(std::chrono::minutes(6));
    CHECK(client.aborted());
    CHECK(call.cancelled());
  }
}

TEST_CASE("what another project has made, nobody, or somebody else, cannot be distinguished",
          "[proxy][stored_response]") {
  Stored t;
  std::string said;
  for (const auto& [path, key] : {std::pair{kPath, kOtherKey}, {"/v1/responses/resp_2", kTestKey}}) {
    FakeClient client;
    auto exchange = t.begin(client, "GET", path, key);
    CHECK_FALSE(client.has_head());
    t.look_again();
    CHECK(client.status() == 404);
    std::string body = client.body();
    CHECK(body.find("response_not_found") != std::string::npos);
    const std::string id(std::string_view(path).substr(14));
    body.replace(body.find(id), id.size(), "ID");
    if (!said.empty()) CHECK(body == said);
    said = body;
  }
  CHECK(t.asked() == 0);
  CHECK(t.statuses == std::vector<int>{404, 404});
}

TEST_CASE("no provider of another shape is asked for a response", "[proxy][stored_response]") {
  SharedGateway t;
  FakeClient first, client;
  auto made = t.ask(first, kRequest, "/v1/responses");
  t.upstream.last().answer(Answer::json(200, kAnswer));
  REQUIRE(first.status() == 200);
  for (const char* path : {"/v1/responses/gen-1", "/v1/responses/resp_gen-1"}) {
    FakeClient each;
    auto exchange = t.open(each, "GET", path);
    exchange->on_end();
    for (const int wait : {1, 100, 1}) {
      t.pump();
      t.timer.advance(std::chrono::milliseconds(wait));
    }
    CHECK(each.status() == 404);
  }
  CHECK(t.upstream.calls() == 1);
}

TEST_CASE("its provider's refusals are passed on, its troubles are ours", "[proxy][stored_response]") {
  const struct {
    Answer answer;
    int status;
    const char* says;
  } table[] = {
      {Answer::json(
           404,
           R"({"error":{"message":"Response with id 'resp_1' not found.","type":"invalid_request_error","code":null}})"),
       404, "Response with id 'resp_1' not found."},
      {Answer::json(400, R"({"error":{"message":"Cannot cancel: sk-alpha","type":"invalid_request_error"}})"), 400,
       "Cannot cancel: [redacted]"},
      {Answer::json(404, R"({"error":{"message":"none","type":"sk-alpha","code":"a sk-alpha","param":"sk-alpha"}})"),
       404, "a [redacted]"},
      {Answer::json(401, R"({"error":{"message":"Incorrect API key provided: sk-alpha"}})"), 502,
       "provider_unavailable"},
      {Answer::json(429, R"({"error":{"message":"slow down","type":"rate_limit_error"}})"), 429,
       "provider_rate_limited"},
      {Answer::json(500, "{}"), 502, "provider_error"},
      {Answer::json(302, ""), 502, "provider_error"},
      {Answer::failure(ErrorCode::unreachable), 502, "provider_error"}};
  for (const auto& each : table) {
    CAPTURE(each.answer.status);
    Stored t;
    FakeClient client;
    auto exchange = t.begin(client);
    t.upstream.last().answer(each.answer);
    CHECK(client.finished());
    CHECK(client.status() == each.status);
    CHECK(client.body().find(each.says) != std::string::npos);
    CHECK(client.body().find("sk-alpha") == std::string::npos);
    CHECK(field(client, "x-gateway-error-code").find("sk-alpha") == std::string::npos);
    // What the operator alone can mend is in the log.
    const bool is_told = std::any_of(t.logs.begin(), t.logs.end(), [](const std::string& line) {
      return line.starts_with("alpha: a stored response: ");
    });
    CHECK(is_told == (each.status >= 429));
    for (const std::string& line : t.logs) CHECK(line.find("sk-alpha") == std::string::npos);
    CHECK(t.rows().size() == 1);
    CHECK(t.core->stats().in_flight == 0);
  }
  Stored t;
  FakeClient client;
  auto exchange = t.begin(client);
  t.timer.advance(std::chrono::minutes(11));
  CHECK(client.status() == 504);
  CHECK(t.upstream.last().cancelled());
}

TEST_CASE("what the head alone shows to be wrong is refused", "[proxy][stored_response]") {
  Stored t;
  const struct {
    const char *method, *path, *key;
    int status;
  } table[] = {{"PUT", kPath, kTestKey.data(), 405},
               {"POST", kPath, kTestKey.data(), 405},
               {"DELETE", "/v1/responses/resp_1/cancel", kTestKey.data(), 405},
               {"GET", "/v1/responses/resp_1/other", kTestKey.data(), 404},
               {"GET", kPath, "gk-unknown", 401}};
  for (const auto& each : table) {
    CAPTURE(each.method, each.path, each.key);
    FakeClient client;
    auto exchange = t.open(client, each.method, each.path, each.key);
    CHECK_FALSE(exchange->wants_body());
    CHECK(client.status() == each.status);
    CHECK(client.body().starts_with(R"({"error":{)"));
  }
  CHECK(t.asked() == 0);
}

TEST_CASE("a project's limits hold for stored responses too", "[proxy][stored_response]") {
  Config config = with_responses();
  config.projects[0].limits.requests_per_minute = 2;
  Stored t(config);
  FakeClient first, second;
  auto one = t.begin(first);
  auto two = t.begin(second);
  CHECK(second.status() == 429);
  CHECK(t.asked() == 1);
}

TEST_CASE("a ledger that cannot be read finds nothing out, and says so", "[proxy][stored_response]") {
  Stored t;
  t.pump();
  FakeClient client;
  auto exchange = t.open(client, "GET", kPath);
  exchange->on_end();
  SECTION("it fails") {
    t.store.fail_always();
    t.pump();
    t.timer.advance(std::chrono::milliseconds(1));
  }
  SECTION("it does not answer") { t.timer.advance(std::chrono::seconds(11)); }
  CHECK(client.status() == 503);
  CHECK(t.asked() == 0);
}

TEST_CASE("who leaves frees its place, whether its owner is known or not", "[proxy][stored_response]") {
  Stored t;
  FakeClient client;
  auto exchange = t.open(client, "GET", kPath);
  exchange->on_end();
  SECTION("not yet") {}
  SECTION("asked") {
    t.pump();
    t.timer.advance(std::chrono::milliseconds(1));
    CHECK(t.asked() == 1);
  }
  SECTION("answering") {
    t.pump();
    t.timer.advance(std::chrono::milliseconds(1));
    t.upstream.last().head(200);
    t.upstream.last().body("{");
  }
  exchange.reset();
  t.pump();
  t.timer.advance(std::chrono::seconds(20));
  CHECK(t.statuses == std::vector<int>{499});
  CHECK(t.core->stats().in_flight == 0);
  if (t.asked() > 0) CHECK(t.upstream.last().cancelled());
}

TEST_CASE("an id longer than a row keeps is nobody's", "[proxy][stored_response]") {
  Stored t;
  FakeClient client;
  auto exchange = t.begin(client, "GET", std::string(kPath) + std::string(100, 'x'));
  CHECK(client.status() == 404);
  CHECK(client.body().find("response_not_found") != std::string::npos);
}

TEST_CASE("an error without an end is not waited for", "[proxy][stored_response]") {
  Stored t;
  FakeClient client;
  auto exchange = t.begin(client);
  FakeCall& call = t.upstream.last();
  call.head(500);
  const std::string piece(40'000, 'x');
  for (int i = 0; i < 10 && !client.done(); ++i) call.body(piece);
  CHECK(client.status() == 502);
  CHECK(client.finished());
  CHECK(call.cancelled());
}

TEST_CASE("a client that takes nothing for a while is not given up", "[proxy][stored_response]") {
  Config config = with_responses();
  config.timeouts.idle = std::chrono::seconds(3);
  Stored t(config);
  FakeClient client;
  auto exchange = t.begin(client);
  t.upstream.last().head(200);
  client.set_flow(Flow::pause);
  t.upstream.last().body("{");
  t.timer.advance(std::chrono::seconds(20));
  CHECK_FALSE(client.done());
  t.timer.advance(std::chrono::seconds(20));
  CHECK(client.aborted());
}

TEST_CASE("a client that reads slowly stops its provider", "[proxy][stored_response]") {
  Stored t;
  FakeClient client;
  auto exchange = t.begin(client);
  FakeCall& call = t.upstream.last();
  call.head(200);
  client.set_flow(Flow::pause);
  CHECK(call.body("{\"a\":") == Flow::pause);
  client.set_flow(Flow::more);
  exchange->on_drained();
  CHECK(call.resumed() == 1);
  call.body("1}");
  call.end();
  CHECK(client.finished());
  CHECK(client.body() == R"({"a":1})");
}
