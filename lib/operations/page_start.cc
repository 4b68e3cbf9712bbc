#include "operations/page_start.h"

#include <fmt/format.h>

#include "operations/deployment.h"

namespace gateway::operations {

std::string cursor_of(const ElementNames& names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ',';
    for (const char c : name) {
      const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
                         c == '_' || c == '-';
      out += plain ? std::string(1, c) : fmt::format("~{:02x}", static_cast<unsigned char>(c));
    }
    if (name.empty()) out += '~';
  }
  return out;
}

PageStart::PageStart(std::string_view cursor) : cursor_(cursor), found_(cursor.empty()) {}

bool PageStart::comes_after(const ElementNames& names) {
  if (found_) return true;
  found_ = cursor_of(names) == cursor_;
  return false;
}

Result<void> PageStart::expect_found() const {
  if (found_) return {};
  return unknown_cursor(cursor_);
}

}  // namespace gateway::operations
