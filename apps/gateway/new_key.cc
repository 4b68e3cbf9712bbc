#include "gateway/new_key.h"

#include <array>

#include "base/key_text.h"
#include "gateway/random_bytes.h"

namespace gateway::app {

NewKey make_key(const std::string& project, const std::string& name, WallTime now, std::optional<WallTime> expires) {
  std::array<std::uint8_t, 32> secret;
  std::array<std::uint8_t, 16> identity;
  fill_random(secret);
  fill_random(identity);
  NewKey made;
  made.text = make_key_text(secret);
  made.key.id = make_key_id(identity);
  made.key.name = name;
  made.key.project = project;
  made.key.hash = key_hash(made.text);
  made.key.created = now;
  made.key.expires = expires;
  return made;
}

}  // namespace gateway::app
