// The protocol over standard input and output: a message a line, and nothing else.
#pragma once

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <string>

namespace gateway::app::mcp {

inline constexpr std::size_t kMaxMessage = 1024 * 1024;

// Answers each line until `in` ends or nobody reads `out` any more. What `answer` returns is one line, or empty if
// there is no answer. A line that is too long is answered without it.
void serve_lines(std::istream& in, std::ostream& out, const std::function<std::string(const std::string&)>& answer);

}  // namespace gateway::app::mcp
