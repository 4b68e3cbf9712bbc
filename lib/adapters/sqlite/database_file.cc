#include "adapters/sqlite/database_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "adapters/sqlite/mount_source.h"
#include "gateway/sqlite_store.h"

namespace gateway {
namespace {

constexpr int kMaxLinks = 40;  // as Linux has it

}  // namespace

namespace sqlite {
namespace {

// open() reports the same error for a folder that is not there and for one that may not be entered.
std::string reason_of(int error, const std::string& folder) {
  struct stat info {};
  if (error == ENOENT && ::stat(folder.c_str(), &info) != 0) return "there is no folder " + folder;
  if (error == EACCES || error == EROFS) return "folder " + folder + " is not writable: " + std::strerror(error);
  return std::strerror(error);
}

}  // namespace

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Descriptor open_folder_of(const std::string& path) {
  return Descriptor(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

Result<void> create_file(const std::string& path) {
  const Descriptor folder = open_folder_of(path);
  if (folder) ::flock(folder.get(), LOCK_EX);
  const Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly));
  const int error = errno;
  if (file || error == EEXIST) return {};
  return Error{ErrorCode::unavailable, "database " + path + " cannot be created: " + reason_of(error, folder_of(path))};
}

}  // namespace sqlite

std::string resolve_sqlite_path(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code failed;
  fs::path resolved = fs::absolute(path, failed);
  // canonical() needs a file at the end: the folder is resolved by it, and the last name link by link.
  for (int links = 0; links < kMaxLinks && !failed; ++links) {
    resolved = fs::weakly_canonical(resolved.parent_path(), failed) / resolved.filename();
    std::error_code not_a_link;
    const fs::path target = fs::read_symlink(resolved, not_a_link);
    if (not_a_link) return failed ? path : sqlite::mount_source(resolved.string());
    resolved = resolved.parent_path() / target;
  }
  return path;
}

}  // namespace gateway
