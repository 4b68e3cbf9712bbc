// What holds for the text of every file.
#include <algorithm>
#include <array>

#include "structure/source_tree.h"
#include "support/catch.h"

using source_tree::File;

namespace {

constexpr std::size_t kMostLines = 400;

std::string places_of(const std::vector<File>& files, const std::vector<std::string>& words) {
  std::string places;
  for (const File& file : files) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      for (const std::string& word : words) {
        if (file.lines[i].find(word) != std::string::npos) {
          places += file.path + ':' + std::to_string(i + 1) + ": " + word + '\n';
        }
      }
    }
  }
  return places;
}

}  // namespace

TEST_CASE("no file is longer than 400 lines", "[structure][habits]") {
  std::string long_ones;
  for (const File& file : source_tree::files({"include", "lib", "apps"})) {
    if (file.lines.size() > kMostLines) long_ones += file.path + ": " + std::to_string(file.lines.size()) + '\n';
  }
  CHECK(long_ones == "");
}

TEST_CASE("what comes before a declaration in a public header is written for Doxygen", "[structure][habits]") {
  const auto text_of = [](const std::string& line) {
    return line.substr(std::min(line.find_first_not_of(' '), line.size()));
  };
  std::string plain;
  for (const File& file : source_tree::files({"include"})) {
    bool declares = false;  // the comment at the head of a file is for its readers
    for (std::size_t i = 0; i + 1 < file.lines.size(); ++i) {
      const std::string line = text_of(file.lines[i]), next = text_of(file.lines[i + 1]);
      declares = declares || line.starts_with("#pragma once");
      const bool is_plain = line.starts_with("//") && !line.starts_with("///");
      const bool before_one =
          !next.empty() && !next.starts_with("//") && !next.starts_with('#') && !next.starts_with('}');
      if (declares && is_plain && before_one) plain += file.path + ':' + std::to_string(i + 1) + '\n';
    }
  }
  CHECK(plain == "");
}

TEST_CASE("every header guards itself with pragma once", "[structure][habits]") {
  std::string unguarded;
  for (const File& file : source_tree::files({"include", "lib", "apps"})) {
    if (!file.path.ends_with(".h")) continue;
    const auto& lines = file.lines;
    if (std::find(lines.begin(), lines.end(), "#pragma once") == lines.end()) unguarded += file.path + '\n';
  }
  CHECK(unguarded == "");
}

TEST_CASE("the core reads no clock and no environment, sleeps not and prints nothing", "[structure][habits]") {
  const auto core =
      source_tree::files({"lib/base", "lib/wire", "lib/policy", "lib/providers", "lib/ledger", "lib/proxy"});
  CHECK(places_of(core, {"_clock::now(", "clock_gettime", "gettimeofday", "::time(", "getenv", "sleep_for", "usleep",
                         "fopen(", "std::cout", "std::cerr", " printf(", "fprintf(", "fmt::print"}) == "");
}

TEST_CASE("nothing is left for later", "[structure][habits]") {
  const std::array<std::string, 2> halves{"TO", "FIX"};  // not to find itself
  CHECK(places_of(source_tree::files({"include", "lib", "apps", "tests"}), {halves[0] + "DO", halves[1] + "ME",
                                                                            "XX"
                                                                            "X "}) == "");
}
