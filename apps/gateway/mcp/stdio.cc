#include "app/mcp/stdio.h"

#include <istream>
#include <ostream>

#include "wire/jsonrpc/message.h"

namespace gateway::app::mcp {
namespace {

enum class Line : std::uint8_t { none, good, too_long };

// Without its end, LF or CRLF. Of one that is too long the rest is skipped, so that memory stays bounded.
Line read_line(std::istream& in, std::string& line) {
  line.clear();
  bool is_too_long = false;
  for (int c = in.get(); c != std::istream::traits_type::eof(); c = in.get()) {
    if (c == '\n') {
      if (line.ends_with('\r')) line.pop_back();
      return is_too_long ? Line::too_long : Line::good;
    }
    if (line.size() < kMaxMessage) {
      line += static_cast<char>(c);
    } else {
      is_too_long = true;
    }
  }
  return line.empty() ? Line::none : is_too_long ? Line::too_long : Line::good;
}

}  // namespace

void serve_lines(std::istream& in, std::ostream& out, const std::function<std::string(const std::string&)>& answer) {
  std::string line;
  for (;;) {
    const Line read = read_line(in, line);
    if (read == Line::none) return;
    if (read == Line::good && line.find_first_not_of(" \t") == line.npos) continue;
    const std::string text = read == Line::good
                                 ? answer(line)
                                 : jsonrpc::error_text({}, {jsonrpc::kInvalidRequest, "A message has at most 1 MiB"});
    if (text.empty()) continue;
    out << text << '\n' << std::flush;
    if (!out) return;
  }
}

}  // namespace gateway::app::mcp
