#include "app/open_store.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/store_url.h"
#include "gateway/sqlite_store.h"

namespace gateway::app {

Result<std::unique_ptr<Store>> open_store(const std::string& url, const StoreOptions& options) {
  const auto parsed = parse_store_url(url, true);
  if (!parsed) return parsed.error();
  return open_sqlite_store(
      {.path = parsed->path, .create = options.create, .read_only = options.read_only, .log = options.log});
}

bool store_exists(const std::string& url) {
  const auto parsed = parse_store_url(url, true);
  std::error_code ignored;
  return parsed && std::filesystem::exists(parsed->path, ignored);
}

std::string path_beside_store(const std::string& url, std::string_view suffix) {
  const auto parsed = parse_store_url(url, true);
  return resolve_sqlite_path(parsed ? parsed->path : url).append(suffix);
}

bool is_same_store(const std::string& one, const std::string& other) {
  return path_beside_store(one, "") == path_beside_store(other, "");
}

std::string journal_directory(const Config& config, const std::string& url) {
  return config.journals.empty() ? path_beside_store(url, "-journals") : config.journals;
}

Result<void> claim_journal_directory(const Config& config, const std::string& url) {
  if (config.journals.empty()) return {};
  std::error_code failed;
  const std::string mark = config.journals + "/database", store = path_beside_store(url, "");
  if (std::ifstream is_of{mark, std::ios::binary}) {
    const std::string other{std::istreambuf_iterator<char>(is_of), {}};
    if (other == store) return {};
    return Error{ErrorCode::refused, "journals: " + config.journals + " has those of database " + other +
                                         "; each database needs a directory of its own"};
  }
  if (std::filesystem::create_directories(config.journals, failed))
    std::filesystem::permissions(config.journals, std::filesystem::perms::owner_all, failed);
  std::ofstream file(mark, std::ios::binary);
  if (file << store << std::flush) return {};
  return Error{ErrorCode::unavailable, "journals: " + config.journals + " cannot be written"};
}

}  // namespace gateway::app
