#include "base/time_text.h"

#include <algorithm>
#include <cstdint>

#include "base/text_cursor.h"

namespace gateway {
namespace {

namespace chrono = std::chrono;
using chrono::sys_days;
using chrono::year;

constexpr WallTime kFirst = sys_days{year{0} / 1 / 1};
constexpr WallTime kLast = sys_days{year{9999} / 12 / 31} + chrono::hours{24} - chrono::microseconds{1};

// Exactly `digits` digits, with zeros in front; returns where they end. Log lines and headers have several of these
// each: printf costs a microsecond a line.
char* put(char* at, std::int64_t value, int digits) noexcept {
  for (char* place = at + digits; place != at; value /= 10) *--place = static_cast<char>('0' + value % 10);
  return at + digits;
}

char* put_day(char* at, sys_days date) noexcept {
  const chrono::year_month_day day{date};
  at = put(at, static_cast<int>(day.year()), 4);
  *at++ = '-';
  at = put(at, static_cast<unsigned>(day.month()), 2);
  *at++ = '-';
  return put(at, static_cast<unsigned>(day.day()), 2);
}

// Decimals of a second; what is finer is left out.
int read_microseconds(TextCursor& in) noexcept {
  const std::string_view digits = in.digits();
  if (digits.empty()) in.fail();
  int value = 0;
  for (std::size_t i = 0; i < 6; ++i) value = value * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  return value;
}

std::optional<sys_days> read_day(TextCursor& in) {
  const int y = in.number(4);
  in.expect("-");
  const int m = in.number(2);
  in.expect("-");
  const int d = in.number(2);
  const chrono::year_month_day day{year{y}, chrono::month{static_cast<unsigned>(m)},
                                   chrono::day{static_cast<unsigned>(d)}};
  if (!in.good() || !day.ok()) return std::nullopt;
  return sys_days{day};
}

}  // namespace

std::string rfc3339(WallTime time) {
  time = std::clamp(time, kFirst, kLast);
  const sys_days date = chrono::floor<chrono::days>(time);
  const chrono::hh_mm_ss clock{time - date};
  char text[32];
  char* at = put_day(text, date);
  *at++ = 'T';
  at = put(at, clock.hours().count(), 2);
  *at++ = ':';
  at = put(at, clock.minutes().count(), 2);
  *at++ = ':';
  at = put(at, clock.seconds().count(), 2);
  const std::int64_t micros = clock.subseconds().count();
  if (micros != 0) {
    *at++ = '.';
    at = micros % 1000 != 0 ? put(at, micros, 6) : put(at, micros / 1000, 3);
  }
  *at++ = 'Z';
  return std::string(text, at);
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  TextCursor in(text);
  const auto day = read_day(in);
  if (!day) return std::nullopt;
  in.expect("Tt ");
  const int h = in.number(2);
  in.expect(":");
  const int m = in.number(2);
  in.expect(":");
  const int s = in.number(2);
  const int micros = in.take(".") ? read_microseconds(in) : 0;
  char sign = 'Z';
  in.expect("Zz+-", &sign);
  int offset_h = 0, offset_m = 0;
  if (sign == '+' || sign == '-') {
    offset_h = in.number(2);
    in.expect(":");
    offset_m = in.number(2);
  }
  if (!in.done() || h > 23 || m > 59 || s > 60 || offset_h > 23 || offset_m > 59) return std::nullopt;
  const chrono::minutes offset = (chrono::hours{offset_h} + chrono::minutes{offset_m}) * (sign == '-' ? -1 : 1);
  return WallTime{*day} + chrono::hours{h} + chrono::minutes{m} + chrono::seconds{s} + chrono::microseconds{micros} -
         offset;
}

std::string day_text(WallTime time) {
  char text[16];
  return std::string(text, put_day(text, chrono::floor<chrono::days>(std::clamp(time, kFirst, kLast))));
}

std::optional<WallTime> parse_day(std::string_view text) {
  TextCursor in(text);
  const auto day = read_day(in);
  if (!day || !in.done()) return std::nullopt;
  return WallTime{*day};
}

std::string reset_text(Duration duration) {
  const std::int64_t all = chrono::ceil<chrono::milliseconds>(std::max(duration, Duration{0})).count();
  if (all == 0) return "0s";
  if (all < 1000) return std::to_string(all) += "ms";
  const std::int64_t minutes = all / 60'000;
  std::string text;
  if (minutes >= 60) text += std::to_string(minutes / 60) += 'h';
  if (minutes > 0) text += std::to_string(minutes % 60) += 'm';
  text += std::to_string(all / 1000 % 60);
  if (all % 1000 != 0) {
    char decimals[3];
    text += '.';
    text.append(decimals, put(decimals, all % 1000, 3));
    while (text.back() == '0') text.pop_back();
  }
  return text += 's';
}

}  // namespace gateway
