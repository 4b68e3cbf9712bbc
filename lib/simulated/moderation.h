// What the simulated provider finds in a text: by words alone, so that a test knows what it gets.
#pragma once

#include <string>
#include <string_view>

namespace gateway {

// Appends one of the `results` of a moderation: a category is flagged if the text has one of its words, in any case.
void append_moderation(std::string& out, std::string_view text);

}  // namespace gateway
