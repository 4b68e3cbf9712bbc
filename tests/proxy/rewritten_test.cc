// Bodies of OpenAI's shape that are written anew for providers of that very shape.
#include "proxy/bench_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;

namespace {

Config config_for(HostPreset preset) {
  Config config = test_config();
  config.providers[0].preset = preset;
  return config;
}

std::string sent(HostPreset preset, std::string_view members) {
  TestGateway t(config_for(preset));
  FakeClient client;
  const auto exchange = t.ask(client, R"({"model":"m","messages":[{"role":"user","content":"Hi","name":"Ann"}],)" +
                                          std::string(members) + "\"temperature\":1}");
  REQUIRE(t.upstream.calls() == 1);
  return t.upstream.last().request().body;
}

}  // namespace

TEST_CASE("a strict host gets a body without what it refuses", "[proxy][habits]") {
  const std::string body = sent(HostPreset::mistral, R"("user":"u","seed":7,)");
  CHECK(body.find("\"user\":\"u\"") == std::string::npos);
  CHECK(body.find("Ann") == std::string::npos);
  CHECK(body.find("\"random_seed\":7") != std::string::npos);
}

TEST_CASE("what cannot be written anew goes as it came", "[proxy][habits]") {
  const std::string body = sent(HostPreset::mistral, R"("user":"u","tools":[{"type":"web_search"}],)");
  CHECK(body.find("\"user\":\"u\"") == std::string::npos);  // a tool of the provider's own has a place
  const std::string prefix =
      sent(HostPreset::mistral, R"("tools":[{"type":"function","function":{"odd":1}}],"user":"u",)");
  CHECK(prefix.find("\"odd\":1") != std::string::npos);
  CHECK(prefix.find("\"user\":\"u\"") != std::string::npos);
}

TEST_CASE("other hosts get the client's own bytes", "[proxy][habits]") {
  CHECK(sent(HostPreset::plain, R"("user":"u", "seed":7,)").find(R"("user":"u", "seed":7)") != std::string::npos);
}

TEST_CASE("a signature of Google's does not reach another provider", "[proxy][habits]") {
  const char* body =
      R"({"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{)"
      R"("name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"SIG"}}}]},)"
      R"({"role":"tool","tool_call_id":"a","content":"1"}]})";
  for (const auto& [preset, passes] : {std::pair{HostPreset::plain, false}, {HostPreset::google, true}}) {
    TestGateway t(config_for(preset));
    FakeClient client;
    const auto exchange = t.ask(client, body);
    REQUIRE(t.upstream.calls() == 1);
    CHECK((t.upstream.last().request().body.find("SIG") != std::string::npos) == passes);
  }
}
