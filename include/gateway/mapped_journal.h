// Journals in memory-mapped files: what was appended survives the death of the process, since the kernel keeps the
// pages.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/journal.h"

namespace gateway {

/// The journals of one process: one file, `<directory>/<process>.journal`, locked (flock) for as long as the process
/// lives, so that others can distinguish the living from the dead.
class MappedJournals {
 public:
  struct Options {
    std::string directory;  ///< created if missing, mode 0700
    std::uint64_t process = 0;
    unsigned workers = 1;
    std::size_t capacity = 32768;  ///< records per worker, about a KiB of disk each
  };
  static Result<std::unique_ptr<MappedJournals>> create(const Options& options);
  virtual ~MappedJournals() = default;  ///< removes the file when every journal in it is empty

  virtual std::vector<Journal*> journals() = 0;
  /// Releases the physical memory of confirmed records; the contents stay in the file.
  virtual void trim() = 0;

  /// The journals that dead processes left in a directory, each passed once, its file locked during the call and
  /// removed after it if `each` returns true.
  struct Orphan {
    std::uint64_t process = 0;
    std::string path;
    Journal::Records records;  ///< of all its workers
    bool readable = true;      ///< false: the header was damaged; nothing could be read
  };
  static Result<void> sweep(const std::string& directory, const std::function<bool(Orphan&)>& each);
  /// Whether that process holds the lock of its journal file in this directory.
  static bool alive(const std::string& directory, std::uint64_t process);
};

}  // namespace gateway
