#include "app/cli/new_key.h"

#include <array>
#include <utility>

#include "app/random_bytes.h"
#include "gateway/api_key.h"

namespace gateway::app {

NewKey make_key(const std::string& project, const std::string& name, WallTime now, std::optional<WallTime> expires) {
  std::array<std::uint8_t, 48> random;
  fill_random(random);
  NewApiKey made = make_api_key(random, project, name, now, expires);
  return {std::move(made.stored), std::move(made.text)};
}

}  // namespace gateway::app
