#include "base/key_text.h"

#include <openssl/evp.h>

#include <array>

#include "gateway/result.h"

namespace gateway {
namespace {

constexpr std::string_view kBase62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

// The last `digits` digits of the number that the bytes make, the most significant byte first.
template <std::size_t N>
std::string base62(std::array<std::uint8_t, N> number, std::size_t digits) {
  std::string text(digits, '0');
  for (std::size_t i = digits; i-- > 0;) {
    unsigned rest = 0;
    for (std::uint8_t& byte : number) {
      const unsigned value = rest << 8 | byte;
      byte = static_cast<std::uint8_t>(value / 62);
      rest = value % 62;
    }
    text[i] = kBase62[rest];
  }
  return text;
}

constexpr auto kIsBase62 = [] {
  std::array<bool, 256> digits{};
  for (const char c : kBase62) digits[static_cast<unsigned char>(c)] = true;
  return digits;
}();

void require(bool good) noexcept {
  if (!good) detail::die("OpenSSL has no SHA-256");
}

}  // namespace

std::string make_key_text(const std::array<std::uint8_t, 32>& random) {
  return std::string(kKeyPrefix) + base62(random, kKeyDigits);
}

std::string make_key_id(const std::array<std::uint8_t, 16>& random) {
  return std::string(kKeyIdPrefix) + base62(random, kKeyIdDigits);
}

bool looks_like_key(std::string_view text) noexcept {
  if (text.size() != kKeyPrefix.size() + kKeyDigits || !text.starts_with(kKeyPrefix)) return false;
  bool good = true;
  for (const char c : text.substr(kKeyPrefix.size())) good &= kIsBase62[static_cast<unsigned char>(c)];
  return good;
}

KeyHasher::KeyHasher() : context_(EVP_MD_CTX_new()) {
  require(context_ && EVP_DigestInit_ex(context_, EVP_sha256(), nullptr) == 1);
}

KeyHasher::~KeyHasher() { EVP_MD_CTX_free(context_); }

KeyHash KeyHasher::hash(std::string_view text) noexcept {
  KeyHash hash;
  require(EVP_DigestInit_ex(context_, nullptr, nullptr) == 1 &&
          EVP_DigestUpdate(context_, text.data(), text.size()) == 1 &&
          EVP_DigestFinal_ex(context_, hash.data(), nullptr) == 1);
  return hash;
}

KeyHash key_hash(std::string_view text) { return KeyHasher().hash(text); }

}  // namespace gateway
