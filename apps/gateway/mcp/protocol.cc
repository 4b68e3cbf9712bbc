#include "app/mcp/protocol.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "app/render/json.h"
#include "base/nearest.h"

namespace gateway::app::mcp {
namespace {

using jsonrpc::Fault;
using jsonrpc::Message;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::string_view kModern = "2026-07-28";
constexpr std::array<std::string_view, 4> kVersions{"2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26"};
constexpr std::string_view kNewestLegacy = kVersions[1];
constexpr std::string_view kFirstModernYear = "2026";
constexpr int kHeaderMismatch = -32020;
constexpr int kUnsupportedVersion = -32022;
constexpr std::int64_t kLifeMs = 60'000;  // how long a client may keep the list of tools

bool is_known(std::string_view version) {
  return std::find(kVersions.begin(), kVersions.end(), version) != kVersions.end();
}

std::string versions_json(std::span<const std::string_view> versions) {
  std::vector<std::string> list;
  for (const std::string_view version : versions) list.push_back(json::text(version));
  return json::list(list);
}

std::optional<object> member(const std::optional<object>& of, std::string_view name) {
  object found;
  if (!of || of->at_key(name).get(found)) return std::nullopt;
  return found;
}

std::optional<std::string> text_member(const std::optional<object>& of, std::string_view name) {
  std::string_view found;
  if (!of || of->at_key(name).get(found)) return std::nullopt;
  return std::string(found);
}

std::string server_json(const ServerFacts& server) {
  return json::Object()
      .add("name", json::text(server.name))
      .add("title", json::text(server.title))
      .add("version", json::text(server.version))
      .str();
}

// One message and where it came from.
struct Call {
  const Message& message;
  const HttpFields* http;
  bool is_modern = false;
};

ProtocolAnswer refuse(const Call& call, int status, Fault fault) {
  return {call.http != nullptr ? status : 200, jsonrpc::error_text(call.message.id, fault)};
}
// In the era of the handshake errors of the protocol are successes of HTTP.
ProtocolAnswer refuse_by_era(const Call& call, int modern_status, Fault fault) {
  return refuse(call, call.is_modern ? modern_status : 200, std::move(fault));
}

// How a result is completed: only the modern era says that it is complete, and by whom.
std::string finished(const Call& call, const ServerFacts& server, json::Object result) {
  if (call.is_modern) {
    result.add("resultType", json::text("complete"))
        .add("_meta", json::Object().add("io.modelcontextprotocol/serverInfo", server_json(server)).str());
  }
  return jsonrpc::result_text(call.message.id, result.str());
}

constexpr std::string_view kCapabilities = R"({"tools":{}})";

json::Object initialized(const Message& message, const ServerFacts& server) {
  const std::string asked = text_member(message.params, "protocolVersion").value_or("");
  const bool is_legacy = is_known(asked) && asked != kModern;
  return json::Object()
      .add("protocolVersion", json::text(is_legacy ? asked : kNewestLegacy))
      .add("capabilities", kCapabilities)
      .add("serverInfo", server_json(server))
      .add("instructions", json::text(server.instructions));
}

json::Object discovered(const ServerFacts& server) {
  return json::Object()
      .add("supportedVersions", versions_json(kVersions))
      .add("capabilities", kCapabilities)
      .add("instructions", json::text(server.instructions))
      .add("ttlMs", json::number(kLifeMs))
      .add("cacheScope", json::text("private"));
}

json::Object listed(const Call& call, std::span<const Tool> tools) {
  std::vector<std::string> list;
  for (const Tool& tool : tools) list.push_back(tool_json(tool));
  json::Object result;
  result.add("tools", json::list(list));
  if (call.is_modern) result.add("ttlMs", json::number(kLifeMs)).add("cacheScope", json::text("private"));
  return result;
}

json::Object called(const ToolAnswer& answer) {
  const std::string& text = answer.text.empty() ? answer.structured : answer.text;
  json::Object result;
  result.add("content",
             json::list({json::Object().add("type", json::text("text")).add("text", json::text(text)).str()}));
  if (!answer.structured.empty()) result.add("structuredContent", answer.structured);
  return result.add("isError", json::boolean(answer.is_error));
}

// The checks of the modern era, in their order. Nothing: the call may go on.
std::optional<ProtocolAnswer> modern_fault(const Call& call) {
  const Message& message = call.message;
  const auto meta = member(message.params, "_meta");
  const auto version = text_member(meta, "io.modelcontextprotocol/protocolVersion");
  if (!version || !member(meta, "io.modelcontextprotocol/clientCapabilities")) {
    return refuse(call, 400,
                  {jsonrpc::kInvalidParams,
                   "params._meta: expected io.modelcontextprotocol/protocolVersion and "
                   "io.modelcontextprotocol/clientCapabilities"});
  }
  if (call.http != nullptr) {
    const auto mismatch = [&](std::string_view field, const std::optional<std::string>& found,
                              const std::optional<std::string>& expected) -> std::optional<ProtocolAnswer> {
      if (found && expected && *found == *expected) return std::nullopt;
      return refuse(call, 400, {kHeaderMismatch, fmt::format("The header field {} does not equal the body", field)});
    };
    if (auto fault = mismatch("MCP-Protocol-Version", call.http->version, version)) return fault;
    if (auto fault = mismatch("Mcp-Method", call.http->method, message.method)) return fault;
    if (message.method == "tools/call") {
      if (auto fault = mismatch("Mcp-Name", call.http->name, text_member(message.params, "name"))) return fault;
    }
  }
  if (*version != kModern) {
    const std::string data =
        json::Object().add("supported", versions_json(kVersions)).add("requested", json::text(*version)).str();
    return refuse(call, 400, {kUnsupportedVersion, "Unsupported protocol version", data});
  }
  return std::nullopt;
}

bool is_modern(const Message& message, const HttpFields* http) {
  const auto meta = member(message.params, "_meta");
  if (text_member(meta, "io.modelcontextprotocol/protocolVersion")) return true;
  return http != nullptr && http->version && *http->version >= kFirstModernYear;
}

ProtocolAnswer call_tool(const Call& call, const ServerFacts& server, std::span<const Tool> tools) {
  const Message& message = call.message;
  const auto name = text_member(message.params, "name");
  if (!name) return refuse_by_era(call, 400, {jsonrpc::kInvalidParams, "params.name: expected a tool's name"});
  const auto tool = std::find_if(tools.begin(), tools.end(), [&](const Tool& each) { return each.name == *name; });
  if (tool == tools.end()) {
    std::vector<std::string_view> known;
    for (const Tool& each : tools) known.push_back(each.name);
    const std::string_view near = nearest(*name, known);
    return refuse_by_era(
        call, 400,
        {jsonrpc::kInvalidParams, fmt::format("Unknown tool: {}{}", name->substr(0, 64),
                                              near.empty() ? "" : fmt::format("; did you mean {}?", near))});
  }
  element given;
  const bool has_arguments = message.params && !message.params->at_key("arguments").get(given) && !given.is_null();
  if (has_arguments && !given.is_object())
    return refuse_by_era(call, 400, {jsonrpc::kInvalidParams, "params.arguments: expected an object"});
  const auto arguments = Arguments::read(tool->inputs, member(message.params, "arguments"));
  ProtocolAnswer out;
  out.tool = tool->name;
  if (arguments) out.arguments = arguments->names();
  const ToolAnswer answer = arguments ? tool->call(*arguments) : failed(arguments.error().detail);
  out.audit = answer.audit;
  out.is_error = answer.is_error;
  out.body = finished(call, server, called(answer));
  return out;
}

std::optional<json::Object> simple_result(const Call& call, const ServerFacts& server, std::span<const Tool> tools) {
  const std::string& method = call.message.method;
  if (method == "tools/list") return listed(call, tools);
  if (call.is_modern) {
    if (method == "server/discover") return discovered(server);
    return std::nullopt;
  }
  if (method == "initialize") return initialized(call.message, server);
  if (method == "ping") return json::Object();
  return std::nullopt;
}

}  // namespace

ProtocolAnswer Protocol::answer(std::string_view bytes, const HttpFields* http) {
  Message message;
  Fault fault;
  if (!reader_.read(bytes, message, fault)) return refuse({message, http}, 400, std::move(fault));
  if (message.kind == Message::Kind::response) return {202};
  const Call call{message, http, is_modern(message, http)};
  if (message.kind == Message::Kind::notification) return {202};
  if (call.is_modern) {
    if (auto refused = modern_fault(call)) return std::move(*refused);
  } else if (http != nullptr && http->version && !is_known(*http->version)) {
    return refuse(call, 400,
                  {jsonrpc::kInvalidRequest, fmt::format("MCP-Protocol-Version: expected one of {}, found '{}'",
                                                         fmt::join(kVersions, ", "), http->version->substr(0, 32))});
  }
  if (message.method == "tools/call") return call_tool(call, server_, tools_);
  if (auto result = simple_result(call, server_, tools_)) return {200, finished(call, server_, std::move(*result))};
  return refuse_by_era(call, 404,
                       {jsonrpc::kMethodNotFound, fmt::format("Method not found: {}", message.method.substr(0, 64))});
}

}  // namespace gateway::app::mcp
