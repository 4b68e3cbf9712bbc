#include "gateway/catalogue_files.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <ostream>
#include <sstream>
#include <system_error>

#include "proxy/catalogue_watch.h"

namespace gateway::app {
namespace {

namespace fs = std::filesystem;

WallTime wall_of(fs::file_time_type time) {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::file_clock::to_sys(time));
}

Result<KeptCatalogue> read_file(const fs::directory_entry& entry) {
  std::ifstream file(entry.path(), std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  std::error_code failed;
  const fs::file_time_type changed = entry.last_write_time(failed);
  if (!file || failed) return Error{ErrorCode::unavailable, "it cannot be read"};
  KeptCatalogue kept{{entry.path().stem().string(), std::move(text).str(), wall_of(changed)}, nullptr};
  auto list = read_catalogue(kept.fetched.provider, kept.fetched.json, kept.fetched.fetched);
  if (!list) return list.error();
  kept.list = std::move(*list);
  return kept;
}

}  // namespace

std::string catalogue_directory(std::string_view database_path) { return std::string(database_path) + ".catalogues"; }

std::vector<KeptCatalogue> read_catalogue_files(const std::string& directory,
                                                const std::function<void(const std::string&)>& warn) {
  std::vector<KeptCatalogue> out;
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, none)) {
    if (entry.path().extension() != ".json") continue;
    const auto kept = read_file(entry);
    if (kept) {
      out.push_back(*kept);
    } else {
      warn(fmt::format("{} holds no price list and is left out: {}", entry.path().string(), kept.error().detail));
    }
  }
  return out;
}

std::vector<KeptCatalogue> read_catalogue_files(const std::string& directory, Session& session) {
  return read_catalogue_files(directory,
                              [&session](const std::string& line) { session.err << "gateway: " << line << '\n'; });
}

Result<void> write_catalogue_file(const std::string& directory, const FetchedCatalogue& catalogue) {
  const auto trouble = [&](const std::string& what) {
    return Error{ErrorCode::unavailable, directory + "/" + catalogue.provider + ".json: " + what};
  };
  std::error_code failed;
  fs::create_directories(directory, failed);
  if (failed) return trouble(failed.message());
  const fs::path path = fs::path(directory) / (catalogue.provider + ".json");
  const fs::path aside = path.string() + ".new";
  {
    std::ofstream file(aside, std::ios::binary | std::ios::trunc);
    file << catalogue.json;
    file.close();
    if (!file) return trouble("it could not be written");
  }
  fs::rename(aside, path, failed);
  if (failed) return trouble(failed.message());
  return {};
}

}  // namespace gateway::app
