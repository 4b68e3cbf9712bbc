// Providers' model lists beside the database: what was fetched last outlives a restart without a network.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/command_context.h"
#include "gateway/gateway.h"
#include "gateway/result.h"
#include "policy/pricing/price_book.h"

namespace gateway::app {

// The folder beside a database, however its path was typed: `<database>.catalogues`; one `<provider>.json` each, which
// also says what base URL it is of.
std::string catalogue_directory(const std::string& database_path);
struct KeptCatalogue {
  FetchedCatalogue fetched;
  std::shared_ptr<const Catalogue> list;
};
// All that are there. One that cannot be read, or is none, is left out and told to `warn` in one line with its path.
std::vector<KeptCatalogue> read_catalogue_files(const std::string& directory,
                                                const std::function<void(const std::string&)>& warn);
// Warns on the session's `err`.
std::vector<KeptCatalogue> read_catalogue_files(const std::string& directory, Session& session);
// All or nothing, whatever other processes write and whenever the machine stops: written to a file with a name of its
// own, synced, then renamed.
Result<void> write_catalogue_file(const std::string& directory, const FetchedCatalogue& catalogue);

}  // namespace gateway::app
