#include "operations/config_diff.h"

#include <functional>

#include "support/catch.h"

using namespace gateway;
using namespace gateway::operations;
using namespace std::chrono_literals;

namespace {

Config config() {
  Config out;
  ProviderConfig& provider = out.providers.emplace_back();
  provider.name = "first";
  provider.api_key = Secret("sk-old-secret");
  RouteConfig& route = out.routes.emplace_back();
  route.pattern = "fast";
  TargetConfig& target = route.targets.emplace_back();
  target.provider = "first";
  target.model = "mini";
  target.prices.emplace().input = Money::units(150'000);
  ProjectConfig& project = out.projects.emplace_back();
  project.name = "demo";
  return out;
}

std::vector<std::string> words(const Config& was, const Config& now) {
  std::vector<std::string> out;
  for (const ConfigDifference& each : config_differences(was, now)) out.push_back(words_of(each));
  return out;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("a configuration does not differ from itself", "[operations][diff]") {
  CHECK(words(config(), config()).empty());
}

TEST_CASE("each kind of difference is said in words", "[operations][diff]") {
  const Config was = config();
  Config now = config();
  const auto differ = [&](auto change) {
    now = config();
    change(now);
    return words(was, now);
  };
  CHECK(differ([](Config& c) { c.providers[0].base_url = "https://a.example/v1"; }) ==
        Words{"provider first: base URL: https://a.example/v1 (it was https://api.openai.com/v1)"});
  CHECK(differ([](Config& c) { c.routes[0].targets[0].prices->input = Money::units(600'000); }) ==
        Words{"model fast, target first mini: price of input: 0.6 USD per million tokens (it was 0.15 USD per million "
              "tokens)"});
  CHECK(differ([](Config& c) { c.routes[0].targets[0].prices->output = Money::units(600'000); }) ==
        Words{"model fast, target first mini: price of output: 0.6 USD per million tokens (there was none)"});
  CHECK(differ([](Config& c) { c.routes.clear(); }) ==
        Words{"model fast: removed", "model fast, target first mini: removed"});
  CHECK(differ([](Config& c) { c.timeouts.first_byte = 30s; }) ==
        Words{"time limits: time to the first byte: 30s (it was 10m)"});
  CHECK(differ([](Config& c) { c.retry.on_lost = true; }) ==
        Words{"retries: after: connect, timeout, 429, 5xx, lost (it was connect, timeout, 429, 5xx)"});
  CHECK(differ([](Config& c) { c.projects[0].limits.requests_per_minute = 60; }) ==
        Words{"project demo: requests a minute: 60 (it was none)"});
  CHECK(differ([](Config& c) {
          c.projects[0].spend.caps.push_back({Money::dollars(5), Period::day, {}});
        }) == Words{"project demo: cap per day: 5 USD (there was none)"});
  CHECK(differ([](Config& c) { c.projects.emplace_back().name = "new"; }) == Words{"project new: added"});
  CHECK(differ([](Config& c) { c.listen = {"127.0.0.1:9"}; }) ==
        Words{"addresses: 127.0.0.1:9 (it was 127.0.0.1:8080)"});
}

TEST_CASE("secrets are compared and never shown", "[operations][diff]") {
  const Config was = config();
  Config now = config();
  now.providers[0].api_key = Secret("sk-new-secret");
  now.providers[0].base_url = "https://user:sk-url-secret@a.example/v1";
  now.providers[0].headers.emplace_back("x-auth", "sk-header-secret");
  now.admin_token = Secret("sk-admin-secret-0123");
  now.admin_tokens.push_back({"ci", Secret("sk-ci-secret-0123456"), AdminRole::write});
  std::string all;
  for (const ConfigDifference& each : config_differences(was, now)) {
    all += words_of(each) + '\n';
    all += each.was + each.now;
  }
  INFO(all);
  CHECK(all.find("-secret") == all.npos);
  CHECK(all.find("provider first: API key: another one\n") != all.npos);
  CHECK(all.find("provider first: header x-auth: added\n") != all.npos);
  CHECK(all.find("admin token: added\n") != all.npos);
  CHECK(words(now, now).empty());
  Config removed = now;
  removed.providers[0].api_key = Secret();
  CHECK(words(now, removed) == Words{"provider first: API key: removed"});
  Config other_url = now;
  other_url.providers[0].base_url = "https://user:sk-url-other@a.example/v1";
  CHECK(words(now, other_url) == Words{"provider first: what its URL holds: another one"});
}

TEST_CASE("no key of a route, a target or a provider changes unsaid", "[operations][diff]") {
  const Config was = [] {
    Config out = config();
    TargetConfig& target = out.routes[0].targets.emplace_back();
    target.provider = "first";
    target.model = "large";
    return out;
  }();
  const std::pair<const char*, std::function<void(Config&)>> kChanges[] = {
      {"gemini", [](Config& c) { c.providers[0].type = ProviderType::gemini; }},
      {"azure", [](Config& c) { c.providers[0].type = ProviderType::azure; }},
      {"responses", [](Config& c) { c.providers[0].type = ProviderType::responses; }},
      {"gcloud",
       [](Config& c) {
         c.providers[0].token_command.run = {"gcloud", "auth"};
       }},
      {"simulated", [](Config& c) { c.providers[0].type = ProviderType::simulated; }},
      {"2024-10-21", [](Config& c) { c.providers[0].api_version = "2024-10-21"; }},
      {"mistral", [](Config& c) { c.providers[0].preset = HostPreset::mistral; }},
      {"API key work",
       [](Config& c) { c.providers[0].api_keys.push_back({.name = "work", .key = Secret("sk-work-1")}); }},
      {"least_busy", [](Config& c) { c.routes[0].strategy = Strategy::least_busy; }},
      {"header:x-user",
       [](Config& c) {
         c.routes[0].sticky = Identity{IdentifiedBy::header, "x-user"};
       }},
      {"group 1", [](Config& c) { c.routes[0].groups.emplace_back().count = 2; }},
      {"projects a", [](Config& c) { c.routes[0].targets[0].when.emplace().projects = {"a"}; }},
      {"hours 22:00-06:05",
       [](Config& c) {
         c.routes[0].targets[0].when.emplace().minutes = {22 * 60, 6 * 60 + 5};
       }},
      {"5.00 %",
       [](Config& c) {
         c.routes[0].targets[0].canary = Canary{500, {}};
       }},
      {"share by: user",
       [](Config& c) {
         c.routes[0].targets[0].canary = Canary{500, Identity{IdentifiedBy::user, {}}};
       }},
      {"vision", [](Config& c) { c.routes[0].targets[0].can = static_cast<std::uint8_t>(Ability::vision); }},
      {"128000", [](Config& c) { c.routes[0].targets[0].context_length = 128'000; }},
      {"max_tokens", [](Config& c) { c.routes[0].targets[0].length_field = LengthField::max_tokens; }},
      {"usage is asked for", [](Config& c) { c.routes[0].targets[0].ask_usage = false; }},
      {"adaptive", [](Config& c) { c.routes[0].targets[0].abilities.thinking = Thinking::adaptive; }},
      {"sampling", [](Config& c) { c.routes[0].targets[0].abilities.sampling = SamplingTaken::one; }},
      {"schemas", [](Config& c) { c.routes[0].targets[0].abilities.schemas = true; }},
      {"context_length", [](Config& c) { c.retry.on_context_length = true; }},
      {"content_policy", [](Config& c) { c.retry.on_content_policy = true; }},
      {"route", [](Config& c) { c.route_header = true; }},
  };
  for (const auto& [word, change] : kChanges) {
    INFO(word);
    Config now = was;
    change(now);
    bool is_said = false;
    for (const std::string& each : words(was, now)) is_said |= each.find(word) != each.npos;
    CHECK(is_said);
  }
}
