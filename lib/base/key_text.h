// API keys as text: how they are made, recognised and hashed. Where the random bytes come from is the caller's matter.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "gateway/config.h"

struct evp_md_ctx_st;

namespace gateway {

inline constexpr std::string_view kKeyPrefix = "gk-";
inline constexpr std::string_view kKeyIdPrefix = "key_";
inline constexpr std::size_t kKeyDigits = 43;    // in base 62: just enough for 256 bits
inline constexpr std::size_t kKeyIdDigits = 12;  // 71 bits

// "gk-" and 43 digits of base 62 (0-9A-Za-z).
std::string make_key_text(const std::array<std::uint8_t, 32>& random);
// "key_" and 12 digits of base 62.
std::string make_key_id(const std::array<std::uint8_t, 16>& random);
// Whether a text has a key's form: what has not need not be looked up.
bool looks_like_key(std::string_view text) noexcept;

// SHA-256 of key texts. One a thread: keeps OpenSSL's state from one call to the next.
class KeyHasher {
 public:
  KeyHasher();
  ~KeyHasher();
  KeyHasher(const KeyHasher&) = delete;
  KeyHasher& operator=(const KeyHasher&) = delete;
  KeyHash hash(std::string_view text) noexcept;

 private:
  evp_md_ctx_st* context_;
};

// For once in a while.
KeyHash key_hash(std::string_view text);

}  // namespace gateway
