// A command line, read and run.
#pragma once

#include <string>
#include <vector>

#include "app/cli/parser/command.h"
#include "gateway/result.h"

namespace gateway::app {

// Runs the command that the arguments name. Returns what is to be printed instead if they ask for help or the version.
// Errors: invalid, in one line, which also knows of `words` that the program takes in a command's place.
Result<std::string> parse(Command& root, const std::vector<std::string>& arguments,
                          const std::vector<std::string>& words);

}  // namespace gateway::app
