// What paths with a model in them ask for, and what a row keeps of long names.
#include "base/row_model.h"
#include "proxy/bench_gateway.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::testing;

namespace {

Config two_models() {
  Config config = test_config();
  RouteConfig secret = config.routes.front();
  secret.pattern = "secret";
  config.routes.push_back(std::move(secret));
  config.projects.front().models = {"m"};
  return config;
}

std::string deployment(std::string_view model) {
  return "/openai/deployments/" + std::string(model) + "/chat/completions";
}

}  // namespace

TEST_CASE("the model of a deployment's path is what is authorised and what is forwarded", "[proxy][paths]") {
  TestGateway t(two_models());
  const auto asked = [&](std::string_view path_model, std::string_view body) {
    FakeClient client;
    t.upstream.answer_next(Answer::json(200, kAnswer));
    auto exchange = t.open(client, "POST", deployment(path_model));
    exchange->on_body(body);
    exchange->on_end();
    t.upstream.run();
    return client.status();
  };
  CHECK(asked("m", R"({"messages":[]})") == 200);
  CHECK(t.upstream.call(0).request().body == R"({"model":"m-a","messages":[]})");
  CHECK(asked("m", R"({"messages":[],"model":"secret"})") == 200);
  CHECK(t.upstream.call(1).request().body == R"({"messages":[],"model":"m-a"})");
  CHECK(asked("secret", R"({"messages":[],"model":"m"})") == 403);
  CHECK(t.upstream.calls() == 2);
}

TEST_CASE("the root reports what this is, to anyone", "[proxy][paths]") {
  TestGateway t;
  FakeClient client;
  auto exchange = t.open(client, "GET", "/");
  CHECK(client.status() == 200);
  CHECK(client.body().find("\"Model Gateway\"") != std::string::npos);
}

TEST_CASE("a row keeps short names as they are and marks long ones, each another way", "[proxy][paths]") {
  const std::string fits(128, 'm');
  CHECK(row_model(fits).view() == fits);
  const std::string one(300, 'm'), two = one + "n";
  CHECK(row_model(one).view().size() == 128);
  CHECK(row_model(one).view().substr(0, 117) == one.substr(0, 117));
  CHECK(row_model(one).view().substr(117, 3) == "...");
  CHECK(row_model(one) == row_model(one));
  CHECK_FALSE(row_model(one) == row_model(two));
  std::string euros;
  for (int i = 0; i < 100; ++i) euros += "\xe2\x82\xac";
  const FixedText<128> kept = row_model("a" + euros);
  CHECK(kept.view().find("...") % 3 == 1);  // after a complete character
}
