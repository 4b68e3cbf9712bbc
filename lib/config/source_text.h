// What is checked of a file's bytes before YAML sees them.
#pragma once

#include <optional>
#include <string_view>

#include "config/yaml_tree.h"

namespace gateway::yaml {

// UTF-8 without control characters but tab and line ends, at most kMaxBytes, brackets open at once within reason: the
// first mistake, if any.
std::optional<Mistake> check_source(std::string_view text);

// The place of `offset`, and the offset of the first byte at or after `place`.
Place place_at(std::string_view text, std::size_t offset);
std::size_t offset_of(std::string_view text, Place place);

}  // namespace gateway::yaml
