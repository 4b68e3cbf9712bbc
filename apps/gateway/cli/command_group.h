// The commands of one noun, such as `gateway key create` and `gateway key list`.
#pragma once

#include <memory>

#include "app/cli/command_context.h"
#include "app/cli/flags.h"
#include "app/cli/parser/command.h"

namespace gateway::app {

// Adds commands to `group` that share `flags`: add(name, description, example, run), where run(*flags, session) is what
// the command does.
template <class Flags>
auto adder_to(Command& group, const std::shared_ptr<Flags>& flags, Session& session) {
  return [&group, &session, flags](const char* name, const char* description, const char* example, auto run) {
    Command* command = group.add_subcommand(name, description);
    add_flags(*command, flags->database);
    add_example(*command, example);
    command->callback([flags, &session, run] { finish(session, run(*flags, session)); });
    return command;
  };
}

}  // namespace gateway::app
