#include "base/time_text.h"

#include <algorithm>
#include <cstdint>

namespace gateway {
namespace {

namespace chrono = std::chrono;
using chrono::sys_days;
using chrono::year;

constexpr WallTime kFirst = sys_days{year{0} / 1 / 1};
constexpr WallTime kLast = sys_days{year{9999} / 12 / 31} + chrono::hours{24} - chrono::microseconds{1};

// Exactly `digits` digits, with zeros in front; gives where they end. Log lines and headers have several of these each:
// printf costs a microsecond a line.
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

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  // Exactly `digits` digits that make at most `most`.
  int number(std::size_t digits, int most) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) value = value * 10 + digit();
    good_ &= value <= most;
    return value;
  }
  bool take(std::string_view any_of, char* taken = nullptr) {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return false;
    if (taken) *taken = rest_.front();
    rest_.remove_prefix(1);
    return true;
  }
  void expect(std::string_view any_of, char* taken = nullptr) { good_ &= take(any_of, taken); }
  int microseconds() {
    int value = digit();
    int places = 1;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      const int d = digit();
      if (places++ < 6) value = value * 10 + d;
    }
    for (; places < 6; ++places) value *= 10;
    return value;
  }
  bool done() const { return good_ && rest_.empty(); }
  bool good() const { return good_; }

 private:
  int digit() {
    char c = '0';
    expect("0123456789", &c);
    return c - '0';
  }
  std::string_view rest_;
  bool good_ = true;
};

std::optional<sys_days> read_day(Reader& in) {
  const int y = in.number(4, 9999);
  in.expect("-");
  const int m = in.number(2, 12);
  in.expect("-");
  const int d = in.number(2, 31);
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
  Reader in(text);
  const auto day = read_day(in);
  if (!day) return std::nullopt;
  in.expect("Tt ");
  const int h = in.number(2, 23);
  in.expect(":");
  const int m = in.number(2, 59);
  in.expect(":");
  const int s = in.number(2, 60);
  const int micros = in.take(".") ? in.microseconds() : 0;
  char sign = 'Z';
  in.expect("Zz+-", &sign);
  chrono::minutes offset{0};
  if (sign == '+' || sign == '-') {
    offset = chrono::hours{in.number(2, 23)};
    in.expect(":");
    offset += chrono::minutes{in.number(2, 59)};
    if (sign == '-') offset = -offset;
  }
  if (!in.done()) return std::nullopt;
  return WallTime{*day} + chrono::hours{h} + chrono::minutes{m} + chrono::seconds{s} + chrono::microseconds{micros} -
         offset;
}

std::string day_text(WallTime time) {
  char text[16];
  return std::string(text, put_day(text, chrono::floor<chrono::days>(std::clamp(time, kFirst, kLast))));
}

std::optional<WallTime> parse_day(std::string_view text) {
  Reader in(text);
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
