// An embedder names the members that it sets, and a compiler with -Wextra does not miss the others: else this does not
// compile.
#include "gateway/config.h"
#include "support/catch.h"

using namespace gateway;

TEST_CASE("structs of a configuration may be begun by any one member", "[config][structs]") {
  const ProviderConfig provider{.name = "p"};
  const TargetConfig target{.provider = "p"};
  const RouteConfig route{.pattern = "m"};
  const ProjectConfig project{.name = "a"};
  const SpendConfig spend{.mode = SpendMode::estimate};
  const SpendCap cap{.cap = Money::dollars(1)};
  const LimitsConfig limits{.concurrent = 3};
  const ApiKey key{.id = "key_1"};
  const Timeouts timeouts{.idle = std::chrono::seconds(1)};
  const RetryConfig retry{.max_attempts = 2};
  const ServerConfig server{.max_in_flight = 3};
  const MetricsConfig metrics{.listen = {"127.0.0.1:0"}};
  const Condition condition{.projects = {"a"}};
  const HedgeConfig hedge{.percentile = 90};
  const Config config{.workers = 2};
  CHECK(provider.headers.empty());
  CHECK_FALSE(target.prices);
  CHECK_FALSE(route.hedge);
  CHECK(project.models.empty());
  CHECK(spend.caps.empty());
  CHECK(cap.warn_percent.empty());
  CHECK_FALSE(limits.max_output_tokens);
  CHECK_FALSE(key.revoked);
  CHECK(timeouts.total == Timeouts{}.total);
  CHECK(retry.on_429);
  CHECK(server.cors_origins.empty());
  CHECK(metrics.token.empty());
  CHECK_FALSE(condition.minutes);
  CHECK_FALSE(hedge.after);
  CHECK(config.listen == Config{}.listen);
}
