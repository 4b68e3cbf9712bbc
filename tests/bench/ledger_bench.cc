// How fast the SQLite ledger takes rows, sums a million of them, and opens.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "gateway/journal.h"
#include "gateway/sqlite_store.h"
#include "ledger/writer.h"

namespace gateway {
namespace {

constexpr std::int64_t kMillion = 1'000'000;
constexpr std::uint64_t kProcess = 7;
constexpr WallTime kBegin = std::chrono::sys_days{std::chrono::year{2026} / 10 / 1};

Row row_at(std::int64_t n, RowState state) {
  Row row;
  // 48 bits of milliseconds, as real ids have, so that rows come in the order in which the table keeps them.
  const std::int64_t micros = n * (30LL * 86'400'000'000 / kMillion);  // a million over 30 days
  row.accepted = kBegin + std::chrono::microseconds(micros);
  const auto millis = static_cast<std::uint64_t>(row.accepted.time_since_epoch().count() / 1000);
  for (std::size_t i = 0; i < 6; ++i) row.request.bytes[i] = static_cast<std::uint8_t>(millis >> (8 * (5 - i)));
  for (std::size_t i = 0; i < 8; ++i) {
    row.request.bytes[8 + i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(n) >> (8 * (7 - i)));
  }
  row.state = state;
  row.process = kProcess;
  row.streamed = n % 2 == 0;
  row.hold = Money::units(2'400'000'000);
  row.dispatched = row.accepted + std::chrono::microseconds(120);
  row.project = "project-" + std::to_string(n % 10);
  row.key = "key_00000000000" + std::to_string(n % 10);
  row.asked_model = n % 5 == 0 ? "fast" : n % 5 == 1 ? "slow" : "anthropic/claude-sonnet-4.5";
  row.target_model = "gpt-4o-mini";
  row.provider = n % 5 < 2 ? "openai" : "openrouter";
  row.price_version = "builtin-2026-11";
  if (state == RowState::open) return row;
  row.status = 200;
  row.cost_source = CostSource::provider;
  row.usage = {412 + n % 100, 100, 0, 230 + n % 50, 12};
  row.cost = Money::units(213'450'000 + n);
  row.first_byte = row.accepted + std::chrono::milliseconds(240);
  row.ended = row.accepted + std::chrono::seconds(3);
  row.served_model = "gpt-4o-mini-2024-07-18";
  row.generation_id = "gen-1763815512-" + std::to_string(n);
  row.finish_reason = "stop";
  return row;
}

class Directory {
 public:
  Directory() {
    const char* base = std::getenv("TMPDIR");
    path_ = std::string(base ? base : "/tmp") + "/ledger-bench-" + std::to_string(::getpid());
    std::filesystem::create_directories(path_);
  }
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

std::unique_ptr<Store> open(const std::string& path, bool page_images = true) {
  return open_sqlite_store({.path = path, .page_images = page_images}).value();
}

// One ledger of a million rows for all that read; made once.
const std::string& million() {
  static const Directory directory;
  static const std::string path = [] {
    const std::string file = directory.file("million.db");
    const auto store = open(file);
    std::vector<Row> rows;
    for (std::int64_t n = 0; n < kMillion;) {
      rows.clear();
      for (int i = 0; i < 1000; ++i) rows.push_back(row_at(n++, RowState::settled));
      store->append({rows, {}}).value();
    }
    return file;
  }();
  return path;
}

void append_rows(benchmark::State& state) {
  const Directory directory;
  const auto store = open(directory.file("append.db"), state.range(1) != 0);
  for (const Period period : {Period::day, Period::month}) {
    const AccountKey account{"project-1", period, kBegin, kBegin + std::chrono::days(30)};
    (void)store->lease(kProcess, account, Money::dollars(1000), Money::dollars(500)).value();
  }
  const auto batch = static_cast<std::size_t>(state.range(0));
  std::vector<Row> rows(batch);
  std::int64_t n = 0;
  for (auto _ : state) {
    state.PauseTiming();
    for (Row& row : rows) row = row_at(n++, RowState::settled);
    state.ResumeTiming();
    store->append({rows, {}}).value();
  }
  state.SetItemsProcessed(n);
}
BENCHMARK(append_rows)
    ->ArgNames({"rows", "pages"})
    ->ArgsProduct({{100, 1000}, {1, 0}})
    ->Unit(benchmark::kMicrosecond)
    ->UseRealTime();

// From the workers' rings: an open record and its settlement for each row.
void drain_journals(benchmark::State& state) {
  const Directory directory;
  const auto store = open(directory.file("drain.db"), state.range(0) != 0);
  const auto one = Journal::in_memory(4096, kProcess), two = Journal::in_memory(4096, kProcess);
  LedgerWriter writer(*store, {one.get(), two.get()});
  std::int64_t n = 0;
  for (auto _ : state) {
    state.PauseTiming();
    for (int i = 0; i < 1000; ++i) {
      Journal& journal = i % 2 == 0 ? *one : *two;
      if (!journal.reserve()) std::abort();
      journal.open(row_at(n, RowState::open));
      journal.settle(row_at(n++, RowState::settled));
    }
    state.ResumeTiming();
    if (writer.drain(4096).value().rows != 1000) std::abort();
  }
  state.SetItemsProcessed(n);
}
BENCHMARK(drain_journals)->ArgName("pages")->Arg(1)->Arg(0)->Unit(benchmark::kMicrosecond)->UseRealTime();

void sum_a_million(benchmark::State& state) {
  const auto store = open(million());
  const UsageQuery query{.by = {UsageKey::project, UsageKey::model, UsageKey::day}};
  std::size_t groups = 0;
  for (auto _ : state) groups = store->usage(query).value().size();
  state.counters["groups"] = static_cast<double>(groups);
}
BENCHMARK(sum_a_million)->Unit(benchmark::kMillisecond)->UseRealTime();

void open_a_million(benchmark::State& state) {
  million();
  for (auto _ : state) {
    const auto store = open(million());
    benchmark::DoNotOptimize(store->open_rows(0).value().size());
  }
  const auto bytes = static_cast<double>(std::filesystem::file_size(million()));
  state.counters["bytes_per_row"] = bytes / static_cast<double>(kMillion);
}
BENCHMARK(open_a_million)->Unit(benchmark::kMillisecond)->UseRealTime();

void newest_hundred_of_a_million(benchmark::State& state) {
  const auto store = open(million());
  for (auto _ : state) {
    int seen = 0;
    store->rows({.project = "project-3"}, [&](const Row&) { return ++seen > 0; }).value();
    if (seen != 100) std::abort();
  }
}
BENCHMARK(newest_hundred_of_a_million)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace gateway

BENCHMARK_MAIN();
