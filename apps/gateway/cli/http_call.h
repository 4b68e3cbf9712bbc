// One HTTP request, waited for: for commands that talk to a server.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/result.h"

namespace gateway::app {

struct HttpCall {
  std::string base_url;  // "http://127.0.0.1:8080"; may have a path
  std::string_view method = "GET";
  std::string path;     // follows the base URL's
  std::string token{};  // sent as a bearer; empty: none
  std::string body{};   // JSON; empty: none
  std::chrono::milliseconds limit{30'000};
  std::string proxy{}, ca_file{};  // as a provider's
  std::vector<std::pair<std::string, std::string>> headers{};
  // Takes the body of an answer of status 200 as it comes; false ends the call. Absent: it is gathered.
  std::function<bool(std::string_view)> on_body{};
};

struct HttpAnswer {
  int status = 0;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string_view header(std::string_view name) const;
};

// Any status is an answer. Errors: invalid (the URL), unreachable, timeout and the like.
Result<HttpAnswer> http_call(const HttpCall& call);

}  // namespace gateway::app
