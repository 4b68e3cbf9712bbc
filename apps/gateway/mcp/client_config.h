// What MCP clients write into their configuration to start this server or to reach one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::app::mcp {

struct ClientConfig {
  std::string program;                 // the binary's path
  std::vector<std::string> arguments;  // after `mcp`
  std::optional<std::string> url{};    // of a server instead: "http://127.0.0.1:8080"
  std::string key_variable{};          // with a url: the variable that has the key
};

// `client`: claude, cursor, vscode or codex.
std::string client_config(std::string_view client, const ClientConfig& config);

}  // namespace gateway::app::mcp
