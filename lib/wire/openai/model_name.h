// What a model's name in a request must be. For .cc files of this folder.
#pragma once

#include <string_view>

namespace gateway {

// Why it is none, in words that follow "Invalid value for 'model': "; empty: it is one.
std::string_view fault_of_model(std::string_view name) noexcept;

}  // namespace gateway
