#include "app/new_key.h"

#include <utility>

#include "app/random_bytes.h"
#include "gateway/api_key.h"

namespace gateway::app {

operations::KeyRandom key_random() {
  operations::KeyRandom random;
  fill_random(random);
  return random;
}

operations::NewKey make_key(const std::string& project, const std::string& name, WallTime now,
                            std::optional<WallTime> expires) {
  NewApiKey made = make_api_key(key_random(), project, name, now, expires);
  return {std::move(made.stored), std::move(made.text)};
}

}  // namespace gateway::app
