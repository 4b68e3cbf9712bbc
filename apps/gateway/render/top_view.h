// What happens now: requests of the last minutes by project, model or provider, caps, the last failures.
#pragma once

#include <string>
#include <vector>

#include "app/render/request_view.h"
#include "gateway/row.h"
#include "operations/budgets.h"

namespace gateway::app {

enum class TopKey : std::uint8_t { project, model, provider };

struct TopInput {
  WallTime now{};
  std::chrono::seconds window{60};
  std::vector<Row> rows;  // accepted in the window, newest first
  std::vector<Row> open;  // all that are open, however old
  std::vector<operations::Budget> budgets;
};

struct TopLine {
  std::string name;
  std::int64_t requests = 0, attempts = 0, failed = 0, open = 0;
  MoneySum cost;
  std::vector<std::chrono::microseconds> durations;  // of attempts that were answered
};

// The busiest first. An attempt counts once, whatever corrected it; its corrections count as cost.
std::vector<TopLine> top_lines(const TopInput& input, TopKey key);
// The least duration that so many percent do not pass; nothing without any.
std::optional<std::chrono::microseconds> percentile(std::vector<std::chrono::microseconds> durations, int percent);

std::string top_text(const TopInput& input, TopKey key, const TextLook& look);

}  // namespace gateway::app
