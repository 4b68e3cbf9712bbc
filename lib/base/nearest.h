// The word somebody probably meant.
#pragma once

#include <span>
#include <string_view>

namespace gateway {

// The nearest of `known` by edits (insert, delete, replace, swap of neighbours; case for free), or nothing when none is
// near: at most one edit in three letters, and always two for words of four and more. Of two as near that which begins
// with the word.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

}  // namespace gateway
