#include "http1/response_writer.h"

#include <fmt/format.h>

#include <charconv>
#include <cstring>

namespace gateway::http1 {
namespace {

// Writes past the end of a buffer that has room enough.
class Pen {
 public:
  Pen(PaddedBuffer& out, std::size_t most) : out_(out), begin_(out.room(most).data()), at_(begin_) {}
  ~Pen() { out_.grow(static_cast<std::size_t>(at_ - begin_)); }
  Pen(const Pen&) = delete;
  Pen& operator=(const Pen&) = delete;

  Pen& text(std::string_view bytes) noexcept {
    if (!bytes.empty()) std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
    return *this;
  }
  Pen& number(std::uint64_t value) noexcept {
    const fmt::format_int digits(value);
    return text({digits.data(), digits.size()});
  }
  Pen& hexadecimal(std::uint64_t value) noexcept {
    at_ = std::to_chars(at_, at_ + 16, value, 16).ptr;
    return *this;
  }
  Pen& field(std::string_view name, std::string_view value) noexcept {
    return text(name).text(": ").text(value).text("\r\n");
  }

 private:
  PaddedBuffer& out_;
  char* begin_;
  char* at_;
};

std::size_t size_of(HeaderSpan fields) noexcept {
  std::size_t size = 0;
  for (const HeaderField& field : fields) size += field.name.size() + field.value.size() + 4;
  return size;
}

void two_digits(char* at, int value) noexcept {
  at[0] = static_cast<char>('0' + value / 10);
  at[1] = static_cast<char>('0' + value % 10);
}

}  // namespace

std::string_view DateText::at(WallTime now) noexcept {
  using namespace std::chrono;
  const auto whole = floor<seconds>(now);
  if (whole.time_since_epoch().count() != second_) {
    second_ = whole.time_since_epoch().count();
    const auto day = floor<days>(whole);
    const year_month_day date(day);
    const hh_mm_ss time(whole - day);
    std::memcpy(text_.data(), "Xxx, 00 Xxx 0000 00:00:00 GMT", text_.size());
    std::memcpy(text_.data(), &"SunMonTueWedThuFriSat"[weekday(day).c_encoding() * 3], 3);
    two_digits(&text_[5], static_cast<int>(static_cast<unsigned>(date.day())));
    std::memcpy(&text_[8], &"JanFebMarAprMayJunJulAugSepOctNovDec"[(static_cast<unsigned>(date.month()) - 1) * 3], 3);
    two_digits(&text_[12], static_cast<int>(date.year()) / 100);
    two_digits(&text_[14], static_cast<int>(date.year()) % 100);
    two_digits(&text_[17], static_cast<int>(time.hours().count()));
    two_digits(&text_[20], static_cast<int>(time.minutes().count()));
    two_digits(&text_[23], static_cast<int>(time.seconds().count()));
  }
  return {text_.data(), text_.size()};
}

std::string_view reason_phrase(int status) noexcept {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 302:
      return "Found";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Unknown";
  }
}

void write_head(PaddedBuffer& out, const AnswerHead& head) {
  Pen pen(out, 256 + size_of(head.fields) + size_of(head.more_fields));
  pen.text("HTTP/1.1 ").number(static_cast<std::uint64_t>(head.status)).text(" ").text(reason_phrase(head.status));
  pen.text("\r\n").field("date", head.date);
  for (HeaderSpan fields : {head.fields, head.more_fields}) {
    for (const HeaderField& field : fields) pen.field(field.name, field.value);
  }
  if (head.framing == Framing::length) pen.text("content-length: ").number(head.length).text("\r\n");
  if (head.framing == Framing::chunked) pen.text("transfer-encoding: chunked\r\n");
  if (head.status == 426) pen.text("connection: upgrade\r\n");  // its field `upgrade` is for this hop (RFC 9110, 7.8)
  if (!head.keep_alive) pen.text("connection: close\r\n");
  if (head.keep_alive && head.http_1_0) pen.text("connection: keep-alive\r\n");
  pen.text("\r\n");
}

void write_chunk(PaddedBuffer& out, std::string_view bytes) {
  if (bytes.empty()) return;
  Pen(out, bytes.size() + 20).hexadecimal(bytes.size()).text("\r\n").text(bytes).text("\r\n");
}

void write_last_chunk(PaddedBuffer& out) { out.append("0\r\n\r\n"); }
void write_continue(PaddedBuffer& out) { out.append("HTTP/1.1 100 Continue\r\n\r\n"); }

}  // namespace gateway::http1
