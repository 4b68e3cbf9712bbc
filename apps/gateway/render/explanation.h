// What `explain` found, as JSON.
#pragma once

#include <string>
#include <string_view>

#include "gateway/config.h"
#include "operations/explain.h"

namespace gateway::app {

// `endpoint` as it was requested.
std::string explanation_json(const operations::Explanation& found, std::string_view project, std::string_view endpoint,
                             const RetryConfig& retry);

}  // namespace gateway::app
