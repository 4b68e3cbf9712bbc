// The file of a database, before SQLite opens it.
#pragma once

#include <sys/types.h>

#include <string>

#include "gateway/result.h"

namespace gateway::sqlite {

inline constexpr mode_t kOwnerOnly = 0600;

// The folder that a path's file is in.
std::string folder_of(const std::string& path);

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

// The folder, open. Whoever makes or restores a database in it holds a lock on it (flock), so that a restored file
// never takes away the write-ahead log of a new one.
Descriptor open_folder_of(const std::string& path);

// Makes an empty file at the path, which is an empty database, for its owner alone: SQLite creates the files that it
// puts beside it with the same mode. One that is there stays as it is. The error reports what the path lacks.
Result<void> create_file(const std::string& path);

}  // namespace gateway::sqlite
