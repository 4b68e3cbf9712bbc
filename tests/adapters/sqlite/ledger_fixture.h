// What the tests of the SQLite store share: a directory of their own, rows, a store that must open.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "gateway/sqlite_store.h"
#include "gateway/store.h"
#include "support/catch.h"

namespace gateway {

class TempDirectory {
 public:
  TempDirectory() {
    // In memory if there is such a place: what waits for a real disk tests nothing more.
    const bool memory = ::access("/dev/shm", W_OK) == 0;
    const std::string base = memory ? "/dev/shm" : std::filesystem::temp_directory_path().string();
    std::string name = base + "/gateway-test-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~TempDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline std::unique_ptr<Store> open_store(const std::string& path, int busy_timeout_ms = 2000, bool page_images = true) {
  auto opened = open_sqlite_store({.path = path, .busy_timeout_ms = busy_timeout_ms, .page_images = page_images});
  INFO((opened ? std::string() : opened.error().detail));
  REQUIRE(opened);
  return std::move(*opened);
}

// As a command has it: by a connection of its own, for reading or for writing.
inline Result<LedgerProof> verify_ledger(const std::string& path) {
  auto opened = open_sqlite_store({.path = path, .create = false, .read_only = true});
  if (!opened) return std::move(opened).error();
  return (*opened)->verify();
}
inline Result<std::int64_t> prune_ledger(const std::string& path, WallTime before, WallTime now) {
  auto opened = open_sqlite_store({.path = path, .create = false});
  if (!opened) return std::move(opened).error();
  return (*opened)->prune(before, now);
}

inline constexpr WallTime kMorning = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + std::chrono::hours(9);

inline RequestId request_id(std::uint64_t n, std::uint64_t millisecond = 0) {
  RequestId id;
  for (std::size_t i = 0; i < 8; ++i) id.bytes[15 - i] = static_cast<std::uint8_t>(n >> (8 * i));
  for (std::size_t i = 0; i < 6; ++i) id.bytes[5 - i] = static_cast<std::uint8_t>(millisecond >> (8 * i));
  return id;
}

// A settled row that says something in every column.
inline Row settled_row(std::uint64_t n) {
  Row row;
  row.request = request_id(n);
  row.state = RowState::settled;
  row.operation = n % 5 == 0 ? Operation::embeddings : Operation::chat;
  row.cost_source = CostSource::provider;
  row.streamed = n % 2 == 0;
  row.status = 200;
  row.flags = row_flag::clamped;
  row.process = 0xfedcba9876543210;
  row.usage = {100, 20, 3, 40, 5, 6, 7, 8, 9};
  row.surface = n % 7 == 0 ? SurfaceKind::anthropic : SurfaceKind::openai;
  row.hold = Money::units(2'000'000'000);
  row.cost = Money::units(1'234'567'891);
  row.upstream_cost = Money::units(1'034'567'890 + static_cast<std::int64_t>(n));
  row.accepted = kMorning + std::chrono::microseconds(n);
  row.dispatched = row.accepted + std::chrono::microseconds(90);
  row.first_byte = row.accepted + std::chrono::milliseconds(300);
  row.ended = row.accepted + std::chrono::seconds(2);
  row.client_request_id = "client-" + std::to_string(n);
  row.project = n % 3 == 0 ? "blue" : "red";
  row.key = "key_000000000001";
  row.asked_model = "fast";
  row.target_model = "gpt-4o-mini";
  row.served_model = "gpt-4o-mini-2024-07-18";
  row.provider = "openai";
  row.generation_id = "gen-" + std::to_string(n);
  row.finish_reason = "stop";
  row.price_version = "builtin-2026-11";
  return row;
}

inline Row open_row(std::uint64_t n) {
  Row row = settled_row(n);
  row.state = RowState::open;
  row.cost_source = CostSource::none;
  row.usage = {};
  row.cost = row.upstream_cost = Money{};
  row.status = 0;
  row.first_byte = row.ended = WallTime{};
  row.served_model = row.generation_id = row.finish_reason = "";
  return row;
}

inline Result<void> append(Store& store, const std::vector<Row>& rows) { return store.append({rows, {}}); }

inline std::vector<Row> all_rows(Store& store, RowQuery query = {.newest_first = false, .limit = 0}) {
  std::vector<Row> out;
  const auto done = store.rows(query, [&](const Row& row) {
    out.push_back(row);
    return true;
  });
  INFO((done ? std::string() : done.error().detail));
  REQUIRE(done);
  return out;
}

// All bytes but those that fill a Row up to its alignment.
inline bool same_row(const Row& a, const Row& b) {
  return std::memcmp(&a, &b, offsetof(Row, price_version) + sizeof(Row::price_version)) == 0;
}

inline UsageSum total(Store& store, UsageQuery query = {}) {
  query.by.clear();
  auto sums = store.usage(query);
  INFO((sums ? std::string() : sums.error().detail));
  REQUIRE(sums);
  REQUIRE(sums->size() == 1);
  return (*sums)[0];
}

}  // namespace gateway
