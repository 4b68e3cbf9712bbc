#include "app/admin/session.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "gateway/result.h"
#include "gateway/secret.h"

namespace gateway::app {
namespace {

using std::chrono::seconds;

std::string hmac(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (::HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, text.size(), out.data(), &size) == nullptr)
    detail::die("OpenSSL has no HMAC with SHA-256");
  return {reinterpret_cast<const char*>(out.data()), size};
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

std::int64_t seconds_of(WallTime time) { return std::chrono::duration_cast<seconds>(time.time_since_epoch()).count(); }

std::optional<WallTime> read_seconds(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > 1'000'000'000'000) return {};
  return WallTime(seconds(value));
}

std::string_view take(std::string_view& text) {
  const std::string_view part = text.substr(0, text.find('.'));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return part;
}

// All but the signature: BEGUN.UNTIL.NONCE.KEY
std::string body_of(const BrowserSession& session) {
  return fmt::format("{}.{}.{}.{}", seconds_of(session.begun), seconds_of(session.until), session.nonce, session.who);
}

}  // namespace

SessionSigner::SessionSigner(std::string_view secret)
    : key_(hmac(hmac("model gateway", secret), "dashboard sessions\x01")) {}

BrowserSession SessionSigner::begin(std::string who, const std::array<std::uint8_t, 16>& random, WallTime now) {
  const auto start = std::chrono::floor<seconds>(now);
  const std::string_view bytes(reinterpret_cast<const char*>(random.data()), random.size());
  return {std::move(who), start, start + kIdle, hex(bytes)};
}

BrowserSession SessionSigner::renewed(BrowserSession session, WallTime now) {
  const WallTime until = std::min<WallTime>(std::chrono::floor<seconds>(now) + kIdle, session.begun + kLongest);
  session.until = std::max(session.until, until);
  return session;
}

std::string SessionSigner::mac(std::string_view purpose, std::string_view text) const {
  return hex(hmac(key_, fmt::format("{}\n{}", purpose, text)));
}

std::string SessionSigner::sign(const BrowserSession& session) const {
  const std::string body = body_of(session);
  return body + "." + mac("session", body);
}

std::optional<BrowserSession> SessionSigner::read(std::string_view text, WallTime now) const {
  const std::size_t last = text.rfind('.');
  if (last == text.npos) return std::nullopt;
  std::string_view body = text.substr(0, last);
  if (!Secret(mac("session", body)).equals(text.substr(last + 1))) return std::nullopt;
  const auto begun = read_seconds(take(body));
  const auto until = read_seconds(take(body));
  if (!begun || !until || now >= *until || now >= *begun + kLongest) return std::nullopt;
  const std::string_view nonce = take(body);
  return BrowserSession{std::string(body), *begun, *until, std::string(nonce)};
}

std::string SessionSigner::csrf_token(const BrowserSession& session) const {
  return mac("csrf", fmt::format("{}.{}.{}", seconds_of(session.begun), session.nonce, session.who));
}

}  // namespace gateway::app
