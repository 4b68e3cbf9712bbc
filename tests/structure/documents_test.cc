// What holds for the documents: what they link to is there, and the README stays a page.
#include <map>
#include <set>

#include "structure/source_tree.h"
#include "support/catch.h"

namespace {

using Lines = std::vector<std::string>;

Lines lines_of(const std::filesystem::path& path) {
  std::ifstream in(path);
  Lines lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// Path from the project's folder, and the lines outside of blocks of code.
std::map<std::string, Lines> documents() {
  const std::filesystem::path root = source_dir();
  std::vector<std::filesystem::path> paths{root / "README.md", root / "CONTRIBUTING.md", root / "CHANGELOG.md"};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "docs")) {
    if (entry.path().extension() == ".md") paths.push_back(entry.path());
  }
  std::map<std::string, Lines> found;
  for (const auto& path : paths) {
    Lines& lines = found[std::filesystem::relative(path, root).generic_string()];
    bool code = false;
    for (const std::string& line : lines_of(path)) {
      if (line.starts_with("```")) code = !code;
      if (!code) lines.push_back(line);
    }
  }
  return found;
}

// As GitHub makes it of a heading.
std::string anchor_of(std::string_view heading) {
  std::string anchor;
  for (const char c : heading) {
    if (c == ' ') anchor += '-';
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_') anchor += c;
    if (c >= 'A' && c <= 'Z') anchor += static_cast<char>(c - 'A' + 'a');
  }
  return anchor;
}

std::set<std::string> anchors_of(const Lines& lines) {
  std::set<std::string> anchors;
  for (const std::string_view line : lines) {
    const std::size_t text = line.find_first_not_of('#');
    if (text > 0 && text != line.npos && line[text] == ' ') anchors.insert(anchor_of(line.substr(text + 1)));
  }
  return anchors;
}

// The targets of [text](target) that are no URLs.
Lines links_in(std::string_view line) {
  Lines links;
  for (std::size_t at = line.find("]("); at != line.npos; at = line.find("](", at + 1)) {
    const std::string_view target = line.substr(at + 2, line.find(')', at) - at - 2);
    if (target.find("://") == target.npos) links.emplace_back(target);
  }
  return links;
}

}  // namespace

TEST_CASE("every link of the documents leads to a file and a heading that are there", "[structure][documents]") {
  const auto all = documents();
  std::string broken;
  int links = 0;
  for (const auto& [path, lines] : all) {
    for (const std::string& line : lines) {
      for (const std::string& link : links_in(line)) {
        const std::string file = link.substr(0, link.find('#'));
        const std::string anchor = link.find('#') == link.npos ? "" : link.substr(link.find('#') + 1);
        const auto target = (std::filesystem::path(path).parent_path() / file).lexically_normal();
        const std::string name = file.empty() ? path : target.generic_string();
        const auto document = all.find(name);
        const bool there = std::filesystem::exists(source_dir() + "/" + name) &&
                           (anchor.empty() || (document != all.end() && anchors_of(document->second).contains(anchor)));
        if (!there) broken += path + ": " + link + '\n';
        ++links;
      }
    }
  }
  CHECK(broken == "");
  CHECK(links > 40);
}

TEST_CASE("every document can be reached from the README", "[structure][documents]") {
  const auto all = documents();
  std::set<std::string> reached;
  std::vector<std::string> next{"README.md"};
  while (!next.empty()) {
    const std::string path = next.back();
    next.pop_back();
    if (!reached.insert(path).second || !all.contains(path)) continue;
    for (const std::string& line : all.at(path)) {
      for (const std::string& link : links_in(line)) {
        const std::string file = link.substr(0, link.find('#'));
        if (!file.empty()) {
          next.push_back((std::filesystem::path(path).parent_path() / file).lexically_normal().generic_string());
        }
      }
    }
  }
  for (const auto& [path, lines] : all) CHECK(reached.contains(path));
}

TEST_CASE("the README is a page, and names the two commands", "[structure][documents]") {
  const Lines readme = lines_of(source_dir() + "/README.md");
  CHECK(readme.size() <= 120);
  for (const std::string command : {"scripts/run", "scripts/test"}) {
    CHECK(
        std::any_of(readme.begin(), readme.end(), [&](const std::string& line) { return line.starts_with(command); }));
  }
}
