#include "config/zone_rule.h"

#include <utility>

namespace gateway {

using namespace std::chrono;

// Reads the rule from left to right; what does not fit leaves `good` false.
struct ZoneRule::Cursor {
  std::string_view rest;
  bool good = true;

  bool take(char c) {
    if (rest.empty() || rest.front() != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  void expect(char c) { good = take(c) && good; }

  int number() {
    int value = 0;
    std::size_t digits = 0;
    for (; digits < rest.size() && digits < 4 && rest[digits] >= '0' && rest[digits] <= '9'; ++digits) {
      value = value * 10 + (rest[digits] - '0');
    }
    good = good && digits > 0;
    rest.remove_prefix(digits);
    return value;
  }

  // [+-]hh[:mm[:ss]]
  seconds time() {
    const bool negative = take('-');
    if (!negative) take('+');
    seconds value = hours(number());
    if (take(':')) value += minutes(number());
    if (take(':')) value += seconds(number());
    return negative ? -value : value;
  }

  // "CET" or "<+03>"
  void name() {
    const bool quoted = take('<');
    const std::size_t end = quoted ? rest.find('>') : rest.find_first_of("+-0123456789,");
    good = good && end != std::string_view::npos && end > 0;
    if (good) rest.remove_prefix(end + (quoted ? 1 : 0));
  }

  Day day() {
    Day result;
    if (take('M')) {
      result.month = number();
      expect('.');
      result.week = number();
      expect('.');
      result.weekday = number();
      good = good && result.month >= 1 && result.month <= 12 && result.week >= 1 && result.week <= 5 &&
             result.weekday <= 6;
    } else {
      result.form = take('J') ? Day::Form::julian : Day::Form::zero_based;
      result.day = number();
    }
    if (take('/')) result.time = time();
    return result;
  }
};

sys_days ZoneRule::Day::in(std::chrono::year y) const {
  switch (form) {
    case Form::month_week: {
      const auto m = y / std::chrono::month(static_cast<unsigned>(month));
      const std::chrono::weekday which(static_cast<unsigned>(weekday));
      return week == 5 ? sys_days(m / which[last]) : sys_days(m / which[static_cast<unsigned>(week)]);
    }
    case Form::julian: {
      const bool after_february = day >= 60 && y.is_leap();
      return sys_days(y / 1 / 1) + days(day - 1 + (after_february ? 1 : 0));
    }
    case Form::zero_based:
      return sys_days(y / 1 / 1) + days(day);
  }
  return sys_days(y / 1 / 1);
}

std::optional<ZoneRule> ZoneRule::parse(std::string_view text) {
  Cursor cursor{text};
  ZoneRule rule;
  cursor.name();
  rule.standard_ = -cursor.time();
  cursor.name();
  if (!cursor.good) return std::nullopt;
  const bool has_offset = !cursor.rest.empty() && cursor.rest.front() != ',';
  rule.summer_ = has_offset ? -cursor.time() : rule.standard_ + hours(1);
  cursor.expect(',');
  rule.summer_begins_ = cursor.day();
  cursor.expect(',');
  rule.summer_ends_ = cursor.day();
  if (!cursor.good || !cursor.rest.empty()) return std::nullopt;
  return rule;
}

std::pair<ZoneOffset, ZoneOffset> ZoneRule::changes(std::chrono::year year) const {
  const ZoneOffset begins{summer_begins_.in(year) + summer_begins_.time - standard_, summer_};
  const ZoneOffset ends{summer_ends_.in(year) + summer_ends_.time - summer_, standard_};
  return begins.from < ends.from ? std::pair(begins, ends) : std::pair(ends, begins);
}

}  // namespace gateway
