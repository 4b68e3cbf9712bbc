#include "adapters/sqlite/mount_source.h"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string_view>
#include <vector>

namespace gateway::sqlite {
namespace {

// A line of proc(5), /proc/[pid]/mountinfo.
struct Mount {
  std::string device;  // "8:1"
  std::string root;    // what of the device is mounted
  std::string place;   // where
};

// Blanks and backslashes are written as \040 and the like.
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 3 < text.size() &&
                        std::all_of(&text[i + 1], &text[i] + 4, [](char c) { return c >= '0' && c <= '7'; });
    out +=
        escape ? static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0')) : text[i];
    if (escape) i += 3;
  }
  return out;
}

std::vector<Mount> read_mounts() {
  std::vector<Mount> mounts;
  std::ifstream file("/proc/self/mountinfo");
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string id, parent, device, root, place;
    if (fields >> id >> parent >> device >> root >> place)
      mounts.push_back({device, unescaped(root), unescaped(place)});
  }
  return mounts;
}

bool same_file(const std::string& a, const std::string& b) {
  struct stat one {
  }, two{};
  return ::stat(a.c_str(), &one) == 0 && ::stat(b.c_str(), &two) == 0 && one.st_dev == two.st_dev &&
         one.st_ino == two.st_ino;
}

std::string joined(const std::string& folder, std::string_view rest) {
  std::string path = folder == "/" ? std::string() : folder;
  if (!rest.starts_with('/')) path += '/';
  return path.append(rest);
}

}  // namespace

std::string mount_source(const std::string& path) {
  const std::vector<Mount> mounts = read_mounts();
  const auto own = std::find_if(mounts.rbegin(), mounts.rend(), [&](const Mount& m) { return m.place == path; });
  if (own == mounts.rend()) return path;
  for (const Mount& other : mounts) {
    const std::string prefix = other.root == "/" ? other.root : other.root + "/";
    if (other.device != own->device || !own->root.starts_with(prefix)) continue;
    const std::string source = joined(other.place, std::string_view(own->root).substr(prefix.size() - 1));
    if (source != path && same_file(source, path)) return source;
  }
  return path;
}

}  // namespace gateway::sqlite
