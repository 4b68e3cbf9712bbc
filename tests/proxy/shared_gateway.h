// A gateway that two projects share.
#pragma once

#include <memory>
#include <string>

#include "proxy/bench_gateway.h"
#include "support/catch.h"

namespace gateway::testing {

inline constexpr std::string_view kOtherKey = "gk-9876543210987654321098765432109876543210987";
inline constexpr std::uint64_t kMiB = 1024 * 1024;

inline Config two_projects() {
  Config config = test_config();
  ProjectConfig other;
  other.name = "other";
  config.projects.push_back(other);
  return config;
}

// A gateway whose second project has a key, and heads without bodies.
struct SharedGateway : TestGateway {
  explicit SharedGateway(const Config& config = two_projects()) : TestGateway(config) {
    ApiKey key = test_key(kOtherKey);
    key.id = "key_test00000002";
    key.project = "other";
    REQUIRE(store.put_key(key).has_value());
    timer.advance(std::chrono::seconds(1));
    pump();
  }
  std::unique_ptr<Exchange> head(FakeClient& client, std::uint64_t length, std::string_view key = kTestKey) {
    const std::string bearer = "Bearer " + std::string(key);
    const HeaderField fields[] = {{"authorization", bearer}};
    return gateway->open({.method = "POST",
                          .path = "/v1/chat/completions",
                          .query = {},
                          .headers = fields,
                          .content_length = length,
                          .has_body = true},
                         client);
  }
  // A complete request of either's, answered as the upstream was scripted.
  int status_of(std::string_view key, std::string_view body, FakeClient& client) {
    auto exchange = head(client, body.size(), key);
    if (exchange->wants_body()) exchange->on_body(body);
    if (exchange->wants_body()) exchange->on_end();
    upstream.run();
    return client.status();
  }
  int status_of(std::string_view key, std::string_view body = kChat) {
    FakeClient client;
    return status_of(key, body, client);
  }
  bool serves_other() {
    FakeClient client;
    auto exchange = head(client, kChat.size(), kOtherKey);
    if (!exchange->wants_body()) return false;
    exchange->on_body(kChat);
    if (!exchange->wants_body()) return false;
    exchange->on_end();
    upstream.last().answer(Answer::json(200, kAnswer));
    return client.status() == 200;
  }
};

}  // namespace gateway::testing
