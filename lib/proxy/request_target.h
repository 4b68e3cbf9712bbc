// From a request's path to what it requests. Clients write their base URLs with all kinds of slips; each of them
// reaches the same endpoint.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chat/endpoint.h"
namespace gateway {

enum class Page : std::uint8_t {
  unknown,
  root,  // what this is
  inference,
  count,     // of the input's tokens, in Anthropic's shape
  models,    // the list
  model,     // one of it
  response,  // one that its provider has stored, or a part of it
  key,
  overview,        // InsForge's reads: of the key's use and limits
  credits,         // ... in three figures
  configurations,  // ... the models, as InsForge once listed them
  configured,      // ... what only the configuration changes
  healthz,
  readyz,
  metrics,
};

struct RequestTarget {
  Page page = Page::unknown;
  std::string model{};  // of Page::model; of an inference the one that the path names (Azure), else empty
  const EndpointInfo* endpoint = nullptr;  // of an inference
  SurfaceKind surface =
      SurfaceKind::openai;  // in which it is asked for; of Page::unknown the one whose folder it is in
  bool for_images = false;  // see OtherPath
  std::string response{};   // of Page::response its id,
  std::string_view part{};  // and what follows it: nothing, "/cancel" or "/input_items"
};

// `path` is without query and not decoded. It may have doubled and trailing slashes, percent-encoded characters (RFC
// 3986, 2.1), no `/v1` or several of them, and be one of Azure's: /openai/v1/... and
// /openai/deployments/{model}/chat/completions. A model's name may contain slashes. /metrics has one spelling, so that
// whatever guards it in front of us need know no other.
RequestTarget parse_request_target(std::string_view path);

// What clients may ask for, each with its method: "POST /v1/chat/completions", "GET /v1/models". `has_insforge`: with
// the paths of that shape.
const std::vector<std::string>& served_paths(bool has_insforge);

// Percent-decoding, appended. False: it is malformed.
bool decode_path(std::string_view path, std::string& out);

}  // namespace gateway
