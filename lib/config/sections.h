// The parts of the file, each read into its struct. Mistakes go to the Reading; what is left out keeps its default.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/fields.h"
#include "gateway/config.h"

namespace gateway {

void read_server(Reading& reading, const yaml::Node& node, ServerConfig& server);
void read_mcp(Reading& reading, const yaml::Node& node, McpConfig& mcp);
void read_timeouts(Reading& reading, const yaml::Node& node, const std::string& name, Timeouts& timeouts);
void read_retry(Reading& reading, const yaml::Node& node, RetryConfig& retry);
void read_outliers(Reading& reading, const yaml::Node& node, OutlierConfig& outliers);
void read_providers(Reading& reading, const yaml::Node& node, std::vector<ProviderConfig>& providers);
// `providers` holds every provider of the file, those with mistakes too. A target's time limits begin as `timeouts`.
void read_routes(Reading& reading, const yaml::Node& node, const std::vector<ProviderConfig>& providers,
                 const Timeouts& timeouts, std::vector<RouteConfig>& routes);
// What says for which requests a target or a group is.
void read_condition(Reading& reading, const yaml::Node& node, const std::string& name, Condition& when);
void read_canary(Reading& reading, const yaml::Node& node, const std::string& name, Canary& canary);
void read_identity(const Fields& fields, std::string_view key, std::optional<Identity>& identity);
void read_can(const Fields& fields, std::optional<std::uint8_t>& can);
void read_prices(Reading& reading, const yaml::Node& node, const std::string& name, Prices& prices);
void read_projects(Reading& reading, const yaml::Node& node, std::vector<ProjectConfig>& projects);
// `spend` of a project: one mapping, or a list of them, one for each cap. `mode`, `timezone` and `unpriced` hold for
// the entire project: they may be written in any of them, and if they are written twice they must agree.
void read_spend(Reading& reading, const yaml::Node& node, const std::string& project, SpendConfig& spend);

// `ask_usage` of a provider or a target.
void read_ask_usage(const Fields& fields, bool& ask);

// The places an enumerator is written as: "'period' in ...: expected day, week, month or total".
template <class E>
struct Word {
  std::string_view text;
  E value;
};

template <class E, std::size_t N>
void get_word(const Fields& fields, std::string_view key, E& out, const Word<E> (&words)[N]) {
  std::string expected;
  for (std::size_t i = 0; i < N; ++i) {
    expected += i == 0 ? "" : i + 1 == N ? " or " : ", ";
    expected += words[i].text;
  }
  fields.get(key, out, expected, [&words](std::string_view text) -> std::optional<E> {
    for (const Word<E>& word : words) {
      if (word.text == text) return word.value;
    }
    return std::nullopt;
  });
}

}  // namespace gateway
