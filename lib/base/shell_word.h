// Texts as words of a command line that somebody pastes into a shell.
#pragma once

#include <string>
#include <string_view>

namespace gateway {

// As a shell reads it back: between single quotes, if it has anything that a shell would obey.
std::string shell_word(std::string_view text);

}  // namespace gateway
