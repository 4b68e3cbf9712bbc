// Sessions of browsers: what is signed, where calls come from, and which host is this machine.
#include "app/admin/session.h"

#include <array>
#include <string>
#include <vector>

#include "app/admin/exchange.h"
#include "app/server/browser.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::app;
using namespace std::chrono_literals;

namespace {

constexpr WallTime kNow = WallTime(1'790'000'000s);
constexpr std::array<std::uint8_t, 16> kRandom{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255};

}  // namespace

TEST_CASE("a session is read by whoever has the secret, and by nobody once it has ended", "[apps][session]") {
  const SessionSigner signer("a-token-of-some-length");
  const BrowserSession session = SessionSigner::begin("key_abc", kRandom, kNow);
  const std::string text = signer.sign(session);
  const auto found = SessionSigner("a-token-of-some-length").read(text, kNow + 1h);
  REQUIRE(found);
  CHECK(found->who == "key_abc");
  CHECK(found->begun == kNow);
  CHECK(signer.csrf_token(*found) == signer.csrf_token(session));
  CHECK_FALSE(SessionSigner("another-token-of-some-length").read(text, kNow));
  CHECK(signer.read(text, kNow + 12h - 1s));
  CHECK_FALSE(signer.read(text, kNow + 12h));
}

TEST_CASE("a session changed in any byte is none", "[apps][session]") {
  const SessionSigner signer("a-token-of-some-length");
  const std::string text = signer.sign(SessionSigner::begin("", kRandom, kNow));
  REQUIRE(signer.read(text, kNow));
  for (std::size_t i = 0; i < text.size(); ++i) {
    INFO(i);
    std::string changed = text;
    changed[i] = changed[i] == '1' ? '2' : '1';
    CHECK_FALSE(signer.read(changed, kNow));
    CHECK_FALSE(signer.read(text.substr(0, i), kNow));
  }
  CHECK_FALSE(signer.read("", kNow));
  CHECK_FALSE(signer.read("....", kNow));
}

TEST_CASE("a session that is used goes on, for a week at most", "[apps][session]") {
  const SessionSigner signer("a-token-of-some-length");
  BrowserSession session = SessionSigner::begin("", kRandom, kNow);
  const std::string csrf = signer.csrf_token(session);
  WallTime now = kNow;
  while (signer.read(signer.sign(session), now)) {
    session = SessionSigner::renewed(session, now);
    REQUIRE(session.until <= kNow + 7 * 24h);
    CHECK(signer.csrf_token(session) == csrf);
    now += 11h;
  }
  CHECK(now >= kNow + 7 * 24h);
  CHECK(now < kNow + 7 * 24h + 11h);
}

TEST_CASE("only names of which no DNS decides are this machine", "[apps][session]") {
  for (const char* host :
       {"localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:80", "127.9.9.9:1", "[::1]", "[::1]:8080"}) {
    INFO(host);
    CHECK(is_loopback_host(host));
  }
  for (const char* host :
       {"localhost.evil.example:8080", "[::2]:1", "[", "[::1].evil.example", "[::1]evil.example:80", "127.", "127...",
        "", "example.com", "localhost.example.com", "127.0.0.1.example.com", "127.0.0.1.nip.io:8080", "0.0.0.0",
        "10.0.0.1", "[::2]", "::1", "localhost:80:80", "localhost:x", "127.1"}) {
    INFO(host);
    CHECK_FALSE(is_loopback_host(host));
  }
}

TEST_CASE("calls of other origins are known from the page's own", "[apps][session]") {
  using Fields = std::vector<HeaderField>;
  const auto same = [](Fields fields, bool changes) {
    fields.push_back({"host", "127.0.0.1:8080"});
    return is_same_origin(fields, changes);
  };
  for (const bool changes : {false, true}) {
    CHECK(same({{"sec-fetch-site", "same-origin"}}, changes));
    CHECK_FALSE(same({{"sec-fetch-site", "same-site"}, {"origin", "http://127.0.0.1:8080"}}, changes));
    CHECK_FALSE(same({{"sec-fetch-site", "cross-site"}}, changes));
    CHECK(same({{"origin", "http://127.0.0.1:8080"}}, changes));
    CHECK_FALSE(same({{"origin", "http://127.0.0.1:3000"}}, changes));
    CHECK_FALSE(same({{"origin", "null"}}, changes));
    CHECK(same({}, changes) == !changes);
    CHECK(same({{"sec-fetch-site", "none"}}, changes) == !changes);
  }
}

TEST_CASE("the cookie of an encrypted connection belongs to the host alone", "[apps][session]") {
  const std::vector<HeaderField> plain{{"host", "localhost:8080"}, {"cookie", "a=b; gateway-8080=12.x; gateway-80=no"}};
  const SessionCookie here = SessionCookie::of(plain, false);
  CHECK(here.value(plain) == "12.x");
  CHECK(here.set("v", 60) == "gateway-8080=v; Path=/; Max-Age=60; HttpOnly; SameSite=Strict");
  const std::vector<HeaderField> proxied{{"host", "gateway.example"}, {"x-forwarded-proto", "https"}};
  for (const SessionCookie& secure : {SessionCookie::of(plain, true), SessionCookie::of(proxied, false)}) {
    CHECK(secure.set("v", 0) == "__Host-gateway=v; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict");
    CHECK(secure.value(plain).empty());
  }
}

TEST_CASE("five wrong tokens a minute are heard from an address", "[apps][session]") {
  SignInTries tries;
  TimePoint now{1h};
  for (int i = 0; i < 5; ++i) {
    CHECK(tries.pause("a", now).count() == 0);
    tries.failed("a", now);
    now += 1s;
  }
  CHECK(tries.pause("a", now) == 55s);
  CHECK(tries.pause("b", now).count() == 0);
  now += 55s;
  CHECK(tries.pause("a", now).count() == 0);
  tries.failed("a", now);
  CHECK(tries.pause("a", now) == 1s);
}
