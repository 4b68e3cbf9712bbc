// What a command runs with: where it prints, its clock, its environment.
#pragma once

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>

#include "gateway/config.h"
#include "gateway/result.h"
#include "gateway/time.h"
#include "gateway/yaml_config.h"

namespace gateway::app {

// Exit statuses of every command.
inline constexpr int kFine = 0;
inline constexpr int kFinding = 1;  // a mistake was found, or it could not be done
inline constexpr int kUsage = 2;    // the command line is wrong

struct Session {
  std::ostream& out;
  std::ostream& err;
  Environment environment;
  std::function<WallTime()> now;
  const Config* in_force = nullptr;  // of the server that runs the command: instead of what the file says by now
  int status = kFine;
  std::optional<ErrorCode> error{};  // why it could not be done, where it could not
};

// The process's own.
Session process_session();

// What a command gives: its exit status, or an error that is told in one line on `err`. ErrorCode::invalid means that
// the command line is wrong.
using Outcome = Result<int>;
void finish(Session& session, const Outcome& outcome);

}  // namespace gateway::app
