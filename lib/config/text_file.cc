#include "config/text_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "config/yaml_tree.h"

namespace gateway {

Result<std::string> read_text_file(const std::string& path) {
  const auto unreadable = [](std::string why) { return Error{ErrorCode::not_found, std::move(why)}; };
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return unreadable(std::string("cannot be opened: ") + std::strerror(errno));
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return unreadable("cannot be read: it is a folder");
  std::string text(yaml::kMaxBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || (file.fail() && !file.eof())) return unreadable("cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

}  // namespace gateway
