// The stores that keep the contract of gateway/store.h: each test of this folder runs over every one of them.
#pragma once

#include <memory>
#include <string>

#include "adapters/sqlite/ledger_fixture.h"
#include "gateway/testing/memory_store.h"
#include "support/forwarding_store.h"

namespace gateway {

// One set of data, empty at first.
class Backend {
 public:
  virtual ~Backend() = default;
  // A connection of its own, as another process has one.
  virtual std::unique_ptr<Store> open() = 0;
};

enum class BackendKind { memory, sqlite, sqlite_without_page_images };

class MemoryBackend final : public Backend {
 public:
  std::unique_ptr<Store> open() override { return std::make_unique<ForwardingStore>(memory_); }

 private:
  testing::MemoryStore memory_;
};

class SqliteBackend final : public Backend {
 public:
  explicit SqliteBackend(bool page_images) : page_images_(page_images) {}
  std::unique_ptr<Store> open() override { return open_store(directory_.file("gateway.db"), 2000, page_images_); }

 private:
  bool page_images_;
  TempDirectory directory_;
};

inline std::unique_ptr<Backend> make_backend(BackendKind kind) {
  if (kind == BackendKind::memory) return std::make_unique<MemoryBackend>();
  return std::make_unique<SqliteBackend>(kind == BackendKind::sqlite);
}

// The test that calls one of these runs once for each kind.
inline BackendKind each_kind() {
  return GENERATE(BackendKind::memory, BackendKind::sqlite, BackendKind::sqlite_without_page_images);
}
inline std::unique_ptr<Backend> each_backend() { return make_backend(each_kind()); }

}  // namespace gateway
