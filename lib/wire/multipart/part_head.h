// The fields that say what a form is cut by, and what each of its parts is called.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gateway {

// Of a Content-Type that is multipart/form-data: 1 to 70 characters, as RFC 2046 has them. nullopt: there is none.
std::optional<std::string> multipart_boundary(std::string_view content_type);

struct PartHead {
  std::string name;
  std::optional<std::string> filename;
};
// The fields at the beginning of a part, without the blank line after them. Null, or why they are none, in words that
// follow "The form is broken: ".
const char* read_part_head(std::string_view text, PartHead& head);

}  // namespace gateway
