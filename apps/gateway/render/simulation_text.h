// The words and figures of a simulation, as all its shapes have them.
#pragma once

#include <cstdint>
#include <string>

#include "gateway/simulate.h"

namespace gateway::app {

std::string span_text(Duration time);             // "300ms", "1.25s", "2m30s", "1h"
std::string share_text(std::int64_t millionths);  // "99.5 %"
std::string value_text(sim::Measure measure, std::int64_t value);
std::string range_text(sim::Measure measure, const sim::Between& range);  // "5", "5..10", "5..", "..10"
std::string_view measure_text(sim::Measure measure);                      // "requests"
std::string filter_text(const sim::Filter& filter);                 // "provider first, from 2m"; empty: everything
std::string expectation_text(const sim::Expectation& expectation);  // "share of status 200: 99 %.."
std::string status_text(const sim::StatusCount& status);            // "429 rate_limit_exceeded"

}  // namespace gateway::app
