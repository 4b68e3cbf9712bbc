#include <sstream>

#include "app/mcp/client_config.h"
#include "app/mcp/http/call_limits.h"
#include "app/mcp/http/claims.h"
#include "app/mcp/http/cors.h"
#include "app/mcp/http/doors.h"
#include "app/mcp/stdio.h"
#include "apps/cli/cli.h"

using namespace gateway::app::mcp;

TEST_CASE("lines are answered one by one until they end", "[mcp][stdio]") {
  std::istringstream in("one\r\n\n  \ntwo\nsilent\nthree");
  std::ostringstream out;
  serve_lines(in, out, [](const std::string& line) { return line == "silent" ? "" : "<" + line + ">"; });
  CHECK(out.str() == "<one>\n<two>\n<three>\n");
}

TEST_CASE("a line that is too long is refused, and the next one answered", "[mcp][stdio]") {
  std::istringstream in(std::string(kMaxMessage + 1, 'x') + "\n" + std::string(kMaxMessage, 'y') + "\nlast\n");
  std::ostringstream out;
  std::size_t longest = 0;
  serve_lines(in, out, [&](const std::string& line) {
    longest = std::max(longest, line.size());
    return line.substr(0, 4);
  });
  CHECK(longest == kMaxMessage);
  CHECK(out.str() ==
        "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,\"message\":\"A message has at most 1 MiB\"}}\n"
        "yyyy\nlast\n");
}

TEST_CASE("who reads no more is not written to", "[mcp][stdio]") {
  std::istringstream in("one\ntwo\n");
  std::ostringstream out;
  int answered = 0;
  serve_lines(in, out, [&](const std::string&) {
    ++answered;
    out.setstate(std::ios::badbit);
    return std::string("x");
  });
  CHECK(answered == 1);
}

TEST_CASE("a claim is taken once, within its time", "[mcp][keys]") {
  Claims claims;
  const WallTime now = fixed_now();
  const std::string ticket = claims.add({"demo", "key_1", Secret("gk-x"), {}}, now);
  CHECK(ticket.size() == 48);
  CHECK(claims.project_of(ticket, now) == "demo");
  CHECK_FALSE(claims.project_of("other", now));
  CHECK(claims.take(ticket, now)->text.reveal() == "gk-x");
  CHECK_FALSE(claims.take(ticket, now));
  const std::string old = claims.add({"demo", "key_2", Secret("gk-y"), {}}, now);
  CHECK_FALSE(claims.take(old, now + Claims::kLife));
}

TEST_CASE("hosts and origins that may call", "[mcp][http]") {
  CHECK(is_loopback_only({"127.0.0.1:8080", "[::1]:8080", "localhost:1", "unix:/x"}));
  CHECK_FALSE(is_loopback_only({"127.0.0.1:8080", "0.0.0.0:8080"}));
  CHECK(is_origin_allowed("http://127.0.0.1:8080", "127.0.0.1:8080", {}));
  CHECK(is_origin_allowed("https://app.example", "gw", {"https://app.example"}));
  CHECK_FALSE(is_origin_allowed("http://evil.example", "127.0.0.1:8080", {"https://app.example"}));
  CHECK_FALSE(is_origin_allowed("null", "127.0.0.1:8080", {}));
  CHECK_FALSE(is_origin_allowed("", "", {}));
  CHECK(is_plain_host("gw.example:8080"));
  CHECK_FALSE(is_plain_host("a\"b"));
}

TEST_CASE("a browser is answered for listed origins alone", "[mcp][http]") {
  const std::vector<std::string> listed{"https://app.example"};
  const std::vector<HeaderField> own{{"origin", "https://app.example"}, {"access-control-request-method", "POST"}};
  const std::vector<HeaderField> foreign{{"origin", "https://app.example.evil"}};
  CHECK(listed_origin(own, listed) == "https://app.example");
  CHECK(listed_origin(foreign, listed).empty());
  CHECK(listed_origin({}, listed).empty());
  CHECK(listed_origin(own, {}).empty());
  CHECK(is_preflight("OPTIONS", own));
  CHECK_FALSE(is_preflight("OPTIONS", foreign));
  CHECK_FALSE(is_preflight("POST", own));
}

TEST_CASE("each credential has a minute's worth of calls", "[mcp][http]") {
  CallLimits limits;
  const TimePoint now{std::chrono::hours(1)};
  for (int i = 0; i < CallLimits::kCallsAMinute; ++i) CHECK(limits.take_call("a", now).count() == 0);
  CHECK(limits.take_call("a", now).count() > 0);
  CHECK(limits.take_call("b", now).count() == 0);
  CHECK(limits.take_message("a", now).count() == 0);
  CHECK(limits.take_call("a", now + std::chrono::seconds(2)).count() == 0);
}

TEST_CASE("each client's configuration has its shape", "[mcp][stdio]") {
  const ClientConfig local{"/usr/bin/gateway", {"-c", "/etc/gateway.yaml"}};
  CHECK(client_config("claude", local) ==
        "{\n  \"mcpServers\": {\n    \"gateway\": {\n      \"type\": \"stdio\",\n      \"command\": "
        "\"/usr/bin/gateway\",\n      \"args\": [\"mcp\", \"-c\", \"/etc/gateway.yaml\"]\n    }\n  }\n}\n");
  CHECK(client_config("vscode", local).starts_with("{\n  \"servers\": {"));
  CHECK(client_config("codex", local) ==
        "# ~/.codex/config.toml\n[mcp_servers.gateway]\ncommand = \"/usr/bin/gateway\"\nargs = [\"mcp\", \"-c\", "
        "\"/etc/gateway.yaml\"]\n");
  const ClientConfig remote{"gateway", {}, "https://gw.example", "GATEWAY_KEY"};
  CHECK(client_config("claude", remote).find(R"("Authorization": "Bearer ${GATEWAY_KEY}")") != std::string::npos);
  CHECK(client_config("cursor", remote).find(R"("Authorization": "Bearer ${env:GATEWAY_KEY}")") != std::string::npos);
  CHECK(client_config("codex", remote).find("bearer_token_env_var = \"GATEWAY_KEY\"") != std::string::npos);
}
