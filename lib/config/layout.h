// What is wrong with the layout of a text that the YAML parser rejects: tabs, indentation, brackets.
#pragma once

#include <optional>
#include <string_view>

#include "config/yaml_tree.h"

namespace gateway::yaml {

// The parser reports where it could not go on, in words of its grammar. `reported` is that place; what is returned is
// the line that a person has to change, and how. Nothing: the layout is not to blame.
std::optional<Mistake> find_layout_fault(std::string_view text, Place reported);

}  // namespace gateway::yaml
