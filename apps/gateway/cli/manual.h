// The manual pages, from the same tables as --help and docs/configuration.md.
#pragma once

#include <string>
#include <vector>

#include "app/cli/parser/command_tree.h"
#include "gateway/result.h"

namespace gateway::app {

struct ManualPage {
  std::string name;  // "gateway-key-create.1"
  std::string text;  // roff
};

// gateway.1, one for each command, and gateway.yaml.5.
std::vector<ManualPage> manual_pages(const CommandInfo& root);

// Writes what a package installs below DIR/share: man pages, and completion for bash, zsh and fish.
Result<void> write_pages(const CommandInfo& root, const std::string& directory);

}  // namespace gateway::app
