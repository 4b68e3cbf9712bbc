// Random orders of events over complete gateways: whatever happened, in the end all is answered, stored, paid and free.
// GATEWAY_RANDOM_SEEDS=100000 tries that many, GATEWAY_RANDOM_FROM=17 begins with that one.
#include <algorithm>
#include <cstdlib>

#include "policy/limits/period.h"
#include "proxy/random_world.h"
#include "support/catch.h"

namespace gateway::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr unsigned kUsualSeeds = 400;

unsigned from_environment(const char* name, unsigned usual) {
  const char* text = std::getenv(name);
  return text == nullptr ? usual : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

}  // namespace

std::vector<std::string> RandomWorld::end() {
  serve_to_the_end();
  check_clients();
  visits_.clear();
  for (int i = 0; i < 12; ++i) advance(milliseconds(600)), pump();
  check_rows();
  check_money();
  return std::move(wrong_);
}

// Who reads again is notified once; who does not is dropped by the gateway. No provider sends anything more.
void RandomWorld::serve_to_the_end() {
  store_.fail_never();
  expect(core_->reload(base_).has_value(), "the first configuration was refused");
  for (Visit& visit : visits_) {
    if (visit.exchange == nullptr || visit.client.done() || pick(3) == 0) continue;
    visit.client.set_flow(Flow::more);
    visit.exchange->on_drained();
  }
  for (int i = 0; i < 55; ++i) advance(seconds(1)), pump();
  advance(milliseconds(50));
}

void RandomWorld::check_clients() {
  for (const Visit& visit : visits_) {
    const FakeClient& client = visit.client;
    const bool body_missing = visit.exchange != nullptr && visit.exchange->wants_body();
    if (!visit.left && !body_missing) expect(client.done(), "a client was never answered: " + client.body());
    if (visit.uploads) continue;
    const bool stream = contains(client.header("content-type"), "text/event-stream");
    const bool whole = client.body().ends_with(kDone);
    if (stream && client.done()) {
      expect(client.finished() == whole, "a stream's end and its [DONE] do not agree: " + client.body());
    }
    if (stream) expect(visit.streamed, "whoever asked for no stream got one");
    if (client.finished() && client.status() >= 400) {
      expect(contains(client.body(), R"({"error":{"message":)"), "an error without its body: " + client.body());
    }
  }
}

void RandomWorld::check_rows() {
  const CoreStats stats = core_->stats();
  expect(stats.in_flight == 0, "in flight at the end: " + std::to_string(stats.in_flight));
  expect(stats.buffered_bytes == 0, "buffered at the end: " + std::to_string(stats.buffered_bytes));
  expect(stats.ledger_queued == 0, "queued at the end: " + std::to_string(stats.ledger_queued));
  expect(stats.journal_damaged == 0, "damaged records");
  expect(upstream_.alive() == 0, "calls to providers that nobody waits for");
  const std::vector<Row> rows = store_.all_rows();
  expect(rows.size() == upstream_.calls(),
         "rows: " + std::to_string(rows.size()) + ", dispatches: " + std::to_string(upstream_.calls()));
  for (const Row& row : rows) {
    expect(row.state == RowState::settled || row.state == RowState::failed, "a row that was not settled");
    expect(!row.cost.is_negative(), "a negative cost");
    expect(row.ended >= row.dispatched && row.dispatched >= row.accepted, "a row's times are not in order");
  }
}

void RandomWorld::check_money() {
  for (std::size_t i = 0; i < base_.projects.size(); ++i) {
    const ProjectConfig& project = base_.projects[i];
    for (const SpendCap& cap : project.spend.caps) {
      const PeriodBounds bounds = period_of(cap.period, timer_.wall(), {});
      MoneySum sum;
      for (const Row& row : store_.all_rows()) {
        if (row.project.view() == project.name) sum += row.cost;
      }
      const AccountState account = store_.account_now(1, {project.name, cap.period, bounds.start, bounds.end});
      expect(account.spent == sum, "the account has " + account.spent.to_string() + ", its rows " + sum.to_string());
      expect(account.own == account.leased && !account.own.is_negative(), "leases do not add up");
      const MoneySum used = account.spent + account.leased;
      if (account.spent <= MoneySum(cap.cap)) expect(used <= MoneySum(cap.cap), "more is leased than the cap has left");
    }
    check_key_facts(project, keys_[i]);
  }
}

// What the gateway itself says of the project, in its memory.
void RandomWorld::check_key_facts(const ProjectConfig& project, const std::string& key) {
  FakeClient client;
  const auto exchange = open(client, 0, "GET", "/v1/key", key);
  MoneySum sum;
  for (const Row& row : store_.all_rows()) {
    if (row.project.view() == project.name) sum += row.cost;
  }
  std::size_t accounts = 0;
  for (std::size_t at = 0;
       (at = client.body().find(R"("spent":")" + sum.to_string() + R"(","held":"0")", at)) != std::string::npos; ++at) {
    ++accounts;
  }
  expect(accounts == project.spend.caps.size(), "after rows of " + sum.to_string() + ": " + client.body());
  if (project.limits.concurrent) {
    const std::string free = R"("concurrent":)" + std::to_string(*project.limits.concurrent) + "}";
    const std::size_t limits = client.body().find(free);
    expect(limits != std::string::npos && client.body().find(free, limits + 1) != std::string::npos,
           "places are taken: " + client.body());
  }
}

TEST_CASE("whatever happens in whatever order, in the end all is answered, stored, paid and free", "[proxy][random]") {
  const unsigned first = from_environment("GATEWAY_RANDOM_FROM", 1);
  const unsigned seeds = from_environment("GATEWAY_RANDOM_SEEDS", kUsualSeeds);
  for (unsigned seed = first; seed < first + seeds; ++seed) {
    CAPTURE(seed);
    RandomWorld world(seed);
    const unsigned steps = 20 + seed % 150;
    for (unsigned i = 0; i < steps; ++i) world.step();
    for (const std::string& wrong : world.end()) FAIL_CHECK(wrong);
  }
}

}  // namespace gateway::testing
