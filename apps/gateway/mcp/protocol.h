// The Model Context Protocol, as far as tools go: one message in, its answer out. It knows both eras: that of the
// handshake (revisions 2025-03-26, 2025-06-18 and 2025-11-25) and that without one (2026-07-28).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "app/mcp/tool.h"
#include "wire/jsonrpc/message.h"

namespace gateway::app::mcp {

struct ServerFacts {
  std::string name, title, version, instructions;
};

// What of an HTTP request's head the protocol looks at.
struct HttpFields {
  std::optional<std::string> version;  // MCP-Protocol-Version
  std::optional<std::string> method;   // Mcp-Method
  std::optional<std::string> name;     // Mcp-Name
};

struct ProtocolAnswer {
  int status = 200;    // of HTTP
  std::string body{};  // one line of JSON; empty: there is no answer
  // For the log; empty unless a tool was called.
  std::string tool{}, arguments{}, audit{};
  bool is_error = false;
};

class Protocol {
 public:
  // Both outlive it. The order of the tools is that of their list.
  Protocol(const ServerFacts& server, std::span<const Tool> tools) : server_(server), tools_(tools) {}

  // `http`: null if it came as a line.
  ProtocolAnswer answer(std::string_view bytes, const HttpFields* http);

 private:
  const ServerFacts& server_;
  std::span<const Tool> tools_;
  jsonrpc::Reader reader_;
};

}  // namespace gateway::app::mcp
