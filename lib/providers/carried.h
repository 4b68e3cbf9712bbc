// What becomes of each part of a conversation at a provider whose shape is not its client's: one table for each shape,
// printed into docs/dialects.md. What is in none is refused.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "gateway/result.h"

namespace gateway {

enum class Carried : std::uint8_t {
  carry,   // has a place there
  adapt,   // becomes something else
  drop,    // is left out, which changes no answer's meaning: said in x-gateway-dropped
  refuse,  // 400 unsupported_feature
};
std::string_view to_string(Carried carried) noexcept;

struct CarriedFeature {
  std::string_view field;  // as chat completions call it
  Carried carried;
  std::string_view how;
};

// At providers of type `anthropic`.
std::span<const CarriedFeature> anthropic_features() noexcept;
// What is in none, and what the table refuses.
Error no_place(std::string_view field);
// Whether the table allows to leave the field out.
bool may_drop(std::span<const CarriedFeature> table, std::string_view field) noexcept;
// The table's rows in Markdown.
std::string carried_table(std::span<const CarriedFeature> table);

// The names of the fields that were left out of one request, each once: "seed, temperature".
class Dropped {
 public:
  Dropped(std::string& names, std::span<const CarriedFeature> table) : names_(names), table_(table) {}
  void add(std::string_view field);

 private:
  std::string& names_;
  std::span<const CarriedFeature> table_;
};

}  // namespace gateway
