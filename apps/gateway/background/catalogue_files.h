// Providers' model lists beside the database: what was fetched last outlives a restart without a network.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/gateway.h"
#include "gateway/result.h"
#include "policy/pricing/price_book.h"
#include "proxy/snapshot.h"

namespace gateway::app {

// The folder beside a database, however its path was typed: `<database>.catalogues`; one `<provider>.json` each, which
// also records what base URL it is of.
std::string catalogue_directory(const std::string& database_path);
struct KeptCatalogue {
  FetchedCatalogue fetched;
  std::shared_ptr<const Catalogue> list;
};
// All that are there. One that cannot be read, or is none, is left out and reported to `warn` in one line with its
// path.
std::vector<KeptCatalogue> read_catalogue_files(const std::string& directory,
                                                const std::function<void(const std::string&)>& warn);
// Those beside a database, by provider.
Catalogues kept_catalogues(const std::string& database, const std::function<void(const std::string&)>& warn);
// All or nothing, whatever other processes write and whenever the machine stops: written to a file with a name of its
// own, synced, then renamed.
Result<void> write_catalogue_file(const std::string& directory, const FetchedCatalogue& catalogue);

}  // namespace gateway::app
