// Log events as lines: logfmt or JSON, the same names in both.
#pragma once

#include <string>

#include "app/serve.h"
#include "gateway/log.h"

namespace gateway::app {

// Appends one line and its line feed. Times are UTC.
void append_log_line(std::string& out, const LogEvent& event, LogFormat format, WallTime time);

}  // namespace gateway::app
