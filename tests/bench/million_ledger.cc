// Writes a ledger of a million requests over ninety days: million_ledger FILE [requests]. For
// tests/bench/dashboard_bench.py.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "app/new_key.h"
#include "gateway/sqlite_store.h"

namespace {

using namespace gateway;

constexpr std::size_t kProjects = 20, kModels = 40, kKeysEach = 3, kModelsEach = 6;
constexpr std::int64_t kDays = 90;
constexpr std::uint64_t kProcess = 1;
constexpr std::array<std::string_view, 5> kProviders{"openrouter", "openai", "anthropic", "google", "mistral"};

// The lower, the likelier: half of all are 0.
std::size_t skewed(std::mt19937_64& random, std::size_t count) {
  std::size_t at = 0;
  while (at + 1 < count && random() % 2 == 0) ++at;
  return at;
}

Row request_at(std::mt19937_64& random, WallTime accepted, const std::vector<std::string>& keys) {
  const std::size_t project = skewed(random, kProjects);
  const std::size_t model = (project * 7 + skewed(random, kModelsEach)) % kModels;
  Row row;
  std::uint64_t millis = static_cast<std::uint64_t>(accepted.time_since_epoch().count() / 1000);
  for (std::size_t i = 6; i-- > 0; millis >>= 8) row.request.bytes[i] = static_cast<std::uint8_t>(millis);
  std::uint64_t bits = random();
  for (std::size_t i = 16; i-- > 8; bits >>= 8) row.request.bytes[i] = static_cast<std::uint8_t>(bits);
  row.accepted = accepted;
  row.dispatched = accepted + std::chrono::microseconds(200 + random() % 900);
  row.process = kProcess;
  row.project = "project-" + std::to_string(project);
  row.key = keys[project * kKeysEach + skewed(random, kKeysEach)];
  row.asked_model = "model-" + std::to_string(model);
  row.target_model = row.asked_model;
  row.provider = kProviders[model % kProviders.size()];
  row.streamed = random() % 3 != 0;
  row.hold = Money::units(2'400'000'000);
  row.price_version = "builtin-2026-11";
  row.usage.input = static_cast<std::int64_t>(100 + random() % 3000);
  if (random() % 50 == 0) {
    row.state = RowState::failed;
    row.status = random() % 2 == 0 ? 429 : 503;
    row.error_code = row.status == 429 ? "provider_rate_limited" : "provider_unavailable";
    row.usage = {};
    row.ended = row.dispatched + std::chrono::milliseconds(300);
    return row;
  }
  row.state = RowState::settled;
  row.status = 200;
  row.cost_source = CostSource::priced;
  row.served_model = "model-" + std::to_string(model) + "-2026-05-01";
  row.finish_reason = "stop";
  row.generation_id = "gen-" + std::to_string(random() % 1'000'000'000);
  row.usage.output = static_cast<std::int64_t>(10 + random() % 900);
  row.cost = Money::units(row.usage.input * 150'000 + row.usage.output * 600'000);
  row.first_byte = row.dispatched + std::chrono::milliseconds(200 + random() % 800);
  row.ended = row.first_byte + std::chrono::milliseconds(row.usage.output * 12);
  return row;
}

int fail(const Error& error) {
  std::fprintf(stderr, "million_ledger: %s\n", error.detail.c_str());
  return 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) return std::fprintf(stderr, "usage: million_ledger FILE [requests]\n"), 2;
  const std::int64_t requests = count > 2 ? std::atoll(arguments[2]) : 1'000'000;
  auto opened = open_sqlite_store({.path = arguments[1]});
  if (!opened) return fail(opened.error());
  Store& store = **opened;
  const WallTime now = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  const auto span = std::chrono::microseconds(std::chrono::days(kDays));
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < kProjects * kKeysEach; ++i) {
    const auto made = app::make_key("project-" + std::to_string(i / kKeysEach), "key " + std::to_string(i),
                                    now - std::chrono::days(kDays + 1), std::nullopt);
    if (auto put = store.put_key(made.key); !put) return fail(put.error());
    keys.push_back(made.key.id);
  }
  std::mt19937_64 random(20261128);
  std::vector<Row> rows;
  for (std::int64_t n = 0; n < requests; ++n) {
    rows.push_back(request_at(random, now - span + span / requests * n, keys));
    if (rows.size() < 2000 && n + 1 < requests) continue;
    if (auto written = store.append({rows, {}}); !written) return fail(written.error());
    rows.clear();
  }
  return 0;
}
