#include "config/zone_rule.h"

#include <utility>

#include "base/text_cursor.h"

namespace gateway {

using namespace std::chrono;

// The parts of a rule.
struct ZoneRule::Cursor {
  TextCursor in;

  int number() { return in.number(1, 4); }

  // [+-]hh[:mm[:ss]]
  seconds time() {
    char sign = '+';
    in.take("+-", &sign);
    seconds value = hours(number());
    if (in.take(":")) value += minutes(number());
    if (in.take(":")) value += seconds(number());
    return sign == '-' ? -value : value;
  }

  // "CET" or "<+03>"
  void name() {
    const bool quoted = in.take("<");
    const std::size_t end = quoted ? in.rest().find('>') : in.rest().find_first_of("+-0123456789,");
    if (end == std::string_view::npos || end == 0) return in.fail();
    in.skip(end + (quoted ? 1 : 0));
  }

  Day day() {
    Day result;
    if (in.take("M")) {
      result.month = number();
      in.expect(".");
      result.week = number();
      in.expect(".");
      result.weekday = number();
      const bool exists = result.month >= 1 && result.month <= 12 && result.week >= 1 && result.week <= 5;
      if (!exists || result.weekday > 6) in.fail();
    } else {
      result.form = in.take("J") ? Day::Form::julian : Day::Form::zero_based;
      result.day = number();
    }
    if (in.take("/")) result.time = time();
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
  Cursor cursor{TextCursor(text)};
  ZoneRule rule;
  cursor.name();
  rule.standard_ = -cursor.time();
  cursor.name();
  if (!cursor.in.good()) return std::nullopt;
  const bool has_offset = !cursor.in.rest().empty() && cursor.in.rest().front() != ',';
  rule.summer_ = has_offset ? -cursor.time() : rule.standard_ + hours(1);
  cursor.in.expect(",");
  rule.summer_begins_ = cursor.day();
  cursor.in.expect(",");
  rule.summer_ends_ = cursor.day();
  if (!cursor.in.done()) return std::nullopt;
  return rule;
}

std::pair<ZoneOffset, ZoneOffset> ZoneRule::changes(std::chrono::year year) const {
  const ZoneOffset begins{summer_begins_.in(year) + summer_begins_.time - standard_, summer_};
  const ZoneOffset ends{summer_ends_.in(year) + summer_ends_.time - summer_, standard_};
  return begins.from < ends.from ? std::pair(begins, ends) : std::pair(ends, begins);
}

}  // namespace gateway
