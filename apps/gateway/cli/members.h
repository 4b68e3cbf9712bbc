// A JSON object of an answer, read by its members' names.
#pragma once

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time_text.h"
#include "gateway/money.h"
#include "gateway/time.h"

namespace gateway::app {

// The members of one object; what is not there or null is empty.
class Members {
 public:
  explicit Members(simdjson::dom::element object) : object_(object) {}

  simdjson::dom::element at(const char* name) const {
    simdjson::dom::element value;
    return object_[name].get(value) == simdjson::SUCCESS ? value : simdjson::dom::element();
  }
  bool has(const char* name) const {
    simdjson::dom::element value;
    return object_[name].get(value) == simdjson::SUCCESS && !value.is_null();
  }
  std::string_view text(const char* name) const {
    std::string_view value;
    return object_[name].get(value) == simdjson::SUCCESS ? value : std::string_view();
  }
  std::int64_t number(const char* name) const {
    std::int64_t value = 0;
    return object_[name].get(value) == simdjson::SUCCESS ? value : 0;
  }
  std::optional<std::int64_t> optional_number(const char* name) const {
    return has(name) ? std::optional(number(name)) : std::nullopt;
  }
  bool truth(const char* name) const {
    bool value = false;
    return object_[name].get(value) == simdjson::SUCCESS && value;
  }
  WallTime time(const char* name) const { return parse_rfc3339(text(name)).value_or(WallTime{}); }
  Money money(const char* name) const {
    const auto value = Money::parse(text(name));
    return value ? *value : Money{};
  }
  // Of any size: "1234567890.5".
  MoneySum sum(const char* name) const {
    std::string_view digits = text(name);
    const bool negative = digits.starts_with('-');
    if (negative) digits.remove_prefix(1);
    const std::size_t point = std::min(digits.find('.'), digits.size());
    std::string fraction(digits.substr(std::min(point + 1, digits.size())));
    fraction.resize(12, '0');
    std::int64_t dollars = 0, pico = 0;
    std::from_chars(digits.data(), digits.data() + point, dollars);
    std::from_chars(fraction.data(), fraction.data() + fraction.size(), pico);
    const MoneySum value = MoneySum::of_parts(dollars, pico);
    return negative ? MoneySum() - value : value;
  }
  template <class Visit>
  void each(const char* name, Visit visit) const {
    simdjson::dom::array items;
    if (object_[name].get(items) != simdjson::SUCCESS) return;
    for (const simdjson::dom::element item : items) visit(item);
  }

 private:
  simdjson::dom::element object_;
};

}  // namespace gateway::app
