// The project's own sources, as text.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "support/source_dir.h"

namespace source_tree {

struct File {
  std::string path;  // "lib/wire/sse/scanner.h"
  std::vector<std::string> lines;
};

struct Include {
  std::string name;
  bool angled;
  int line;  // from 1
};

inline std::string folder_of(std::string_view path) { return std::string(path.substr(0, path.rfind('/'))); }

// All .h and .cc of ours below the folders, by path.
inline std::vector<File> files(const std::vector<std::string>& folders) {
  const std::filesystem::path root = source_dir();
  std::vector<File> found;
  for (const std::string& folder : folders) {
    std::filesystem::recursive_directory_iterator at(root / folder);
    for (; at != std::filesystem::recursive_directory_iterator(); ++at) {
      const auto& entry = *at;
      if (entry.path().filename() == "node_modules") at.disable_recursion_pending();
      const auto kind = entry.path().extension();
      if (!entry.is_regular_file() || (kind != ".h" && kind != ".cc")) continue;
      File file{std::filesystem::relative(entry.path(), root).generic_string(), {}};
      std::ifstream in(entry.path());
      for (std::string line; std::getline(in, line);) file.lines.push_back(line);
      found.push_back(std::move(file));
    }
  }
  std::sort(found.begin(), found.end(), [](const File& a, const File& b) { return a.path < b.path; });
  return found;
}

inline std::vector<Include> includes_of(const File& file) {
  std::vector<Include> found;
  int number = 0;
  for (std::string_view line : file.lines) {
    ++number;
    const auto skip_space = [&line] { line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size())); };
    skip_space();
    if (!line.starts_with('#')) continue;
    line.remove_prefix(1);
    skip_space();
    if (!line.starts_with("include")) continue;
    line.remove_prefix(7);
    skip_space();
    if (line.empty()) continue;
    const bool angled = line.front() == '<';
    const std::size_t end = line.find(angled ? '>' : '"', 1);
    found.push_back({std::string(line.substr(1, end == std::string_view::npos ? end : end - 1)), angled, number});
  }
  return found;
}

}  // namespace source_tree
