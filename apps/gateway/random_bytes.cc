#include "app/random_bytes.h"

#include <sys/random.h>

#include <cerrno>

#include "gateway/result.h"

namespace gateway::app {

void fill_random(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) detail::die("the system gives no random bytes");
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace gateway::app
