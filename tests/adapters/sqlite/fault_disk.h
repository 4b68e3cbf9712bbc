// A disk that fails on purpose, below SQLite: writes that fail, and power cuts that lose what was not synced.
#pragma once

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstring>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace gateway {

// While one lives, every database that is opened lies on it. One at a time, one thread.
class FaultDisk {
 public:
  FaultDisk() {
    below_ = sqlite3_vfs_find(nullptr);
    vfs_ = *below_;
    vfs_.zName = "fault-disk";
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + below_->szOsFile;
    vfs_.pAppData = this;
    vfs_.xOpen = &FaultDisk::open;
    vfs_.xDelete = &FaultDisk::remove;
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~FaultDisk() {
    sqlite3_vfs_register(below_, 1);
    sqlite3_vfs_unregister(&vfs_);
  }
  FaultDisk(const FaultDisk&) = delete;
  FaultDisk& operator=(const FaultDisk&) = delete;

  // The n-th write, sync or truncation from now (from 1) returns `code`; so do all after it if `from_then_on`.
  void fail(int n, int code, bool from_then_on) {
    fail_at_ = operations_ + n;
    code_ = code;
    from_then_on_ = from_then_on;
  }
  void heal() { fail_at_ = -1, failed_ = false; }
  bool failed() const { return failed_; }
  int operations() const { return operations_; }

  // The power goes: nothing more is written. To be called again, by restore(), when all databases are closed.
  void cut_power() { dead_ = true; }
  // What was synced is on the disk, and of what was not, any part.
  void restore(std::mt19937_64& random) {
    for (auto& [path, changes] : unsynced_) {
      const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
      if (fd < 0) continue;
      for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
        write_at(fd, change->before, change->offset);
        if (::ftruncate(fd, change->size_before) != 0) std::abort();
      }
      for (const Change& change : changes) {
        if (!change.after.empty() && random() % 2 == 0) write_at(fd, change.after, change.offset);
      }
      ::close(fd);
    }
    unsynced_.clear();
    dead_ = false;
  }

 private:
  struct Change {
    off_t offset = 0;
    std::string before, after;  // an empty `after`: a truncation
    off_t size_before = 0;
  };
  struct File {
    sqlite3_file base;
    FaultDisk* disk;
    std::string* path;  // null: a temporary file
    sqlite3_file* below() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };

  static void write_at(int fd, const std::string& bytes, off_t offset) {
    if (::pwrite(fd, bytes.data(), bytes.size(), offset) != static_cast<ssize_t>(bytes.size())) std::abort();
  }
  static File* of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }

  int next() {
    ++operations_;
    if (dead_) return SQLITE_IOERR_WRITE;
    if (fail_at_ < 0 || operations_ < fail_at_ || (operations_ > fail_at_ && !from_then_on_)) return SQLITE_OK;
    failed_ = true;
    return code_;
  }

  void note(File* file, sqlite3_int64 offset, const void* bytes, int count, sqlite3_int64 truncated_to) {
    if (file->path == nullptr) return;
    Change change;
    sqlite3_int64 size = 0;
    file->below()->pMethods->xFileSize(file->below(), &size);
    change.size_before = size;
    change.offset = bytes != nullptr ? offset : truncated_to;
    const sqlite3_int64 end = bytes != nullptr ? std::min<sqlite3_int64>(size, offset + count) : size;
    if (end > change.offset) {
      change.before.resize(static_cast<std::size_t>(end - change.offset));
      file->below()->pMethods->xRead(file->below(), change.before.data(), static_cast<int>(change.before.size()),
                                     change.offset);
    }
    if (bytes != nullptr) change.after.assign(static_cast<const char*>(bytes), static_cast<std::size_t>(count));
    unsynced_[*file->path].push_back(std::move(change));
  }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* opened, int flags, int* out_flags) {
    auto* disk = static_cast<FaultDisk*>(vfs->pAppData);
    File* file = of(opened);
    file->base.pMethods = nullptr;
    const int code = disk->below_->xOpen(disk->below_, name, file->below(), flags, out_flags);
    if (code != SQLITE_OK) return code;
    file->disk = disk;
    file->path = name != nullptr ? new std::string(name) : nullptr;
    file->base.pMethods = methods();
    return SQLITE_OK;
  }
  static int remove(sqlite3_vfs* vfs, const char* name, int sync_directory) {
    auto* disk = static_cast<FaultDisk*>(vfs->pAppData);
    if (disk->dead_) return SQLITE_IOERR_DELETE;
    disk->unsynced_.erase(name);
    return disk->below_->xDelete(disk->below_, name, sync_directory);
  }
  static int close(sqlite3_file* f) {
    const int code = of(f)->below()->pMethods->xClose(of(f)->below());
    delete of(f)->path;
    return code;
  }
  static int write(sqlite3_file* f, const void* bytes, int count, sqlite3_int64 offset) {
    if (const int code = of(f)->disk->next(); code != SQLITE_OK) return code;
    of(f)->disk->note(of(f), offset, bytes, count, 0);
    return of(f)->below()->pMethods->xWrite(of(f)->below(), bytes, count, offset);
  }
  static int truncate(sqlite3_file* f, sqlite3_int64 size) {
    if (const int code = of(f)->disk->next(); code != SQLITE_OK) return code;
    of(f)->disk->note(of(f), 0, nullptr, 0, size);
    return of(f)->below()->pMethods->xTruncate(of(f)->below(), size);
  }
  static int sync(sqlite3_file* f, int flags) {
    if (const int code = of(f)->disk->next(); code != SQLITE_OK) return code;
    if (of(f)->path != nullptr) of(f)->disk->unsynced_.erase(*of(f)->path);
    return of(f)->below()->pMethods->xSync(of(f)->below(), flags);
  }

  static const sqlite3_io_methods* methods() {
    static const sqlite3_io_methods table = [] {
      sqlite3_io_methods m{};
      m.iVersion = 2;
      m.xClose = &FaultDisk::close;
      m.xRead = [](sqlite3_file* f, void* out, int n, sqlite3_int64 at) {
        return of(f)->below()->pMethods->xRead(of(f)->below(), out, n, at);
      };
      m.xWrite = &FaultDisk::write;
      m.xTruncate = &FaultDisk::truncate;
      m.xSync = &FaultDisk::sync;
      m.xFileSize = [](sqlite3_file* f, sqlite3_int64* n) {
        return of(f)->below()->pMethods->xFileSize(of(f)->below(), n);
      };
      m.xLock = [](sqlite3_file* f, int l) { return of(f)->below()->pMethods->xLock(of(f)->below(), l); };
      m.xUnlock = [](sqlite3_file* f, int l) { return of(f)->below()->pMethods->xUnlock(of(f)->below(), l); };
      m.xCheckReservedLock = [](sqlite3_file* f, int* out) {
        return of(f)->below()->pMethods->xCheckReservedLock(of(f)->below(), out);
      };
      m.xFileControl = [](sqlite3_file* f, int op, void* arg) {
        return of(f)->below()->pMethods->xFileControl(of(f)->below(), op, arg);
      };
      m.xSectorSize = [](sqlite3_file* f) { return of(f)->below()->pMethods->xSectorSize(of(f)->below()); };
      m.xDeviceCharacteristics = [](sqlite3_file* f) {
        return of(f)->below()->pMethods->xDeviceCharacteristics(of(f)->below());
      };
      m.xShmMap = [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
        return of(f)->below()->pMethods->xShmMap(of(f)->below(), page, size, extend, out);
      };
      m.xShmLock = [](sqlite3_file* f, int offset, int n, int flags) {
        return of(f)->below()->pMethods->xShmLock(of(f)->below(), offset, n, flags);
      };
      m.xShmBarrier = [](sqlite3_file* f) { of(f)->below()->pMethods->xShmBarrier(of(f)->below()); };
      m.xShmUnmap = [](sqlite3_file* f, int remove_it) {
        return of(f)->below()->pMethods->xShmUnmap(of(f)->below(), remove_it);
      };
      return m;
    }();
    return &table;
  }

  sqlite3_vfs* below_ = nullptr;
  sqlite3_vfs vfs_{};
  std::map<std::string, std::vector<Change>> unsynced_;
  int operations_ = 0;
  int fail_at_ = -1;
  int code_ = SQLITE_IOERR;
  bool from_then_on_ = false;
  bool failed_ = false;
  bool dead_ = false;
};

}  // namespace gateway
