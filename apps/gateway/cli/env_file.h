// A key as a line of an env file, where an app's own tools read it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/result.h"

namespace gateway::app {

// A name that a shell takes. Errors: invalid, naming --var.
Result<void> expect_variable(std::string_view name);
// Build tools put variables of such a name into what browsers load: the prefix, or nothing.
std::string_view public_prefix(std::string_view name);

// The text with the line NAME=value in place of the one that was there, else after the last line.
std::string with_variable(std::string_view text, std::string_view name, std::string_view value);

// Writes it, readable for its owner alone, all or nothing; then makes git ignore the file, if it is in a work tree.
// Returns what was done beside it, a line each. Errors: unavailable.
Result<std::vector<std::string>> write_env_file(const std::string& path, std::string_view name, std::string_view value);
// Whether write_env_file would find a place to write. Errors: unavailable.
Result<void> expect_writable(const std::string& path);

}  // namespace gateway::app
