#include "providers/base_url.h"

#include "support/catch.h"

using namespace gateway;

TEST_CASE("a base URL is taken apart", "[providers][base_url]") {
  const auto plain = parse_base_url("http://127.0.0.1:11434/v1/");
  REQUIRE(plain);
  CHECK(plain->origin.scheme == "http");
  CHECK(plain->origin.host == "127.0.0.1");
  CHECK(plain->origin.port == 11434);
  CHECK(plain->origin.authority == "127.0.0.1:11434");
  CHECK(plain->path == "/v1");
  const auto tls = parse_base_url("https://openrouter.ai/api/v1");
  REQUIRE(tls);
  CHECK(tls->origin.port == 443);
  CHECK(tls->origin.id == "https://openrouter.ai:443");
  const auto v6 = parse_base_url("http://[::1]:8080");
  REQUIRE(v6);
  CHECK(v6->origin.host == "::1");
  CHECK(v6->origin.authority == "[::1]:8080");
  CHECK(v6->path.empty());
}

TEST_CASE("connections by different ways are different origins", "[providers][base_url]") {
  const auto direct = parse_base_url("https://a.test", "direct");
  const auto proxied = parse_base_url("https://a.test", "http://proxy:3128");
  const auto trusted = parse_base_url("https://a.test", "", "/etc/ca.pem");
  CHECK(direct->origin.id != proxied->origin.id);
  CHECK(proxied->origin.id != trusted->origin.id);
}

TEST_CASE("what is no base URL is refused with a reason", "[providers][base_url]") {
  for (const char* bad :
       {"", "ftp://a", "a.test/v1", "http://", "http://a:0", "http://a:70000", "http://a:8x", "http://u:p@a",
        "http://a/v1?x=1", "http://a/#f", "http://[::1", "http://[::1]x", "http://a b", "http://a\n"}) {
    const auto url = parse_base_url(bad);
    INFO(bad);
    REQUIRE_FALSE(url);
    CHECK(url.error().code == ErrorCode::invalid);
    CHECK_FALSE(url.error().detail.empty());
  }
}
