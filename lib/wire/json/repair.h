// JSON that is not what it should be: what is wrong with it, and what can still be read of it.
#pragma once

#include <string>
#include <string_view>

namespace gateway::json {

// Why the text is not one valid JSON object by the contract's rules, in words that follow "it is not valid JSON: ";
// empty: it is one.
std::string fault_in(std::string_view text);

// The beginning of a document that was cut anywhere, closed so that it is one: with all that is complete in it, and as
// much as there is of the string that it was cut in. What was no JSON before may be none after.
std::string closed(std::string_view beginning);

// One valid object of a text that is to be one: itself, or what can be read of it. Models write arguments that are no
// JSON, and limits cut them.
std::string object_of(std::string_view text);

}  // namespace gateway::json
