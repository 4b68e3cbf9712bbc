// ${NAME} and ${NAME:-default} in the text of a scalar; $${ stands for a plain ${.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::variables {

using Lookup = std::function<std::optional<std::string>(const std::string&)>;

struct Expansion {
  std::string text;
  bool replaced = false;             // a variable was in it
  std::vector<std::string> missing;  // names that are not set and have no default
  std::vector<std::string> broken;   // pieces that begin like a variable and are none
};

// As in a shell, the default of ${NAME:-default} replaces an empty variable too. What a variable holds is not
// looked at again.
Expansion expand(std::string_view text, const Lookup& lookup);

// The same text, byte for byte as long, in which no byte of a well-formed ${...} means anything to YAML; for text
// without control characters. unmask() turns each back.
std::string mask(std::string_view text);
std::string unmask(std::string_view text);

}  // namespace gateway::variables
