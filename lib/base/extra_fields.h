// Header fields that an operator adds to every request to a provider: which there may be.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace gateway {

// RFC 9110, 5.1 and 5.5; field values are visible ASCII, spaces and tabs inside, and bytes beyond ASCII.
bool is_field_name(std::string_view text) noexcept;
bool is_field_value(std::string_view text) noexcept;

// With these bounds every head that we write fits: see FieldList.
inline constexpr std::size_t kMaxExtraFields = 16;
inline constexpr std::size_t kMaxExtraFieldBytes = 16 * 1024;  // names and values of all together
inline constexpr std::size_t kMaxProviderKey = 8 * 1024;

using ExtraFields = std::span<const std::pair<std::string, std::string>>;

// Why a field cannot follow `before`, in words; empty: it can. The value is never shown.
std::string fault_of_name(ExtraFields before, std::string_view name);
std::string fault_of_value(ExtraFields before, std::string_view name, std::string_view value);

// Likewise for the text of a key, which is sent as a field's value.
std::string fault_of_key(std::string_view key);

}  // namespace gateway
