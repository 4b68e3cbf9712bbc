#include "gateway/api_key.h"

#include <algorithm>

#include "base/key_text.h"

namespace gateway {

NewApiKey make_api_key(const std::array<std::uint8_t, 48>& random, std::string_view project, std::string_view name,
                       WallTime created, std::optional<WallTime> expires) {
  std::array<std::uint8_t, 32> secret;
  std::array<std::uint8_t, 16> id;
  std::copy_n(random.begin(), secret.size(), secret.begin());
  std::copy_n(random.begin() + secret.size(), id.size(), id.begin());
  NewApiKey key;
  key.text = make_key_text(secret);
  key.stored.id = make_key_id(id);
  key.stored.name = name;
  key.stored.project = project;
  key.stored.hash = key_hash(key.text);
  key.stored.created = created;
  key.stored.expires = expires;
  return key;
}

}  // namespace gateway
