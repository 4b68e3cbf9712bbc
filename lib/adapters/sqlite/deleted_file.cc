#include "adapters/sqlite/deleted_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "adapters/sqlite/database_file.h"

namespace gateway::sqlite {
namespace {

bool exists(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0;
}

Error cannot(const std::string& path) {
  return {ErrorCode::unavailable, "database " + path + " was removed and cannot be restored: " + std::strerror(errno)};
}

}  // namespace

Result<void> restore(Database& db, const std::string& path) {
  const Descriptor directory = open_folder_of(path);
  if (!directory || ::flock(directory.get(), LOCK_EX | LOCK_NB) != 0) return cannot(path);
  if (exists(path)) return {};

  const std::string copy = path + ".recovered-" + std::to_string(::getpid());
  ::unlink(copy.c_str());
  // Empty, which VACUUM accepts, so that it is its owner's alone from the beginning.
  if (!Descriptor(::open(copy.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly))) return cannot(path);
  {
    Query vacuum(db, "VACUUM INTO ?", std::string_view(copy));
    vacuum.run();
  }
  if (auto error = db.take_error(); !error) {
    ::unlink(copy.c_str());
    return error;
  }
  const Descriptor file(::open(copy.c_str(), O_RDWR | O_CLOEXEC));
  if (!file || ::fsync(file.get()) != 0) return cannot(path);

  // A write-ahead log that remains belongs to the file that is gone: SQLite would play it into the new one.
  if (!exists(path)) {
    ::unlink((path + "-wal").c_str());
    ::unlink((path + "-shm").c_str());
  }
  if (::link(copy.c_str(), path.c_str()) != 0) {
    if (errno != EEXIST) return cannot(path);
    return Error{ErrorCode::unavailable, "database " + path + " was replaced; what was in it is in " + copy};
  }
  ::unlink(copy.c_str());
  ::fsync(directory.get());
  return {};
}

}  // namespace gateway::sqlite
