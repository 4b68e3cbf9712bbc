#include "app/version.h"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <string_view>

#include "gateway/curl_upstream.h"
#include "gateway/sqlite_store.h"

namespace gateway::app {

std::string program_version() {
  constexpr std::string_view kCommit = GATEWAY_COMMIT;
  return kCommit.empty() ? GATEWAY_VERSION : fmt::format(GATEWAY_VERSION " (commit {})", kCommit);
}

std::string library_versions() {
  return fmt::format("SQLite {}, libcurl {}, OpenSSL {}", sqlite_library_version(), curl_library_version(),
                     OpenSSL_version(OPENSSL_VERSION_STRING));
}

}  // namespace gateway::app
