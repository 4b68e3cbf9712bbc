#include "app/background/catalogue_files.h"

#include <atomic>
#include <thread>

#include "apps/cli/cli.h"

namespace {

namespace fs = std::filesystem;
using gateway::app::catalogue_directory;
using gateway::app::write_catalogue_file;

fs::perms mode_of(const fs::path& path) { return fs::status(path).permissions() & fs::perms::all; }

std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_CASE("of servers that store a price list at once each stores its own complete one", "[apps][catalogues]") {
  const Folder folder;
  const std::string directory = catalogue_directory("gateway.db");
  const std::string path = directory + "/openrouter.json";
  const auto text_of = [](int writer) { return std::string(200'000, static_cast<char>('a' + writer)); };
  std::atomic<int> failed{0}, torn{0};
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; i < 25; ++i) {
        if (!write_catalogue_file(directory, {"openrouter", text_of(writer), fixed_now()})) ++failed;
        const std::string found = contents(path);
        if (found.size() != 200'000 || found.find_first_not_of(found[0]) != found.npos) ++torn;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  CHECK(failed == 0);
  CHECK(torn == 0);
  CHECK(std::distance(fs::directory_iterator(directory), {}) == 1);
  CHECK(mode_of(path) == fs::perms(0600));
  CHECK(mode_of(directory) == fs::perms(0700));
}

TEST_CASE("price lists are beside the database that a symbolic link leads to", "[apps][catalogues]") {
  const Folder folder;
  fs::create_directory("real");
  fs::create_symlink("real/gw.db", "link.db");
  CHECK(catalogue_directory("link.db") == fs::canonical("real").string() + "/gw.db.catalogues");
}

TEST_CASE("a price list that cannot be stored is reported with the reason", "[apps][catalogues]") {
  const Folder folder;
  folder.write("occupied", "");
  const auto stored = write_catalogue_file("occupied", {"openrouter", "{}", fixed_now()});
  REQUIRE_FALSE(stored);
  CHECK(stored.error().detail == "occupied/openrouter.json cannot be written: Not a directory");
}

}  // namespace
