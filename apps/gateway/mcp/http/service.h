// POST /mcp of a running gateway: who calls, how often, and what the protocol answers.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/mcp/desk.h"
#include "app/mcp/http/call_limits.h"
#include "app/mcp/http/claims.h"
#include "app/mcp/http/key_lookup.h"
#include "app/mcp/protocol.h"
#include "gateway/secret.h"

namespace gateway::app::mcp {

struct HttpRequest {
  bool is_admin = false;  // it came with a token of the administration
  std::string admin_name{};
  bool may_write = true;  // the token may
  Secret key{};           // else: what may be a key
  HttpFields fields{};
  std::string origin{};  // of this server, as the client sees it: "http://127.0.0.1:8080"
  std::string served{};  // where it serves models: the same, unless the administration has addresses of its own
  std::string body{};
  std::string claim{};     // the ticket of a page to fetch a key by; empty: a message
  bool wants_key = false;  // the page's form was sent; `key` or is_admin has its credential
};

struct HttpAnswer {
  int status = 200;
  std::string content_type = "application/json";
  std::string body{};
  std::optional<std::chrono::milliseconds> retry_after{};
  bool is_wrong_key = false;
  std::string log{};  // what was called, by whom; empty: nothing
};

class Service {
 public:
  // `sources` as they are at a call; without what this adds: the way of new keys.
  explicit Service(std::function<Sources()> sources);

  // Blocks on the database. Any thread.
  HttpAnswer answer(const HttpRequest& request, TimePoint now);

 private:
  // Who calls; nobody: the key is not good.
  Result<std::optional<Caller>> caller_of(const Sources& sources, const HttpRequest& request);
  HttpAnswer answer_message(Sources& sources, const HttpRequest& request, const Caller& caller, TimePoint now);
  HttpAnswer answer_claim(const Sources& sources, const HttpRequest& request);

  const std::function<Sources()> sources_;
  const std::shared_ptr<Confirmations> confirmations_;
  KeyLookup keys_;
  CallLimits limits_;
  Claims claims_;
};

// The body of an answer that is an error before the protocol.
std::string error_body(std::string_view message);

}  // namespace gateway::app::mcp
