#include "adapters/sqlite/lost_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace gateway::sqlite {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool exists(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0;
}

Error cannot(const std::string& path) {
  return {ErrorCode::unavailable, "database " + path + " was removed and cannot be put back: " + std::strerror(errno)};
}

}  // namespace

Result<void> put_back(Database& db, const std::string& path) {
  const Descriptor directory(::open(directory_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || ::flock(directory.get(), LOCK_EX | LOCK_NB) != 0) return cannot(path);
  if (exists(path)) return {};

  const std::string copy = path + ".recovered-" + std::to_string(::getpid());
  ::unlink(copy.c_str());
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

  // A write-ahead log left behind belongs to the file that is gone: SQLite would play it into the new one.
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
