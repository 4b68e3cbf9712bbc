// What this program is: for `gateway version` and the log's first line.
#pragma once

#include <string>

namespace gateway::app {

// "0.1.0", or "0.1.0 (commit 1a2b3c4d5e6f)" if it was built from a Git checkout.
std::string program_version();
// "SQLite 3.40.1, libcurl 7.88.1, OpenSSL 3.0.17": as loaded.
std::string library_versions();

}  // namespace gateway::app
