#include "gateway/secret.h"

#include <openssl/crypto.h>

namespace gateway {

bool Secret::equals(std::string_view other) const noexcept {
  return text_.size() == other.size() && CRYPTO_memcmp(text_.data(), other.data(), other.size()) == 0;
}

void Secret::wipe() noexcept {
  // A string that was moved from or shortened still has the bytes in its own storage, past its size.
  text_.resize(text_.capacity());
  OPENSSL_cleanse(text_.data(), text_.size());
  text_.clear();
}

}  // namespace gateway
