#include "gateway/catalogue_files.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

namespace gateway::app {
namespace {

namespace fs = std::filesystem;

WallTime wall_of(fs::file_time_type time) {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::file_clock::to_sys(time));
}

}  // namespace

std::string catalogue_directory(std::string_view database_path) { return std::string(database_path) + ".catalogues"; }

std::vector<FetchedCatalogue> read_catalogue_files(const std::string& directory) {
  std::vector<FetchedCatalogue> out;
  std::error_code failed;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, failed)) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    const fs::file_time_type changed = entry.last_write_time(failed);
    if (file && !failed) out.push_back({entry.path().stem().string(), std::move(text).str(), wall_of(changed)});
  }
  return out;
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
