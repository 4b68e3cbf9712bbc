// What tests of operations share: a store in memory with a clock, and a walk over the pages of a list.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/testing/memory_store.h"
#include "operations/deployment.h"
#include "support/catch.h"

namespace gateway::operations {

struct OperationsBench {
  Config config;
  gateway::testing::MemoryStore store;
  WallTime now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + std::chrono::hours(13);

  Deployment on() { return {config, "gateway.yaml", "gateway.db", &store, now}; }
  // A settled row of one unit of money.
  void add_row(int number, int attempt, std::string_view project, std::string_view model, std::string_view provider) {
    Row row;
    row.request.bytes[15] = static_cast<std::uint8_t>(number);
    row.attempt = static_cast<std::uint16_t>(attempt);
    row.state = RowState::settled;
    row.project = project;
    row.asked_model = model;
    row.provider = provider;
    row.cost = Money::units(1);
    row.accepted = row.dispatched = row.ended = now;
    const std::vector<Row> rows{row};
    REQUIRE(store.append({rows, {}}));
  }
};

// All pages of a list, each of at most `limit`: how many there are. `ask` takes a page and returns the next cursor.
template <class Ask>
int pages(std::int64_t limit, Ask ask) {
  Page page{limit, {}};
  for (int count = 1;; ++count) {
    const std::optional<std::string> next = ask(page);
    if (!next) return count;
    REQUIRE(count < 100);
    page.cursor = *next;
  }
}

}  // namespace gateway::operations
