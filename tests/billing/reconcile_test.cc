#include "billing/reconcile.h"

#include <string>
#include <vector>

#include "base/time_text.h"
#include "gateway/testing/memory_store.h"
#include "support/catch.h"
#include "support/forwarding_store.h"

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

Booking booked(Store& store, const ReconcileQuery& query, const std::vector<ActivityRow>& bill, const char* now) {
  const auto lines = differing(reconcile(store, query, bill).value(), MoneySum{});
  return plan_booking(store, query, bill, lines, 7, day(now)).value();
}

// Rows before a day are gone, their sums are not.
class Pruned final : public ForwardingStore {
 public:
  Pruned() : ForwardingStore(memory) {}
  MemoryStore memory;
  WallTime before{};
  Result<void> rows(const RowQuery& query, const std::function<bool(const Row&)>& each) override {
    return memory.rows(query, [&](const Row& row) { return row.accepted < before || each(row); });
  }
};

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

TEST_CASE("what own keys were charged elsewhere is reported separately", "[ledger][reconcile]") {
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
  REQUIRE(booking.not_booked.size() == 1);
  CHECK(booking.not_booked[0].line.model == "m/ghost");
  CHECK(booking.not_booked[0].reason == "the ledger has no row of that day and model");
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

TEST_CASE("of a day that the bill has no line of, only what was vouched for is booked", "[ledger][reconcile]") {
  MemoryStore store;
  const Row rows[] = {row(1, "a", "2026-11-20", "m/one", "m/one", "0.1"),
                      row(2, "a", "2026-11-21", "m/one", "m/one", "0.2")};
  REQUIRE(store.append({.rows = rows, .refusals = {}}));
  const std::vector<ActivityRow> bill = {billed("2026-11-20", "m/one", "", "0.1", 1)};
  ReconcileQuery query = kQuery;

  query.covers = BillCovers::its_days;
  const auto lines = reconcile(store, query, bill).value();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].day == "2026-11-20");

  query.covers = BillCovers::range;
  CHECK(differing(reconcile(store, query, bill).value(), MoneySum{}).size() == 1);
  Booking booking = booked(store, query, bill, "2026-11-22");
  CHECK(booking.adjustments.empty());
  REQUIRE(booking.not_booked.size() == 1);
  CHECK(booking.not_booked[0].reason.find("no line of that day") != std::string::npos);

  query.covers = BillCovers::vouched;
  booking = booked(store, query, bill, "2026-11-22");
  REQUIRE(booking.adjustments.size() == 1);
  CHECK(booking.adjustments[0].cost == usd("-0.2"));
}

TEST_CASE("a day that is not over is never booked", "[ledger][reconcile]") {
  MemoryStore store;
  const Row rows[] = {row(1, "a", "2026-11-21", "m/one", "m/one", "0.1")};
  REQUIRE(store.append({.rows = rows, .refusals = {}}));
  ReconcileQuery query = kQuery;
  query.covers = BillCovers::vouched;
  for (const std::vector<ActivityRow>& bill :
       {std::vector<ActivityRow>{}, std::vector{billed("2026-11-21", "m/one", "", "0.3", 1)}}) {
    const Booking booking = booked(store, query, bill, "2026-11-21");
    CHECK(booking.adjustments.empty());
    REQUIRE(booking.not_booked.size() == 1);
    CHECK(booking.not_booked[0].reason == "the day is not over");
    CHECK(booked(store, query, bill, "2026-11-22").adjustments.size() == 1);
  }
}

TEST_CASE("what open rows will bring is not booked beside them", "[ledger][reconcile]") {
  MemoryStore store;
  Row late = row(2, "a", "2026-11-20", "m/any", "", "0");  // whichever model it will be
  late.state = RowState::open;
  const Row rows[] = {row(1, "a", "2026-11-20", "m/one", "m/one", "0.1"), late,
                      row(3, "a", "2026-11-21", "m/one", "m/one", "0.1")};
  REQUIRE(store.append({.rows = rows, .refusals = {}}));
  const std::vector<ActivityRow> bill = {billed("2026-11-20", "m/one", "", "0.3", 2),
                                         billed("2026-11-21", "m/one", "", "0.2", 1)};
  const auto lines = differing(reconciled(store, bill), MoneySum{});
  Booking booking = booked(store, kQuery, bill, "2026-11-22");
  REQUIRE(booking.adjustments.size() == 1);
  CHECK(booking.adjustments[0].request == rows[2].request);
  REQUIRE(booking.not_booked.size() == 1);
  CHECK(booking.not_booked[0].reason.find("1 row of that day still open") != std::string::npos);
  REQUIRE(store.append({.rows = booking.adjustments, .refusals = {}}));

  // It ends after the comparison and before the booking.
  late.state = RowState::settled;
  late.served_model = "m/one";
  late.cost = usd("0.2");
  REQUIRE(store.append({.rows = std::span(&late, 1), .refusals = {}}));
  booking = plan_booking(store, kQuery, bill, lines, 7, day("2026-11-22")).value();
  CHECK(booking.adjustments.empty());
  CHECK(booking.not_booked.empty());
  CHECK(differing(reconciled(store, bill), MoneySum{}).empty());
}

TEST_CASE("what is still being queried is not booked beside it", "[ledger][reconcile]") {
  MemoryStore store;
  Row cut = row(1, "a", "2026-11-20", "m/one", "m/one", "0.1");
  cut.flags = row_flag::backfill_pending;
  cut.ended = day("2026-11-21") - std::chrono::minutes(1);
  REQUIRE(store.append({.rows = std::span(&cut, 1), .refusals = {}}));
  const std::vector<ActivityRow> bill = {billed("2026-11-20", "m/one", "", "0.3", 1)};
  const Booking booking = booked(store, kQuery, bill, "2026-11-21");
  CHECK(booking.adjustments.empty());
  REQUIRE(booking.not_booked.size() == 1);
  CHECK(booking.not_booked[0].reason == "the cost of 1 row is still being asked for");
  CHECK(booked(store, kQuery, bill, "2026-11-22").adjustments.size() == 1);
}

TEST_CASE("a day whose rows were pruned is compared as one sum, and not booked", "[ledger][reconcile]") {
  Pruned store;
  Row failed = row(4, "a", "2026-11-20", "m/three", "", "0");
  failed.state = RowState::failed;
  const Row rows[] = {row(1, "a", "2026-11-20", "m/one", "m/one", "0.1"),
                      row(2, "a", "2026-11-20", "alias", "m/two", "0.2"), failed,
                      row(3, "a", "2026-11-21", "m/one", "m/one", "0.3")};
  REQUIRE(store.append({.rows = rows, .refusals = {}}));
  std::vector<ActivityRow> bill = {billed("2026-11-20", "m/one", "", "0.1", 1),
                                   billed("2026-11-20", "m/two", "", "0.2", 1),
                                   billed("2026-11-21", "m/one", "", "0.3", 1)};
  CHECK(reconciled(store, bill).size() == 3);

  store.before = day("2026-11-21");
  auto lines = reconciled(store, bill);
  CHECK(differing(lines, MoneySum{}).empty());
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].pruned);
  CHECK(lines[0].model == "*");
  CHECK(lines[0].ledger.to_string() == "0.3");
  CHECK(lines[0].billed.to_string() == "0.3");
  CHECK(lines[0].ledger_requests == 2);
  CHECK(lines[0].billed_requests == 2);
  CHECK(lines[0].ledger_input == 30);
  CHECK(lines[1].model == "m/one");
  CHECK_FALSE(lines[1].pruned);

  bill[1].usage = usd("0.25");
  const Booking booking = booked(store, kQuery, bill, "2026-11-22");
  CHECK(booking.adjustments.empty());
  REQUIRE(booking.not_booked.size() == 1);
  CHECK(booking.not_booked[0].line.difference().to_string() == "0.05");
  CHECK(booking.not_booked[0].reason == "rows of that day were pruned");
}

TEST_CASE("differences do not make up for each other", "[ledger][reconcile]") {
  MemoryStore store;
  const Row rows[] = {row(1, "a", "2026-11-20", "m/one", "m/one", "0.1"),
                      row(2, "a", "2026-11-20", "m/two", "m/two", "0.1")};
  REQUIRE(store.append({.rows = rows, .refusals = {}}));
  const auto lines = reconciled(
      store, {billed("2026-11-20", "m/one", "", "0.1001", 1), billed("2026-11-20", "m/two", "", "0.0999", 1)});
  CHECK(absolute_difference(lines).to_string() == "0.0002");
  CHECK(absolute_difference({}) == MoneySum{});
}

TEST_CASE("what keys of one's own pay upstream is no part of the difference", "[ledger][reconcile]") {
  MemoryStore store;
  Row own = row(1, "demo", "2026-11-20", "m", "m", "0.0105");
  own.upstream_cost = usd("0.01");
  own.flags = row_flag::byok;
  REQUIRE(store.append({std::span(&own, 1), {}}));
  std::vector<ActivityRow> bill{billed("2026-11-20", "m", "", "0.0005", 1)};
  bill[0].byok_usage = usd("0.01");
  const auto lines = reconciled(store, bill);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].ledger == MoneySum(usd("0.0005")));
  CHECK(lines[0].ledger_byok == MoneySum(usd("0.01")));
  CHECK(lines[0].byok == MoneySum(usd("0.01")));
  CHECK(differing(lines, MoneySum{}).empty());

  bill[0].usage = usd("0.0007");
  const Booking booking = booked(store, kQuery, bill, "2026-11-25");
  REQUIRE(booking.adjustments.size() == 1);
  CHECK(booking.adjustments[0].cost == usd("0.0002"));
  CHECK(booking.adjustments[0].upstream_cost == Money{});

  // Of a pruned day the sums alone are left: they know both parts.
  Pruned pruned;
  REQUIRE(pruned.memory.append({std::span(&own, 1), {}}));
  pruned.before = day("2026-11-21");
  const auto whole = reconciled(pruned, bill);
  REQUIRE(whole.size() == 1);
  CHECK(whole[0].model == kAllModels);
  CHECK(whole[0].ledger == MoneySum(usd("0.0005")));
}
