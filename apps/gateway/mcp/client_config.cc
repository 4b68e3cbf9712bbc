#include "app/mcp/client_config.h"

#include <fmt/format.h>

#include "app/render/json.h"

namespace gateway::app::mcp {
namespace {

std::string arguments_json(const ClientConfig& config) {
  std::vector<std::string> list{json::text("mcp")};
  for (const std::string& argument : config.arguments) list.push_back(json::text(argument));
  std::string text = "[";
  for (const std::string& each : list) text += (text.size() > 1 ? ", " : "") + each;
  return text + "]";
}

// TOML's basic strings and arrays of them are written like JSON's.
std::string codex(const ClientConfig& config) {
  std::string text = "# ~/.codex/config.toml\n[mcp_servers.gateway]\n";
  if (config.url) {
    return text + fmt::format("url = {}\nbearer_token_env_var = {}\n", json::text(*config.url + "/mcp"),
                              json::text(config.key_variable));
  }
  return text + fmt::format("command = {}\nargs = {}\n", json::text(config.program), arguments_json(config));
}

struct Shape {
  std::string_view servers;   // the member that has them
  std::string_view variable;  // how a variable of the environment is written
  bool has_type;              // whether it wants to know which transport it is
};

Shape shape_of(std::string_view client) {
  if (client == "vscode") return {"servers", "${{env:{}}}", true};
  if (client == "cursor") return {"mcpServers", "${{env:{}}}", false};
  return {"mcpServers", "${{{}}}", true};
}

}  // namespace

std::string client_config(std::string_view client, const ClientConfig& config) {
  if (client == "codex") return codex(config);
  const Shape shape = shape_of(client);
  std::string lines;
  const auto add = [&lines](std::string_view name, const std::string& value) {
    lines += fmt::format("{}      \"{}\": {}", lines.empty() ? "" : ",\n", name, value);
  };
  if (shape.has_type) add("type", json::text(config.url ? "http" : "stdio"));
  if (config.url) {
    const std::string variable = fmt::format(fmt::runtime(shape.variable), config.key_variable);
    add("url", json::text(*config.url + "/mcp"));
    add("headers", fmt::format("{{\"Authorization\": {}}}", json::text("Bearer " + variable)));
  } else {
    add("command", json::text(config.program));
    add("args", arguments_json(config));
  }
  return fmt::format("{{\n  \"{}\": {{\n    \"gateway\": {{\n{}\n    }}\n  }}\n}}\n", shape.servers, lines);
}

}  // namespace gateway::app::mcp
