// What a command runs with: where it prints, its clock, its environment.
#pragma once

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

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
  int status = kFine;
  bool is_terminal = false;    // whether `out` is one
  std::istream* in = nullptr;  // answers to questions; null: nobody is there to answer
  bool json_errors = false;    // an error is one JSON object on `err`
  // Waits between two views of a command that goes on; false ends it. Empty: until a key or a signal ends it.
  std::function<bool(std::chrono::milliseconds)> wait{};
};

// The process's own.
Session process_session();

// What a command returns: its exit status, or an error that is printed in one line on `err`. ErrorCode::invalid means
// that the command line is wrong.
using Outcome = Result<int>;
// One line on `err`, or one JSON object if `json_errors`.
void print_error(Session& session, std::string line, std::string_view code);
void finish(Session& session, const Outcome& outcome);

}  // namespace gateway::app
