#include "app/cli/env_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "app/values/moments.h"

namespace gateway::app {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// A link stays one: what it leads to is replaced.
fs::path target_of(const std::string& path) {
  std::error_code failed;
  const fs::path absolute = fs::absolute(path, failed);
  const fs::path found = fs::weakly_canonical(absolute, failed);
  return failed ? absolute : found;
}

bool is_in_work_tree(fs::path folder) {
  std::error_code ignored;
  for (;; folder = folder.parent_path()) {
    if (fs::exists(folder / ".git", ignored)) return true;
    if (folder == folder.parent_path()) return false;
  }
}

bool has_line(std::string_view text, std::string_view line) {
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view each = text.substr(at, end - at);
    if (each.ends_with('\r')) each.remove_suffix(1);
    if (each == line) return true;
    at = end + 1;
  }
  return false;
}

bool sets(std::string_view line, std::string_view name) {
  while (line.starts_with(' ') || line.starts_with('\t')) line.remove_prefix(1);
  if (line.starts_with("export ")) line.remove_prefix(7);
  return line.starts_with(name) && line.substr(name.size()).starts_with('=');
}

Result<void> replace_file(const fs::path& path, const std::string& text) {
  std::string temporary = path.string() + ".XXXXXX";
  const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);  // 0600
  if (fd < 0)
    return Error{ErrorCode::unavailable, fmt::format("{} cannot be written: {}", path.string(), std::strerror(errno))};
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  ::close(fd);
  if (written && ::rename(temporary.c_str(), path.c_str()) == 0) return {};
  ::unlink(temporary.c_str());
  return Error{ErrorCode::unavailable, path.string() + " cannot be written"};
}

// The line of .gitignore that means this file of its folder (gitignore, PATTERN FORMAT). Empty: there is none.
std::string ignore_pattern(std::string_view name) {
  if (name.find_first_of("\r\n") != name.npos) return {};
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  };
  if (std::all_of(name.begin(), name.end(), is_plain)) return std::string(name);
  std::string out = "/";
  for (const char c : name) {
    if (c == '\\' || c == '*' || c == '?' || c == '[') out += '\\';
    out += c;
  }
  if (out.back() == ' ') out.insert(out.size() - 1, 1, '\\');
  return out;
}

}  // namespace

Result<void> expect_variable(std::string_view name) {
  const bool sound = !name.empty() && name.size() <= 128 && (name.front() < '0' || name.front() > '9') &&
                     std::all_of(name.begin(), name.end(), [](char c) {
                       return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
                     });
  if (sound) return {};
  return usage_error(fmt::format("--var: expected a variable's name such as GATEWAY_KEY, found '{}'", name));
}

std::string_view public_prefix(std::string_view name) {
  static constexpr std::array<std::string_view, 8> kPrefixes{"NEXT_PUBLIC_", "VITE_",   "REACT_APP_", "EXPO_PUBLIC_",
                                                             "NUXT_PUBLIC_", "GATSBY_", "VUE_APP_",   "PUBLIC_"};
  const auto found = std::find_if(kPrefixes.begin(), kPrefixes.end(),
                                  [name](std::string_view each) { return name.starts_with(each); });
  return found == kPrefixes.end() ? std::string_view() : *found;
}

std::string with_variable(std::string_view text, std::string_view name, std::string_view value) {
  std::string out;
  bool written = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (!sets(line, name)) {
      out.append(line).append("\n");
    } else if (!written) {
      const std::size_t start = line.find(name);
      out.append(line.substr(0, start)).append(name).append("=").append(value).append("\n");
      written = true;
    }
  }
  if (!written) out.append(name).append("=").append(value).append("\n");
  return out;
}

Result<void> expect_writable(const std::string& path) {
  const fs::path folder = target_of(path).parent_path();
  std::error_code ignored;
  const fs::file_type type = fs::status(target_of(path), ignored).type();
  if (type == fs::file_type::directory) return Error{ErrorCode::unavailable, path + " is a folder"};
  if (type != fs::file_type::regular && type != fs::file_type::not_found)
    return Error{ErrorCode::unavailable, path + " is no file that a line can be put into"};  // a device may have no end
  if (::access(folder.c_str(), W_OK) == 0) return {};
  return Error{ErrorCode::unavailable, fmt::format("{} cannot be written: {}", path, std::strerror(errno))};
}

Result<std::vector<std::string>> write_env_file(const std::string& path, std::string_view name,
                                                std::string_view value) {
  const fs::path file = target_of(path);
  const std::optional<std::string> before = read_text(file);
  if (auto written = replace_file(file, with_variable(before.value_or(""), name, value)); !written)
    return written.error();
  std::vector<std::string> done{fmt::format("{} has it as {}", path, name)};
  const fs::path folder = file.parent_path();
  if (!is_in_work_tree(folder)) return done;
  const fs::path ignore = folder / ".gitignore";
  const std::string name_in_folder = file.filename().string();
  const std::string line = ignore_pattern(name_in_folder);
  if (line.empty()) {
    done.push_back(fmt::format("no line of {} can name it: do not commit {}", ignore.string(), path));
    return done;
  }
  std::string text = read_text(ignore).value_or("");
  if (has_line(text, line) || has_line(text, "/" + line)) return done;
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  std::ofstream out(ignore, std::ios::binary | std::ios::trunc);
  if (out << text << line << '\n' << std::flush) {
    done.push_back(fmt::format("{} ignores it now", ignore.string()));
  } else {
    done.push_back(fmt::format("{} cannot be written: do not commit {}", ignore.string(), path));
  }
  return done;
}

}  // namespace gateway::app
