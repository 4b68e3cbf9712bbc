#include "app/background/catalogue_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <sstream>
#include <system_error>

#include "app/open_store.h"
#include "net/fd.h"
#include "proxy/catalogue_watch.h"

namespace gateway::app {
namespace {

namespace fs = std::filesystem;

WallTime wall_of(fs::file_time_type time) {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::file_clock::to_sys(time));
}

// Written ahead of a list's own members: whose it is. URLs have no character that JSON escapes.
constexpr std::string_view kOrigin = "{\"fetched_from\":\"";

std::string origin_of(std::string_view json) {
  if (!json.starts_with(kOrigin)) return {};
  json.remove_prefix(kOrigin.size());
  return std::string(json.substr(0, json.find('"')));
}

std::string with_origin(const FetchedCatalogue& catalogue) {
  const std::string_view json = catalogue.json;
  const std::size_t inside = json.find('{');
  if (inside == std::string_view::npos) return catalogue.json;
  return std::string(kOrigin).append(catalogue.base_url).append("\",").append(json.substr(inside + 1));
}

Result<KeptCatalogue> read_file(const fs::directory_entry& entry) {
  std::ifstream file(entry.path(), std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  std::error_code failed;
  const fs::file_time_type changed = entry.last_write_time(failed);
  if (!file || failed) return Error{ErrorCode::unavailable, "it cannot be read"};
  KeptCatalogue kept{{.provider = entry.path().stem().string(),
                      .json = std::move(text).str(),
                      .fetched = wall_of(changed),
                      .base_url = {}},
                     nullptr};
  kept.fetched.base_url = origin_of(kept.fetched.json);
  auto list = read_catalogue(kept.fetched);
  if (!list) return list.error();
  kept.list = std::move(*list);
  return kept;
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

std::string catalogue_directory(const std::string& database_path) {
  return path_beside_store(database_path, ".catalogues");
}

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

Catalogues kept_catalogues(const std::string& database, const std::function<void(const std::string&)>& warn) {
  Catalogues catalogues;
  for (KeptCatalogue& kept : read_catalogue_files(catalogue_directory(database), warn))
    catalogues.emplace(kept.fetched.provider, std::move(kept.list));
  return catalogues;
}

Result<void> write_catalogue_file(const std::string& directory, const FetchedCatalogue& catalogue) {
  const std::string path = directory + "/" + catalogue.provider + ".json";
  const auto trouble = [&path](int error) {
    return Error{ErrorCode::unavailable, fmt::format("{} cannot be written: {}", path, std::strerror(error))};
  };
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return trouble(errno);
  std::string aside = path + ".XXXXXX";
  const net::UniqueFd file(::mkostemp(aside.data(), O_CLOEXEC));  // with mode 0600
  if (!file) return trouble(errno);
  if (!write_all(file.get(), with_origin(catalogue)) || ::fsync(file.get()) != 0 ||
      ::rename(aside.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(aside.c_str());
    return trouble(error);
  }
  const net::UniqueFd folder(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) return trouble(errno);
  return {};
}

}  // namespace gateway::app
