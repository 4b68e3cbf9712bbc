#include "app/cli/command_context.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "app/render/json.h"
#include "app/render/table.h"

namespace gateway::app {

Session process_session() {
  const auto now = [] { return std::chrono::time_point_cast<WallTime::duration>(std::chrono::system_clock::now()); };
  return {.out = std::cout,
          .err = std::cerr,
          .environment = process_environment(),
          .now = now,
          .is_terminal = ::isatty(STDOUT_FILENO) == 1,
          .in = ::isatty(STDIN_FILENO) == 1 ? &std::cin : nullptr};
}

void print_error(Session& session, std::string line, std::string_view code) {
  std::replace(line.begin(), line.end(), '\n', ' ');
  if (session.json_errors) {
    const std::string error = json::Object().add("code", json::text(code)).add("message", json::text(line)).str();
    session.err << json::Object().add("error", error).str() << '\n';
  } else {
    session.err << "gateway: " << printable(line) << '\n';
  }
}

void finish(Session& session, const Outcome& outcome) {
  if (outcome) {
    session.status = *outcome;
    return;
  }
  session.status = outcome.error().code == ErrorCode::invalid ? kUsage : kFinding;
  print_error(session, outcome.error().detail, to_string(outcome.error().code));
}

}  // namespace gateway::app
