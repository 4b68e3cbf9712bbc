#include "policy/routing/http_date.h"

#include <array>
#include <cstdint>

namespace gateway {
namespace {

constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::array<std::string_view, 7> kDays{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                "Friday", "Saturday", "Sunday"};

// Takes a date from the front of the text, piece by piece. After a piece that does not fit nothing fits any more.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool literal(std::string_view expected) noexcept {
    ok_ = ok_ && text_.starts_with(expected);
    if (ok_) text_.remove_prefix(expected.size());
    return ok_;
  }
  // Exactly that many digits; with `padded`, blanks may stand for leading zeros.
  int number(std::size_t digits, bool padded = false) noexcept {
    int value = 0;
    ok_ = ok_ && text_.size() >= digits;
    for (std::size_t i = 0; ok_ && i < digits; ++i) {
      const char c = padded && value == 0 && i + 1 < digits && text_[i] == ' ' ? '0' : text_[i];
      ok_ = c >= '0' && c <= '9';
      value = value * 10 + (c - '0');
    }
    if (ok_) text_.remove_prefix(digits);
    return value;
  }
  unsigned month() noexcept {
    const std::size_t at = ok_ && text_.size() >= 3 ? kMonths.find(text_.substr(0, 3)) : std::string_view::npos;
    ok_ = at != std::string_view::npos && at % 3 == 0;
    if (ok_) text_.remove_prefix(3);
    return ok_ ? static_cast<unsigned>(at / 3 + 1) : 0;
  }
  // "Sun" or, where `whole`, "Sunday".
  void day_name(bool whole) noexcept {
    for (const std::string_view day : kDays) {
      const std::string_view name = whole ? day : day.substr(0, 3);
      if (text_.starts_with(name)) return text_.remove_prefix(name.size());
    }
    ok_ = false;
  }
  bool done() const noexcept { return ok_ && text_.empty(); }

 private:
  std::string_view text_;
  bool ok_ = true;
};

struct Fields {
  int year = 0;
  unsigned month = 0;
  int day = 0, hour = 0, minute = 0, second = 0;
};

void read_time(Scanner& in, Fields& f) noexcept {
  f.hour = in.number(2);
  in.literal(":");
  f.minute = in.number(2);
  in.literal(":");
  f.second = in.number(2);
}

bool read_imf_fixdate(std::string_view text, Fields& f) noexcept {
  Scanner in(text);
  in.day_name(false);
  in.literal(", ");
  f.day = in.number(2);
  in.literal(" ");
  f.month = in.month();
  in.literal(" ");
  f.year = in.number(4);
  in.literal(" ");
  read_time(in, f);
  in.literal(" GMT");
  return in.done();
}

bool read_rfc850(std::string_view text, WallTime now, Fields& f) noexcept {
  Scanner in(text);
  in.day_name(true);
  in.literal(", ");
  f.day = in.number(2);
  in.literal("-");
  f.month = in.month();
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
  Scanner in(text);
  in.day_name(false);
  in.literal(" ");
  f.month = in.month();
  in.literal(" ");
  f.day = in.number(2, true);
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
