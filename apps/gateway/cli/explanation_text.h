// What `explain` found, for people: the same whether it was found here or by a server.
#pragma once

#include <string>

namespace gateway::app {

// `json` as explanation_json() writes it.
std::string explanation_text(const std::string& json);

}  // namespace gateway::app
