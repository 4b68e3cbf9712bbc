// Text in HTML and XML.
#pragma once

#include <string>
#include <string_view>

namespace gateway::app {

// As the content of an element, or of an attribute in double quotes. Control characters, which XML forbids, are spaces.
std::string markup_text(std::string_view text);

}  // namespace gateway::app
