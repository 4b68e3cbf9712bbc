#include "ledger/reconcile.h"

#include <string>
#include <vector>

#include "base/time_text.h"
#include "gateway/testing/memory_store.h"
#include "support/catch.h"

using namespace gateway;
using gateway::testing::MemoryStore;

namespace {

Money usd(const char* text) { return Money::parse(text).value(); }
WallTime day(const char* text) { return *parse_day(text); }

Row row(std::uint8_t number, const char* project, const char* at, const char* model, const char* served,
        const char* cost) {
  Row out;
  out.request.bytes[15] = number;
  out.state = RowState::settled;
  out.project = project;
  out.provider = "openrouter";
  out.asked_model = out.target_model = model;
  out.served_model = served;
  out.cost = usd(cost);
  out.cost_source = CostSource::provider;
  out.usage = {.input = 10, .output = 5};
  out.accepted = day(at) + std::chrono::hours(13);
  out.ended = out.accepted;
  return out;
}

ActivityRow billed(const char* at, const char* model, const char* permaslug, const char* usage, std::int64_t requests) {
  ActivityRow out;
  out.day = at;
  out.model = model;
  out.permaslug = permaslug;
  out.usage = usd(usage);
  out.requests = requests;
  return out;
}

const ReconcileQuery kQuery{.provider = "openrouter", .since = day("2026-11-20"), .until = day("2026-11-22")};

std::vector<ReconciledLine> reconciled(Store& store, const std::vector<ActivityRow>& bill) {
  return reconcile(store, kQuery, bill).value();
}

}  // namespace

TEST_CASE("a model under its permaslug is the same model", "[ledger][reconcile]") {
  MemoryStore store;
  const Row rows[] = {row(1, "a", "2026-11-20", "openai/gpt-4.1", "openai/gpt-4.1-2025-04-14", "0.25"),
                      row(2, "a", "2026-11-20", "openai/gpt-4.1", "openai/gpt-4.1", "0.5")};
  REQUIRE(store.append({.rows = rows, .refusals = {}}));
  const auto lines =
      reconciled(store, {billed("2026-11-20", "openai/gpt-4.1", "openai/gpt-4.1-2025-04-14", "0.75", 2)});
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].model == "openai/gpt-4.1");
  CHECK(lines[0].ledger_requests == 2);
  CHECK(differing(lines, MoneySum{}).empty());
}

TEST_CASE("rounding, a missing request and a late charge are found to the last digit", "[ledger][reconcile]") {
  MemoryStore store;
  const Row rows[] = {row(1, "a", "2026-11-20", "m/one", "m/one", "0.000000000001"),
                      row(2, "a", "2026-11-21", "m/two", "m/two", "0.1")};
  REQUIRE(store.append({.rows = rows, .refusals = {}}));
  const auto lines =
      reconciled(store, {billed("2026-11-20", "m/one", "", "0", 1), billed("2026-11-21", "m/two", "", "0.13", 2),
                         billed("2026-11-21", "m/three", "", "0.5", 1), billed("2026-11-25", "m/two", "", "9", 1)});
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].difference().to_string() == "-0.000000000001");
  CHECK(lines[1].model == "m/three");
  CHECK(lines[1].difference().to_string() == "0.5");
  CHECK(lines[2].difference().to_string() == "0.03");
  CHECK(lines[2].billed_requests - lines[2].ledger_requests == 1);
  CHECK(differing(lines, usd("0.000001")).size() == 2);
}

TEST_CASE("what own keys were charged elsewhere is told apart", "[ledger][reconcile]") {
  MemoryStore store;
  const Row rows[] = {row(1, "a", "2026-11-20", "m/one", "m/one", "0.01")};
  REQUIRE(store.append({.rows = rows, .refusals = {}}));
  ActivityRow bill = billed("2026-11-20", "m/one", "", "0.01", 1);
  bill.byok_usage = usd("3");
  const auto lines = reconciled(store, {bill});
  CHECK(lines[0].byok.to_string() == "3");
  CHECK(lines[0].difference() == MoneySum{});
}

TEST_CASE("booking spreads a difference over the projects, and a second time finds nothing", "[ledger][reconcile]") {
  MemoryStore store;
  const Row rows[] = {row(1, "a", "2026-11-20", "m/one", "m/one", "0.1"),
                      row(2, "b", "2026-11-20", "m/one", "m/one", "0.2"),
                      row(3, "b", "2026-11-20", "m/one", "m/one", "0")};
  REQUIRE(store.append({.rows = rows, .refusals = {}}));
  const std::vector<ActivityRow> bill = {billed("2026-11-20", "m/one", "", "0.4", 3),
                                         billed("2026-11-21", "m/ghost", "", "0.7", 1)};
  const WallTime now = day("2026-11-22");

  auto booking = plan_booking(store, kQuery, bill, differing(reconciled(store, bill), MoneySum{}), 7, now).value();
  REQUIRE(booking.adjustments.size() == 2);
  REQUIRE(booking.impossible.size() == 1);
  CHECK(booking.impossible[0].model == "m/ghost");
  MoneySum booked;
  for (const Row& adjustment : booking.adjustments) {
    CHECK(adjustment.state == RowState::adjustment);
    CHECK(adjustment.entry == 1);
    booked += adjustment.cost;
  }
  CHECK(booked.to_string() == "0.1");
  REQUIRE(store.append({.rows = booking.adjustments, .refusals = {}}));

  const auto again = differing(reconciled(store, bill), MoneySum{});
  REQUIRE(again.size() == 1);
  CHECK(again[0].model == "m/ghost");

  // The provider changes its mind: a further entry of the same rows.
  const std::vector<ActivityRow> later = {billed("2026-11-20", "m/one", "", "0.35", 3)};
  booking = plan_booking(store, kQuery, later, differing(reconciled(store, later), MoneySum{}), 7, now).value();
  REQUIRE_FALSE(booking.adjustments.empty());
  CHECK(booking.adjustments[0].entry == 2);
  REQUIRE(store.append({.rows = booking.adjustments, .refusals = {}}));
  CHECK(differing(reconciled(store, later), MoneySum{}).empty());
}
