// Providers' model lists beside the database: what was fetched last outlives a restart without a network.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/gateway.h"
#include "gateway/result.h"

namespace gateway::app {

// The folder beside a database, as `<database>.catalogues`; one `<provider>.json` each.
std::string catalogue_directory(std::string_view database_path);
// All that are there; an unreadable one is left out.
std::vector<FetchedCatalogue> read_catalogue_files(const std::string& directory);
// Whole or not at all: written aside, then renamed.
Result<void> write_catalogue_file(const std::string& directory, const FetchedCatalogue& catalogue);

}  // namespace gateway::app
