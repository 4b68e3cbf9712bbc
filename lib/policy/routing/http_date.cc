#include "policy/routing/http_date.h"

#include <array>
#include <cstdint>

#include "base/text_cursor.h"

namespace gateway {
namespace {

constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::array<std::string_view, 7> kDays{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                "Friday", "Saturday", "Sunday"};

unsigned read_month(TextCursor& in) noexcept {
  const std::size_t at = in.rest().size() < 3 ? std::string_view::npos : kMonths.find(in.rest().substr(0, 3));
  if (at == std::string_view::npos || at % 3 != 0) return in.fail(), 0;
  in.skip(3);
  return static_cast<unsigned>(at / 3 + 1);
}

// "Sun" or, if `whole`, "Sunday".
void read_day_name(TextCursor& in, bool whole) noexcept {
  for (const std::string_view day : kDays) {
    const std::string_view name = whole ? day : day.substr(0, 3);
    if (in.rest().starts_with(name)) return in.skip(name.size());
  }
  in.fail();
}

struct Fields {
  int year = 0;
  unsigned month = 0;
  int day = 0, hour = 0, minute = 0, second = 0;
};

void read_time(TextCursor& in, Fields& f) noexcept {
  f.hour = in.number(2);
  in.literal(":");
  f.minute = in.number(2);
  in.literal(":");
  f.second = in.number(2);
}

bool read_imf_fixdate(std::string_view text, Fields& f) noexcept {
  TextCursor in(text);
  read_day_name(in, false);
  in.literal(", ");
  f.day = in.number(2);
  in.literal(" ");
  f.month = read_month(in);
  in.literal(" ");
  f.year = in.number(4);
  in.literal(" ");
  read_time(in, f);
  in.literal(" GMT");
  return in.done();
}

bool read_rfc850(std::string_view text, WallTime now, Fields& f) noexcept {
  TextCursor in(text);
  read_day_name(in, true);
  in.literal(", ");
  f.day = in.number(2);
  in.literal("-");
  f.month = read_month(in);
  in.literal("-");
  const int two_digits = in.number(2);
  in.literal(" ");
  read_time(in, f);
  in.literal(" GMT");
  const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(now)};
  const int this_year = static_cast<int>(today.year());
  f.year = this_year - this_year % 100 + two_digits;
  if (f.year > this_year + 50) f.year -= 100;
  return in.done();
}

bool read_asctime(std::string_view text, Fields& f) noexcept {
  TextCursor in(text);
  read_day_name(in, false);
  in.literal(" ");
  f.month = read_month(in);
  in.literal(" ");
  f.day = in.take(" ") ? in.number(1) : in.number(2);
  in.literal(" ");
  read_time(in, f);
  in.literal(" ");
  f.year = in.number(4);
  return in.done();
}

}  // namespace

std::optional<WallTime> parse_http_date(std::string_view text, WallTime now) noexcept {
  Fields f;
  if (!read_imf_fixdate(text, f) && !read_rfc850(text, now, f) && !read_asctime(text, f)) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{f.year}, std::chrono::month{f.month},
                                         std::chrono::day{static_cast<unsigned>(f.day)}};
  // 60 is a leap second.
  if (!date.ok() || f.hour > 23 || f.minute > 59 || f.second > 60) return std::nullopt;
  return std::chrono::sys_days{date} + std::chrono::hours{f.hour} + std::chrono::minutes{f.minute} +
         std::chrono::seconds{f.second};
}

}  // namespace gateway
