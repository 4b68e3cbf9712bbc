#include "gateway/mapped_journal.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "gateway/process_id.h"
#include "support/catch.h"

namespace gateway {
namespace {

namespace fs = std::filesystem;

class TempDirectory {
 public:
  TempDirectory() {
    std::string name = (fs::temp_directory_path() / "gateway-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~TempDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

constexpr std::uint64_t kProcess = 0x0123456789abcdef;
constexpr const char* kFile = "/0123456789abcdef.journal";

Row row_of(std::uint8_t n) {
  Row row;
  row.request.bytes[15] = n;
  row.process = kProcess;
  row.project = "demo";
  return row;
}

std::unique_ptr<MappedJournals> create(const std::string& directory, unsigned workers = 2, std::size_t capacity = 16) {
  auto made =
      MappedJournals::create({.directory = directory, .process = kProcess, .workers = workers, .capacity = capacity});
  INFO((made ? std::string() : made.error().detail));
  REQUIRE(made);
  return std::move(*made);
}

void open_attempt(Journal& journal, std::uint8_t n) {
  REQUIRE(journal.reserve());
  journal.open(row_of(n));
}

// A copy of a live file is what a dead process leaves.
std::string leave_orphan(const TempDirectory& directory) {
  const std::string left = directory.path() + "/left";
  fs::create_directory(left);
  const auto journals = create(directory.path() + "/live");
  open_attempt(*journals->journals()[0], 1);
  open_attempt(*journals->journals()[0], 2);
  open_attempt(*journals->journals()[1], 3);
  fs::copy_file(directory.path() + "/live" + kFile, left + kFile);
  return left;
}

std::vector<MappedJournals::Orphan> sweep(const std::string& directory, bool take) {
  std::vector<MappedJournals::Orphan> orphans;
  const auto done = MappedJournals::sweep(directory, [&](MappedJournals::Orphan& orphan) {
    orphans.push_back(std::move(orphan));
    return take;
  });
  INFO((done ? std::string() : done.error().detail));
  CHECK(done);
  return orphans;
}

TEST_CASE("a process's journals lie in one private file that goes when they are empty", "[mapped]") {
  const TempDirectory directory;
  const std::string path = directory.path() + "/a/b";
  {
    const auto journals = create(path, 3);
    CHECK(journals->journals().size() == 3);
    struct stat info {};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0700);
    REQUIRE(::stat((path + kFile).c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    CHECK(static_cast<std::size_t>(info.st_size) >= 3 * Journal::bytes_for(16));
    CHECK(static_cast<std::size_t>(info.st_blocks) * 512 >= 3 * Journal::bytes_for(16));
    Journal& journal = *journals->journals()[1];
    open_attempt(journal, 1);
    Journal::Records records;
    journal.read(records, 10);
    CHECK(records.rows.size() == 1);
    journal.confirm(records.end);
  }
  CHECK(fs::is_empty(path));
}

TEST_CASE("what was not confirmed stays in the file for others to find", "[mapped]") {
  const TempDirectory directory;
  {
    const auto journals = create(directory.path());
    open_attempt(*journals->journals()[1], 9);
    journals->trim();
    CHECK(journals->journals()[1]->queued() == 1);
  }
  auto orphans = sweep(directory.path(), false);
  REQUIRE(orphans.size() == 1);
  CHECK(orphans[0].process == kProcess);
  CHECK(orphans[0].readable);
  REQUIRE(orphans[0].records.rows.size() == 1);
  CHECK(orphans[0].records.rows[0].request == row_of(9).request);
  CHECK(sweep(directory.path(), true).size() == 1);
  CHECK(sweep(directory.path(), true).empty());
  CHECK(fs::is_empty(directory.path()));
}

TEST_CASE("the journals of the living are not swept", "[mapped]") {
  const TempDirectory directory;
  const auto journals = create(directory.path());
  open_attempt(*journals->journals()[0], 1);
  CHECK(sweep(directory.path(), true).empty());
  CHECK(MappedJournals::alive(directory.path(), kProcess));
  CHECK(fs::exists(directory.path() + kFile));
  CHECK_FALSE(MappedJournals::alive(directory.path(), 3));
}

TEST_CASE("two processes cannot have the same journal", "[mapped]") {
  const TempDirectory directory;
  const auto journals = create(directory.path());
  const auto twin = MappedJournals::create({.directory = directory.path(), .process = kProcess});
  REQUIRE_FALSE(twin);
  CHECK(twin.error().code == ErrorCode::unavailable);
  open_attempt(*journals->journals()[0], 1);
  CHECK(MappedJournals::alive(directory.path(), kProcess));
}

TEST_CASE("journals that cannot be created are reported in one line and leave nothing", "[mapped]") {
  const TempDirectory directory;
  std::ofstream(directory.path() + "/file").flush();
  const auto check = [&](const MappedJournals::Options& options, ErrorCode code) {
    const auto made = MappedJournals::create(options);
    REQUIRE_FALSE(made);
    CHECK(made.error().code == code);
    CHECK(made.error().detail.find('\n') == std::string::npos);
  };
  check({.directory = directory.path() + "/file", .process = 1}, ErrorCode::unavailable);
  check({.directory = directory.path(), .process = 0}, ErrorCode::invalid);
  check({.directory = directory.path(), .process = 1, .workers = 0}, ErrorCode::invalid);

  // No room: found out now, not by a signal later.
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{16 * 1024, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const auto made = MappedJournals::create({.directory = directory.path(), .process = 1});
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  REQUIRE_FALSE(made);
  CHECK(made.error().code == ErrorCode::unavailable);
  fs::remove(directory.path() + "/file");
  CHECK(fs::is_empty(directory.path()));
}

TEST_CASE("of a damaged file all that is complete is recovered", "[mapped]") {
  const TempDirectory directory;
  const std::string left = leave_orphan(directory);
  const std::string path = left + kFile;
  const auto write_at = [&](std::streamoff offset, const std::string& bytes) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(offset);
    file << bytes;
  };
  const auto size = static_cast<std::streamoff>(fs::file_size(path));

  SECTION("nothing damaged") {
    const auto orphans = sweep(left, false);
    REQUIRE(orphans.size() == 1);
    CHECK(orphans[0].records.rows.size() == 3);
    CHECK(orphans[0].records.damaged == 0);
  }
  SECTION("the file's header") {
    write_at(8, "xxxx");
    const auto orphans = sweep(left, false);
    REQUIRE(orphans.size() == 1);
    CHECK(orphans[0].readable);
    CHECK(orphans[0].records.rows.size() == 3);
    CHECK(orphans[0].records.damaged > 0);
  }
  SECTION("the first ring's header") {
    write_at(4096, std::string(64, 'x'));
    const auto orphans = sweep(left, false);
    REQUIRE(orphans.size() == 1);
    CHECK(orphans[0].records.rows.size() == 1);
    CHECK(orphans[0].records.damaged > 0);
  }
  SECTION("truncated at any place") {
    for (std::streamoff cut = size; cut >= 0; cut -= 1500) {
      fs::resize_file(path, static_cast<std::uintmax_t>(cut));
      const auto orphans = sweep(left, false);
      REQUIRE(orphans.size() == 1);
      CHECK(orphans[0].records.rows.size() <= 3);
      CHECK(orphans[0].readable == (cut >= 2 * 4096));  // the header of one ring
    }
  }
  SECTION("everything") {
    write_at(0, std::string(static_cast<std::size_t>(size), 'x'));
    const auto orphans = sweep(left, true);
    REQUIRE(orphans.size() == 1);
    CHECK_FALSE(orphans[0].readable);
    CHECK(orphans[0].process == kProcess);
    CHECK(orphans[0].records.rows.empty());
  }
}

TEST_CASE("a directory is swept of what is ours alone", "[mapped]") {
  const TempDirectory directory;
  for (const char* name : {"/notes.txt", "/0123.journal", "/0123456789ABCDEF.journal", "/0123456789abcdex.journal"}) {
    std::ofstream(directory.path() + name) << "mine";
  }
  std::ofstream(directory.path() + "/0000000000000001.journal.new") << "half made";
  fs::create_symlink("notes.txt", directory.path() + "/0000000000000002.journal");
  CHECK(sweep(directory.path(), true).empty());
  CHECK_FALSE(fs::exists(directory.path() + "/0000000000000001.journal.new"));
  CHECK(fs::exists(directory.path() + "/notes.txt"));
  CHECK(fs::exists(directory.path() + "/0123.journal"));
  CHECK(sweep(directory.path() + "/nowhere", true).empty());
}

TEST_CASE("a ring in a mapped file is used round and round without growing", "[mapped]") {
  const TempDirectory directory;
  const auto journals = create(directory.path(), 1, 8);
  Journal& journal = *journals->journals()[0];
  const auto size = fs::file_size(directory.path() + kFile);
  Journal::Records records;
  for (int i = 0; i < 100; ++i) {
    REQUIRE(journal.reserve());
    journal.open(row_of(1));
    Row settled = row_of(1);
    settled.state = RowState::settled;
    journal.settle(settled);
    records = {};
    journal.read(records, 10);
    REQUIRE(records.rows.size() == 2);
    CHECK(records.rows[1].state == RowState::settled);
    journal.confirm(records.end);
    journals->trim();
  }
  CHECK(fs::file_size(directory.path() + kFile) == size);
}

}  // namespace
}  // namespace gateway
