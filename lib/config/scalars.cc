#include "config/scalars.h"

#include <array>
#include <charconv>
#include <string>
#include <system_error>
#include <utility>

namespace gateway::scalars {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A whole number followed by one of the units, the product at most `most`.
template <std::size_t N>
std::optional<std::int64_t> with_unit(std::string_view text, const std::array<Unit, N>& units, std::int64_t most) {
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  const std::optional<std::int64_t> number = whole(text.substr(0, digits));
  if (!number) return std::nullopt;
  const std::string_view name = text.substr(digits);
  if (*number == 0 && name.empty()) return 0;
  for (const Unit& unit : units) {
    if (unit.name == name && *number <= most / unit.factor) return *number * unit.factor;
  }
  return std::nullopt;
}

// From 0 to `most`.
std::optional<double> decimal(std::string_view text, double most) {
  double number = 0;
  if (text.empty() || !is_digit(text.front())) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size() || !(number >= 0 && number <= most)) return std::nullopt;
  return number;
}

}  // namespace

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<double> share(std::string_view text) { return decimal(text, 1); }
std::optional<double> multiple(std::string_view text) { return decimal(text, 1000); }

std::optional<bool> flag(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

std::optional<std::chrono::milliseconds> duration(std::string_view text) {
  constexpr std::int64_t kDay = 24 * 3600 * 1000;
  static constexpr std::array<Unit, 5> kUnits{{{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", kDay}}};
  const std::optional<std::int64_t> number = with_unit(text, kUnits, 3650 * kDay);
  if (!number) return std::nullopt;
  return std::chrono::milliseconds(*number);
}

std::optional<std::int64_t> bytes(std::string_view text) {
  static constexpr std::array<Unit, 5> kUnits{
      {{"", 1}, {"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", std::int64_t{1} << 30}}};
  return with_unit(text, kUnits, std::int64_t{1} << 40);
}

std::optional<int> minute_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  for (const std::size_t i : {0u, 1u, 3u, 4u}) {
    if (!is_digit(text[i])) return std::nullopt;
  }
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int minute = (text[3] - '0') * 10 + (text[4] - '0');
  if (hour > 23 || minute > 59) return std::nullopt;
  return hour * 60 + minute;
}

std::optional<Money> amount(std::string_view text) {
  const Result<Money> parsed = Money::parse(text);
  if (!parsed || text.starts_with('-')) return std::nullopt;  // "-0" neither
  return *parsed;
}

std::optional<Money> per_token(Money per_million) {
  constexpr std::int64_t kMillion = 1'000'000;
  if (per_million.units() % kMillion != 0) return std::nullopt;
  return Money::units(per_million.units() / kMillion);
}

}  // namespace gateway::scalars
