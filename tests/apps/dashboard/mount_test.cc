#include "app/dashboard/mount.h"

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "apps/server/test_loop.h"
#include "gateway/testing/fake_client.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::app;
using namespace std::literals;

namespace {

// "hello\n" as gzip writes it.
constexpr std::string_view kHello =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\xe7\x02\x00\x20\x30\x3a\x36\x06\x00\x00\x00"sv;

constexpr std::array<DashboardAsset, 2> kAssets{{
    {"assets/app-1a2b.js", "text/javascript; charset=utf-8", "\"a1\"", true, kHello},
    {"index.html", "text/html; charset=utf-8", "\"b2\"", false, kHello},
}};

struct Bench {
  explicit Bench(std::string token = "a-token-of-some-length", std::span<const DashboardAsset> assets = kAssets)
      : mount(dashboard_mount(assets)) {
    access.admin_token = Secret(std::move(token));
  }

  // False: the mount leaves the request to the gateway.
  bool ask(std::string_view path, std::vector<HeaderField> headers = {{"accept-encoding", "gzip, br"}},
           std::string_view method = "GET") {
    client = std::make_unique<testing::FakeClient>();
    RequestHead head;
    head.method = method;
    head.path = path;
    head.headers = headers;
    exchange = mount.open({loop, log, guard, on_refused, access, RequestId{}}, head, *client);
    return exchange != nullptr;
  }

  TestLoop loop;
  const LogCallback log;
  TokenGuard guard;
  const std::function<void(std::string_view, std::string_view)> on_refused;
  Access access;
  Mount mount;
  std::unique_ptr<testing::FakeClient> client;
  std::unique_ptr<Exchange> exchange;
};

}  // namespace

TEST_CASE("each page of the dashboard is the one page, with its policy", "[dashboard]") {
  Bench bench;
  CHECK(bench.mount.listener == Service::administration);
  for (const std::string_view path : {"/dashboard/", "/dashboard/usage", "/dashboard/requests/req_1"}) {
    INFO(path);
    REQUIRE(bench.ask(path));
    CHECK(bench.client->finished());
    CHECK(bench.client->status() == 200);
    CHECK(bench.client->header("content-type") == "text/html; charset=utf-8");
    CHECK(bench.client->header("content-encoding") == "gzip");
    CHECK(bench.client->header("cache-control") == "no-cache");
    CHECK(bench.client->body() == kHello);
    const std::string_view policy = bench.client->header("content-security-policy");
    CHECK(policy.starts_with("default-src 'none'; script-src 'self';"));
    CHECK(policy.find("unsafe") == policy.npos);
    CHECK(bench.client->header("x-content-type-options") == "nosniff");
    CHECK(bench.client->header("referrer-policy") == "no-referrer");
  }
}

TEST_CASE("files whose names change with them are kept by browsers, missing ones are not the page", "[dashboard]") {
  Bench bench;
  REQUIRE(bench.ask("/dashboard/assets/app-1a2b.js"));
  CHECK(bench.client->header("cache-control") == "public, max-age=31536000, immutable");
  CHECK(bench.client->header("content-type") == "text/javascript; charset=utf-8");
  CHECK_FALSE(bench.ask("/dashboard/assets/app-0000.js"));
}

TEST_CASE("a browser that has a file does not get it again", "[dashboard]") {
  Bench bench;
  for (const std::string_view known : {"\"b2\"", "\"x\", W/\"b2\"", "*"}) {
    INFO(known);
    REQUIRE(bench.ask("/dashboard/", {{"accept-encoding", "gzip"}, {"if-none-match", known}}));
    CHECK(bench.client->status() == 304);
    CHECK(bench.client->header("etag") == "\"b2\"");
    CHECK(bench.client->body().empty());
  }
  REQUIRE(bench.ask("/dashboard/", {{"accept-encoding", "gzip"}, {"if-none-match", "\"a1\""}}));
  CHECK(bench.client->status() == 200);
}

TEST_CASE("who does not take gzip gets the plain file", "[dashboard]") {
  Bench bench;
  for (const std::string_view accepted : {"", "br", "gzip;q=0", "gzip; q=0.000, identity"}) {
    INFO(accepted);
    REQUIRE(bench.ask("/dashboard/", {{"accept-encoding", accepted}}));
    CHECK(bench.client->header("content-encoding").empty());
    CHECK(bench.client->body() == "hello\n");
  }
  for (const std::string_view accepted : {"GZIP", "br, gzip;q=0.5", "*"}) {
    INFO(accepted);
    REQUIRE(bench.ask("/dashboard/", {{"accept-encoding", accepted}}));
    CHECK(bench.client->header("content-encoding") == "gzip");
  }
}

TEST_CASE("who takes brotli gets that", "[dashboard]") {
  static constexpr std::array<DashboardAsset, 1> kBoth{
      {{"index.html", "text/html; charset=utf-8", "\"b2\"", false, kHello, "as brotli"}}};
  Bench bench("a-token-of-some-length", kBoth);
  for (const std::string_view accepted : {"br", "gzip, deflate, BR, zstd", "gzip;q=1.0, br;q=0.1"}) {
    INFO(accepted);
    REQUIRE(bench.ask("/dashboard/", {{"accept-encoding", accepted}}));
    CHECK(bench.client->header("content-encoding") == "br");
    CHECK(bench.client->header("vary") == "accept-encoding");
    CHECK(bench.client->body() == "as brotli");
  }
  for (const std::string_view accepted : {"gzip", "gzip, br;q=0", "*"}) {
    INFO(accepted);
    REQUIRE(bench.ask("/dashboard/", {{"accept-encoding", accepted}}));
    CHECK(bench.client->header("content-encoding") == "gzip");
    CHECK(bench.client->body() == kHello);
  }
}

TEST_CASE("the dashboard answers its own paths alone, and only reads", "[dashboard]") {
  Bench bench;
  REQUIRE(bench.ask("/dashboard"));
  CHECK(bench.client->status() == 308);
  CHECK(bench.client->header("location") == "/dashboard/");
  CHECK_FALSE(bench.ask("/dashboards"));
  REQUIRE(bench.ask("/dashboard/", {}, "POST"));
  CHECK(bench.client->status() == 405);
  CHECK(bench.client->header("allow") == "GET, HEAD");
}

TEST_CASE("without an admin token, or built without files, there is no dashboard", "[dashboard]") {
  CHECK_FALSE(Bench("").ask("/dashboard/"));
  CHECK_FALSE(Bench("a-token-of-some-length", {}).ask("/dashboard/"));
}

TEST_CASE("what the build put into the program has a page", "[dashboard]") {
  const auto assets = dashboard_assets();
  if (assets.empty()) return;  // it was built without
  CHECK(std::any_of(assets.begin(), assets.end(), [](const auto& one) { return one.path == "index.html"; }));
  CHECK(std::any_of(assets.begin(), assets.end(), [](const auto& one) { return one.path == "licenses.txt"; }));
}

TEST_CASE("a server without a configuration shows its dashboard to this machine's names alone", "[dashboard]") {
  Bench bench("");
  bench.access.first_run = KeyHash{1};
  REQUIRE(bench.ask("/dashboard/", {{"host", "localhost:8080"}}));
  CHECK(bench.client->status() == 200);
  REQUIRE(bench.ask("/dashboard/", {{"host", "rebound.example:8080"}}));
  CHECK(bench.client->status() == 403);
  bench.mount = front_mount(kAssets);
  CHECK(bench.mount.is_of("/"));
  CHECK_FALSE(bench.mount.is_of("/v1/models"));
  REQUIRE(bench.ask("/"));
  CHECK(bench.client->status() == 302);
  CHECK(bench.client->header("location") == "/dashboard/");
  bench.access.first_run.reset();
  CHECK_FALSE(bench.ask("/"));
}
