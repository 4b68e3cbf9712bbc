// What a shell offers while a command is typed.
#pragma once

#include <string>
#include <vector>

#include "app/cli/command_context.h"
#include "app/cli/parser/command_tree.h"

namespace gateway::app {

struct Candidate {
  std::string text;
  std::string help{};
};

struct Completion {
  std::vector<Candidate> candidates;
  bool files = false;  // the shell completes a file's name
};

// `words` follow `gateway`; the last one is being typed, perhaps empty. Names of projects, keys, models and providers
// come from the configuration and the database that the words name; without these there are none, and no error.
Completion complete(const CommandInfo& root, const std::vector<std::string>& words, Session& session);

// `gateway __complete WORD...`: a line for each candidate, its help after a tab; the line ":files" for files.
void print_completion(const Completion& completion, Session& session);

// What makes a shell call that: "bash", "zsh", "fish" or "powershell".
std::string completion_script(std::string_view shell);

}  // namespace gateway::app
