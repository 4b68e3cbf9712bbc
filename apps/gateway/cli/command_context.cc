#include "app/cli/command_context.h"

#include <algorithm>
#include <iostream>

#include "app/cli/table.h"

namespace gateway::app {

Session process_session() {
  const auto now = [] { return std::chrono::time_point_cast<WallTime::duration>(std::chrono::system_clock::now()); };
  return {std::cout, std::cerr, process_environment(), now};
}

void finish(Session& session, const Outcome& outcome) {
  if (outcome) {
    session.status = *outcome;
    return;
  }
  session.error = outcome.error().code;
  std::string line = outcome.error().detail;
  std::replace(line.begin(), line.end(), '\n', ' ');
  session.err << "gateway: " << printable(line) << '\n';
  session.status = outcome.error().code == ErrorCode::invalid ? kUsage : kFinding;
}

}  // namespace gateway::app
