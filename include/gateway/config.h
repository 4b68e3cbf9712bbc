// A complete configuration, as plain structs. The YAML reader builds them; an embedder may fill them in by hand.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/provider.h"
#include "gateway/route.h"
#include "gateway/secret.h"
#include "gateway/server_config.h"
#include "gateway/tenancy.h"

namespace gateway {

enum class Durability : std::uint8_t { process, power };

struct Config {
  std::vector<std::string> listen{"127.0.0.1:8080"};  // "unix:/path" too
  int workers = 0;                                    ///< 0: one per core
  std::string database = "sqlite:gateway.db";
  std::string journals{};  ///< the directory of the database's journals; empty: beside the database
  Durability durability = Durability::process;
  Secret admin_token{};                     ///< at least kMinAdminToken characters; empty: the admin API is off
  std::vector<AdminToken> admin_tokens{};   ///< beside it: with either of them the admin API is on
  bool dashboard = true;                    ///< where the admin API is served, its pages for people are too
  std::vector<std::string> admin_listen{};  ///< where it is served; empty: where clients are
  MetricsConfig metrics{};
  ReconcileConfig reconcile{};
  McpConfig mcp{};
  std::vector<ProviderConfig> providers{};
  std::vector<RouteConfig> routes{};
  RetryConfig retry{};
  OutlierConfig outliers{};
  ServerConfig server{};
  Timeouts timeouts{};
  std::vector<ProjectConfig> projects{};
  bool insforge = true;       ///< whether /api/ai is served, for InsForge's SDKs
  bool route_header = false;  ///< whether answers tell, in x-gateway-route, how their target was chosen
  bool log_bodies =
      false;  ///< a debugging aid that writes prompts and answers to the log: a warning in the log says so
};

/// Which requests a staged configuration serves: see Core::stage.
struct StagedShare {
  enum class Of : std::uint8_t { requests, projects };
  int percent = 0;  ///< from 1 to 99
  Of of = Of::requests;
};
std::string_view to_string(StagedShare::Of of) noexcept;  ///< "requests", "projects"

}  // namespace gateway
