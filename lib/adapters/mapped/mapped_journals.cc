#include "gateway/mapped_journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "adapters/mapped/journal_file.h"
#include "gateway/process_id.h"

namespace gateway {
namespace {

using mapped::File;
using mapped::kPage;
using mapped::Mapping;

constexpr std::string_view kDraft = ".new";

Error cannot(const char* what, const std::string& path, int error = errno) {
  return {ErrorCode::unavailable, std::string("cannot ") + what + " " + path + ": " + std::strerror(error)};
}

Result<void> make_directory(const std::string& directory) {
  std::error_code error;
  std::filesystem::path parent = std::filesystem::path(directory).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return cannot("make directory", directory);
  return {};
}

class FileJournals final : public MappedJournals {
 public:
  FileJournals(File file, Mapping mapping, std::string path)
      : file_(std::move(file)), mapping_(std::move(mapping)), path_(std::move(path)) {}

  ~FileJournals() override {
    const bool empty = std::all_of(rings_.begin(), rings_.end(), [](const auto& ring) { return ring->queued() == 0; });
    rings_.clear();
    // The lock is released after the name is removed: nobody finds the file unlocked who should not.
    if (empty && file_.is_at(path_)) ::unlink(path_.c_str());
  }

  Result<void> format(std::uint64_t process, unsigned workers, std::size_t ring_bytes) {
    for (unsigned i = 0; i < workers; ++i) {
      auto ring = Journal::format(mapping_.bytes().subspan(kPage + i * ring_bytes, ring_bytes), process);
      if (!ring) return std::move(ring).error();
      rings_.push_back(std::move(*ring));
    }
    mapped::write_header(mapping_.bytes(), {process, workers, ring_bytes});
    return {};
  }

  std::vector<Journal*> journals() override {
    std::vector<Journal*> out;
    for (const auto& ring : rings_) out.push_back(ring.get());
    return out;
  }

  void trim() override {
    // Of a shared mapping this drops only the page table's entries: the page cache keeps what was written.
    ::madvise(mapping_.bytes().data(), mapping_.bytes().size(), MADV_DONTNEED);
  }

 private:
  File file_;
  Mapping mapping_;
  std::string path_;
  std::vector<std::unique_ptr<Journal>> rings_;
};

// A dead process's complete file, once it is ours: locked by us and still at its path.
bool take_over(const std::string& path, File& file) {
  file = File(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  return file && file.lock() && file.is_at(path);
}

Result<MappedJournals::Orphan> read_orphan(const File& file, const std::string& path, std::uint64_t process) {
  MappedJournals::Orphan orphan;
  orphan.process = process;
  orphan.path = path;
  struct stat info {};
  if (::fstat(file.fd(), &info) != 0) return cannot("read", path);
  auto mapping = Mapping::of(file, static_cast<std::size_t>(info.st_size), false);
  if (!mapping) return std::move(mapping).error();
  orphan.readable = mapped::recover_file(mapping->bytes(), process, orphan.records);
  return orphan;
}

}  // namespace

Result<std::unique_ptr<MappedJournals>> MappedJournals::create(const Options& options) {
  if (options.workers == 0 || options.capacity == 0 || options.process == 0) {
    return Error{ErrorCode::invalid, "journals need a process, a worker and a capacity"};
  }
  if (auto made = make_directory(options.directory); !made) return std::move(made).error();
  const std::string path = options.directory + "/" + mapped::file_name(options.process);
  const std::string draft = path + std::string(kDraft);
  const std::size_t ring_bytes = mapped::whole_pages(Journal::bytes_for(options.capacity));
  const std::size_t bytes = kPage + options.workers * ring_bytes;

  ::unlink(draft.c_str());
  File file(::open(draft.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return cannot("make", draft);
  const auto give_up = [&](Error error) {
    ::unlink(draft.c_str());
    return error;
  };
  if (!file.lock()) return give_up(cannot("lock", draft));
  // Room on the disk is taken now: a page without it would be a SIGBUS at some later write.
  if (const int error = ::posix_fallocate(file.fd(), 0, static_cast<off_t>(bytes)); error != 0) {
    return give_up(cannot("take room for", draft, error));
  }
  auto mapping = Mapping::of(file, bytes, true);
  if (!mapping) return give_up(std::move(mapping).error());
  auto journals = std::make_unique<FileJournals>(std::move(file), std::move(*mapping), path);
  if (auto done = journals->format(options.process, options.workers, ring_bytes); !done) {
    return give_up(std::move(done).error());
  }
  // Under its name only now that it is locked and complete. Never over another's.
  if (::link(draft.c_str(), path.c_str()) != 0) return give_up(cannot("make", path));
  ::unlink(draft.c_str());
  return std::unique_ptr<MappedJournals>(std::move(journals));
}

Result<void> MappedJournals::sweep(const std::string& directory, const std::function<bool(Orphan&)>& each) {
  std::error_code error;
  std::filesystem::directory_iterator entries(directory, error);
  if (error == std::errc::no_such_file_or_directory) return {};
  if (error) return cannot("read", directory, error.value());
  std::vector<std::string> names;
  for (const auto& entry : entries) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());

  Result<void> first_error;
  for (const std::string& name : names) {
    const bool draft = name.ends_with(kDraft);
    const auto process =
        mapped::process_of_name(std::string_view(name).substr(0, name.size() - (draft ? kDraft.size() : 0)));
    if (!process || is_running(*process)) continue;
    const std::string path = directory + "/" + name;
    File file;
    if (!take_over(path, file)) continue;
    if (draft) {
      ::unlink(path.c_str());
      continue;
    }
    auto orphan = read_orphan(file, path, *process);
    if (!orphan) {
      if (first_error) first_error = std::move(orphan).error();
      continue;
    }
    if (each(*orphan)) ::unlink(path.c_str());
  }
  return first_error;
}

bool MappedJournals::alive(const std::string& directory, std::uint64_t process) {
  const std::string path = directory + "/" + mapped::file_name(process);
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file && !file.lock()) return true;
  // The file may have been removed under a process that lives.
  return is_running(process);
}

}  // namespace gateway
