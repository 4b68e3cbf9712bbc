// A folder of this process alone, which is deleted with everything in it.
#pragma once

#include <string>
#include <string_view>

namespace gateway::app {

class TemporaryFolder {
 public:
  explicit TemporaryFolder(std::string_view name);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const noexcept { return path_; }
  const std::string& error() const noexcept { return error_; }  // empty: it is there

 private:
  std::string path_, error_;
};

}  // namespace gateway::app
