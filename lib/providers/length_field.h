// The name of the field that bounds an answer's length: OpenAI's newer models refuse `max_tokens`, and the services
// that speak its dialect mostly know nothing else.
#pragma once

#include <string_view>

#include "gateway/config.h"

namespace gateway {

// What a server on that host takes for that model, as it calls it.
LengthField usual_length_field(std::string_view host, std::string_view model) noexcept;
std::string_view to_string(LengthField field) noexcept;

}  // namespace gateway
