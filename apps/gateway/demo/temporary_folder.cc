#include "app/demo/temporary_folder.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

namespace gateway::app {

TemporaryFolder::TemporaryFolder(std::string_view name) {
  std::error_code failed;
  std::string path = (std::filesystem::temp_directory_path(failed) / name).string() + "-XXXXXX";
  if (failed || ::mkdtemp(path.data()) == nullptr) {
    error_ = "no temporary folder could be made at " + path;
  } else {
    path_ = std::move(path);
  }
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace gateway::app
