#include <fmt/format.h>

#include "config/support.h"
#include "gateway/yaml_config.h"
#include "support/catch.h"

using namespace gateway;
using namespace std::chrono_literals;

TEST_CASE("the file format of the documentation reads into structs", "[config]") {
  const Config config = good(R"(
listen: 127.0.0.1:8080
workers: 2
database: sqlite:/tmp/other.db
journals: /var/lib/gateway/journals
durability: power
admin_token: ${GATEWAY_ADMIN_TOKEN:-}
providers:
  openrouter: {type: openrouter, api_key: ${OPENROUTER_API_KEY}, management_key: ${OPENROUTER_MANAGEMENT_KEY:-}}
  openai:     {type: openai, api_key: ${OPENAI_API_KEY}}
  local:      {type: openai, base_url: http://127.0.0.1:11434/v1/, api_key: none}
  sim:        {type: simulated}
models:
  fast:
    strategy: ordered
    targets:
      - {provider: openai, model: gpt-4o-mini, weight: 3, prices: {input: 0.15, output: 0.60, cached_input: 0.075}}
      - {provider: openrouter, model: openai/gpt-4o-mini}
  "anthropic/*": {targets: [{provider: openrouter}]}
  "*":           {targets: [{provider: openrouter}]}
retry: {max_attempts: 4, on: [connect, 429], budget: 0.1}
server: {max_connections: 100, max_in_flight: 40, max_head: 16KiB, max_body: 8MiB, max_buffered: 64MiB, head_timeout: 5s, body_timeout: 50s, drain: 20s}
timeouts: {connect: 250ms, first_byte: 20s, idle: 1m, total: 1h}
projects:
  demo:
    models: ["fast", "anthropic/*"]
    limits: {requests_per_minute: 600, tokens_per_minute: 200000, concurrent: 50, max_output_tokens: 4096}
    spend:  {cap: 25.00, period: month, timezone: UTC, mode: strict}
)",
                             {{"OPENROUTER_API_KEY", "sk-or"}, {"OPENAI_API_KEY", "sk-oa"}});
  CHECK(config.listen == std::vector<std::string>{"127.0.0.1:8080"});
  CHECK(config.workers == 2);
  CHECK(config.database == "sqlite:/tmp/other.db");
  CHECK(config.journals == "/var/lib/gateway/journals");
  CHECK(config.durability == Durability::power);
  CHECK(config.admin_token.empty());

  REQUIRE(config.providers.size() == 4);
  CHECK(config.providers[0].name == "openrouter");
  CHECK(config.providers[0].type == ProviderType::openrouter);
  CHECK(config.providers[0].base_url == "https://openrouter.ai/api/v1");
  CHECK(config.providers[0].api_key.reveal() == "sk-or");
  CHECK(config.providers[0].management_key.empty());
  CHECK(config.providers[0].catalogue_every == 3600s);
  CHECK(config.providers[1].base_url == "https://api.openai.com/v1");
  CHECK(config.providers[1].api_key.reveal() == "sk-oa");
  CHECK(config.providers[2].base_url == "http://127.0.0.1:11434/v1");
  CHECK(config.providers[2].api_key.empty());
  CHECK(config.providers[3].type == ProviderType::simulated);

  REQUIRE(config.routes.size() == 3);
  CHECK(config.routes[0].pattern == "fast");
  REQUIRE(config.routes[0].targets.size() == 2);
  const TargetConfig& target = config.routes[0].targets[0];
  CHECK(target.provider == "openai");
  CHECK(target.model == "gpt-4o-mini");
  CHECK(target.weight == 3);
  REQUIRE(target.prices);
  CHECK(target.prices->input == Money::units(150'000));
  CHECK(target.prices->output == Money::units(600'000));
  CHECK(target.prices->cached_input == Money::units(75'000));
  CHECK_FALSE(target.prices->reasoning);
  CHECK_FALSE(target.timeouts);
  CHECK(config.routes[1].pattern == "anthropic/*");
  CHECK(config.routes[1].targets[0].model.empty());

  CHECK(config.retry.max_attempts == 4);
  CHECK(config.retry.on_connect);
  CHECK(config.retry.on_429);
  CHECK_FALSE(config.retry.on_timeout);
  CHECK_FALSE(config.retry.on_5xx);
  CHECK_FALSE(config.retry.on_lost);
  CHECK(config.retry.budget == 0.1);
  CHECK(config.server.max_connections == 100);
  CHECK(config.server.max_in_flight == 40);
  CHECK(config.server.max_buffered == 64 << 20);
  CHECK(config.server.max_head == 16 * 1024);
  CHECK(config.server.max_body == 8 * 1024 * 1024);
  CHECK(config.server.head_timeout == 5s);
  CHECK(config.server.body_timeout == 50s);
  CHECK(config.server.drain == 20s);
  CHECK(config.timeouts.connect == 250ms);
  CHECK(config.timeouts.first_byte == 20s);
  CHECK(config.timeouts.idle == 60s);
  CHECK(config.timeouts.total == 3600s);

  REQUIRE(config.projects.size() == 1);
  const ProjectConfig& project = config.projects[0];
  CHECK(project.name == "demo");
  CHECK(project.from_file);
  CHECK(project.models == std::vector<std::string>{"fast", "anthropic/*"});
  CHECK(project.limits.requests_per_minute == 600);
  CHECK(project.limits.tokens_per_minute == 200'000);
  CHECK(project.limits.concurrent == 50);
  CHECK(project.limits.max_output_tokens == 4096);
  REQUIRE(project.spend.caps.size() == 1);
  CHECK(project.spend.caps[0].cap == Money::dollars(25));
  CHECK(project.spend.caps[0].period == Period::month);
  CHECK(project.spend.mode == SpendMode::strict);
  CHECK(project.spend.zone.empty());
}

TEST_CASE("an empty file is the defaults", "[config]") {
  for (const char* text : {"", "\n", "# nothing\n", "---\n", "{}"}) {
    const Config config = good(text);
    CHECK(config.listen == std::vector<std::string>{"127.0.0.1:8080"});
    CHECK(config.database == "sqlite:gateway.db");
    CHECK(config.providers.empty());
  }
}

TEST_CASE("sections may be left empty", "[config]") {
  const Config config = good("providers:\nmodels:\nprojects:\n  demo:\n  other: {}\nserver:\ntimeouts: ~\nretry:\n");
  REQUIRE(config.projects.size() == 2);
  CHECK(config.projects[0].name == "demo");
  CHECK(config.server.max_connections == 10'000);
}

TEST_CASE("listen takes one address or a list", "[config]") {
  const Config config = good("listen: [127.0.0.1:0, \"[::1]:8081\", localhost:80, \"unix:/run/gateway.sock\"]");
  CHECK(config.listen ==
        std::vector<std::string>{"127.0.0.1:0", "[::1]:8081", "localhost:80", "unix:/run/gateway.sock"});
}

TEST_CASE("a provider takes proxy, CA, headers and its catalogue's interval", "[config]") {
  const Config config = good(R"(
providers:
  a:
    type: openrouter
    api_key: k
    proxy: socks5h://user:pass@proxy.example:1080
    ca_file: /etc/ssl/private-ca.pem
    headers: {HTTP-Referer: "https://example.com", X-Title: ${TITLE}}
    catalogue_every: 10m
  b: {type: openrouter, api_key: k, proxy: direct, catalogue_every: 0}
)",
                             {{"TITLE", "our app"}});
  CHECK(config.providers[0].proxy == "socks5h://user:pass@proxy.example:1080");
  CHECK(config.providers[0].ca_file == "/etc/ssl/private-ca.pem");
  CHECK(config.providers[0].headers == std::vector<std::pair<std::string, std::string>>{
                                           {"HTTP-Referer", "https://example.com"}, {"X-Title", "our app"}});
  CHECK(config.providers[0].catalogue_every == 600s);
  CHECK(config.providers[1].proxy == "direct");
  CHECK(config.providers[1].catalogue_every == 0s);
}

TEST_CASE("a target's time limits begin as the file's", "[config]") {
  const Config config = good(R"(
models:
  a: {targets: [{provider: p, timeouts: {idle: 5s}, max_output_tokens: 100}]}
timeouts: {total: 2m}
providers: {p: {type: simulated}}
)");
  const TargetConfig& target = config.routes[0].targets[0];
  REQUIRE(target.timeouts);
  CHECK(target.timeouts->idle == 5s);
  CHECK(target.timeouts->total == 120s);
  CHECK(target.timeouts->connect == 5s);
  CHECK(target.max_output_tokens == 100);
}

TEST_CASE("prices are exact: per million tokens in the file, per token in the struct", "[config][prices]") {
  const Config config = good(R"(
providers: {p: {type: simulated}}
models:
  a:
    targets:
      - provider: p
        prices:
          input: 0.000001
          output: 1.5e1
          cache_write: 3
          reasoning: 0
          request: 0.005
          image: 0.001275
          audio: 0.0001
          overrides:
            - {min_prompt_tokens: 200000, input: 6}
            - {utc_start: "16:30", utc_end: "00:30", input: 0.135, output: 0.55}
)");
  const Prices& prices = *config.routes[0].targets[0].prices;
  CHECK(prices.input == Money::units(1));
  CHECK(prices.output == Money::units(15'000'000));
  CHECK(prices.cache_write == Money::units(3'000'000));
  CHECK(prices.reasoning == Money::units(0));
  CHECK(prices.request == Money::units(5'000'000'000));
  CHECK(prices.image == Money::units(1'275'000'000));
  CHECK(prices.audio == Money::units(100'000'000));
  REQUIRE(prices.overrides.size() == 2);
  CHECK(prices.overrides[0].min_prompt_tokens == 200'000);
  CHECK(prices.overrides[0].prices.input == Money::units(6'000'000));
  CHECK_FALSE(prices.overrides[0].utc_start_minute);
  CHECK(prices.overrides[1].utc_start_minute == 16 * 60 + 30);
  CHECK(prices.overrides[1].utc_end_minute == 30);
}

TEST_CASE("spend takes several caps in a list", "[config][spend]") {
  const Config config = good(R"(
projects:
  a:
    spend:
      - {cap: 5, period: day, warn: [80, 50], mode: estimate}
      - {cap: 100.000000000001, timezone: Europe/Berlin, unpriced: allow}
      - {cap: 1000, period: total, mode: estimate}
  b: {spend: {unpriced: allow, timezone: America/New_York}}
)");
  const SpendConfig& a = config.projects[0].spend;
  REQUIRE(a.caps.size() == 3);
  CHECK(a.caps[0].period == Period::day);
  CHECK(a.caps[0].warn_percent == std::vector<int>{50, 80});
  CHECK(a.caps[1].period == Period::month);
  CHECK(a.caps[1].cap == Money::units(100'000'000'000'001));
  CHECK(a.caps[2].period == Period::total);
  CHECK(a.mode == SpendMode::estimate);
  CHECK(a.timezone == "Europe/Berlin");
  CHECK_FALSE(a.zone.empty());
  CHECK(a.allow_unpriced);
  CHECK(config.projects[1].spend.caps.empty());
  CHECK(config.projects[1].spend.allow_unpriced);
}

TEST_CASE("server takes its extra keys", "[config]") {
  const Config config = good(R"(
server:
  max_connections_per_address: 20
  keep_alive: 30s
  cors_origins: ["https://app.example.com", "http://localhost:3000"]
  tls: {certificate: cert.pem, key: key.pem}
log_bodies: true
)");
  CHECK(config.server.max_connections_per_address == 20);
  CHECK(config.server.keep_alive == 30s);
  CHECK(config.server.cors_origins == std::vector<std::string>{"https://app.example.com", "http://localhost:3000"});
  CHECK(config.server.tls.certificate == "cert.pem");
  CHECK(config.server.tls.key == "key.pem");
  CHECK(config.log_bodies);
}

TEST_CASE("anchors, aliases and merges are understood", "[config][yaml]") {
  const Config config = good(R"(
providers: {p: {type: simulated}}
models:
  a: &route {targets: &targets [{provider: p}]}
  b: *route
  c: {targets: *targets}
projects:
  one:
    limits: &limits {requests_per_minute: 10, concurrent: 3}
  two:
    limits: {<<: *limits, concurrent: 5}
)");
  CHECK(config.routes[1].targets[0].provider == "p");
  CHECK(config.routes[2].targets[0].provider == "p");
  CHECK(config.projects[1].limits.requests_per_minute == 10);
  CHECK(config.projects[1].limits.concurrent == 5);
}

TEST_CASE("without a file there is always the simulated provider, and OpenRouter with its key", "[config][default]") {
  const Config alone = default_config(environment_of({}));
  REQUIRE(alone.providers.size() == 1);
  CHECK(alone.providers[0].name == "simulated");
  CHECK(alone.providers[0].type == ProviderType::simulated);
  REQUIRE(alone.routes.size() == 1);
  CHECK(alone.routes[0].pattern == "simulated/*");
  CHECK(alone.routes[0].targets[0].model.empty());

  const Config with_key = default_config(environment_of({{"OPENROUTER_API_KEY", "sk-or"}}));
  REQUIRE(with_key.providers.size() == 2);
  CHECK(with_key.providers[1].type == ProviderType::openrouter);
  CHECK(with_key.providers[1].api_key.reveal() == "sk-or");
  CHECK(with_key.routes[1].pattern == "*");

  CHECK(default_config(environment_of({{"OPENROUTER_API_KEY", ""}})).providers.size() == 1);
}

TEST_CASE("a file that is not there is a mistake", "[config]") {
  const ConfigReading reading = read_config_file("/nonexistent/gateway.yaml");
  REQUIRE(reading.mistakes.size() == 1);
  CHECK(reading.mistakes[0].to_string() == "/nonexistent/gateway.yaml: cannot be opened: No such file or directory");
}

TEST_CASE("a directory is no file", "[config]") {
  const ConfigReading reading = read_config_file("/");
  REQUIRE(reading.mistakes.size() == 1);
  CHECK(reading.mistakes[0].to_string() == "/: cannot be read: it is a folder");
}

TEST_CASE("the MCP server is off in a file that does not enable it, and on without one", "[config]") {
  CHECK_FALSE(good("listen: 127.0.0.1:1\n").mcp.enabled);
  CHECK(default_config(environment_of({})).mcp.enabled);
  const gateway::Config config = good("mcp: {enabled: true, write: [keys], origins: [\"https://app.example\"]}\n");
  CHECK(config.mcp.enabled);
  CHECK(config.mcp.write_keys);
  CHECK(config.mcp.origins == std::vector<std::string>{"https://app.example"});
  CHECK_FALSE(good("mcp: {enabled: true}\n").mcp.write_keys);
}

TEST_CASE("several tokens of the administration have names and roles", "[config]") {
  const gateway::Config config = good(
      "admin_tokens:\n  - {name: viewer, token: a-token-that-may-only-read}\n"
      "  - {name: deploy, token: a-token-that-may-write-too, role: write}\n"
      "admin: {listen: 127.0.0.1:9090}\nreconcile: {book: true}\n");
  REQUIRE(config.admin_tokens.size() == 2);
  CHECK(config.admin_tokens[0].name == "viewer");
  CHECK(config.admin_tokens[0].role == gateway::AdminRole::read);
  CHECK(config.admin_tokens[1].token.reveal() == "a-token-that-may-write-too");
  CHECK(config.admin_tokens[1].role == gateway::AdminRole::write);
  CHECK(config.admin_token.empty());
  CHECK(config.reconcile.nightly);
  CHECK(config.reconcile.book);
  CHECK_FALSE(good("reconcile: {nightly: false}\n").reconcile.nightly);
}

TEST_CASE("operators have addresses and tokens of their own", "[config]") {
  const gateway::Config config = good(
      "admin: {listen: [127.0.0.1:9090, \"unix:/run/admin\"], token: a-token-of-26-characters-x}\n"
      "metrics: {listen: \"[::1]:9091\", token: another-one-of-26-character}\n"
      "server: {drain_delay: 5s, min_body_rate: 2KiB, max_connection_memory: 1MiB}\n");
  CHECK(config.admin_listen == std::vector<std::string>{"127.0.0.1:9090", "unix:/run/admin"});
  CHECK(config.admin_token.reveal() == "a-token-of-26-characters-x");
  CHECK(config.metrics.listen == std::vector<std::string>{"[::1]:9091"});
  CHECK(config.metrics.token.reveal() == "another-one-of-26-character");
  CHECK(config.server.drain_delay == std::chrono::seconds(5));
  CHECK(config.server.min_body_rate == 2048);
  CHECK(config.server.max_connection_memory == 1024 * 1024);
}
