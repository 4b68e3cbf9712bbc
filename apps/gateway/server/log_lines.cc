#include "gateway/server/log_lines.h"

#include <charconv>
#include <chrono>
#include <string_view>

#include "base/time_text.h"
#include "wire/error_body.h"

namespace gateway::app {
namespace {

std::string_view name_of(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      break;
  }
  return "error";
}

// Bare where logfmt can part it again by its blanks.
bool is_bare(std::string_view text) noexcept {
  bool odd = text.empty();
  // Without a way out in the middle, so that the compiler may look at many characters at once.
  for (const char c : text) odd |= (c <= ' ') | (c == '"') | (c == '=') | (c == '\\') | (c == 0x7f);
  return !odd;
}

class Line {
 public:
  Line(std::string& out, LogFormat format) : out_(out), json_(format == LogFormat::json) {
    if (json_) out_ += '{';
  }
  ~Line() { out_ += json_ ? "}\n" : "\n"; }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  // Nothing for an empty text.
  Line& text(std::string_view name, std::string_view value) {
    if (value.empty()) return *this;
    begin(name);
    if (json_ || !is_bare(value)) {
      append_json_string(out_, value);
    } else {
      out_ += value;
    }
    return *this;
  }
  Line& number(std::string_view name, std::int64_t value) {
    char digits[24];
    begin(name);
    out_.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
    return *this;
  }
  Line& flag(std::string_view name, bool value) {
    begin(name);
    out_ += value ? "true" : "false";
    return *this;
  }
  // Milliseconds, with the microseconds as decimals.
  Line& milliseconds(std::string_view name, Duration value) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(value).count();
    const auto rest = static_cast<int>(micros % 1000);
    number(name, micros / 1000);
    const char decimals[] = {'.', digit(rest / 100), digit(rest / 10 % 10), digit(rest % 10)};
    out_.append(decimals, sizeof decimals);
    return *this;
  }

 private:
  static char digit(int value) noexcept { return static_cast<char>('0' + value); }
  void begin(std::string_view name) {
    if (!first_) out_ += json_ ? ',' : ' ';
    first_ = false;
    if (json_) out_ += '"';
    out_ += name;
    out_ += json_ ? "\":" : "=";
  }

  std::string& out_;
  bool json_;
  bool first_ = true;
};

void add_exchange(Line& line, const ExchangeRecord& record) {
  line.text("client_request_id", record.client_request_id).text("project", record.project).text("key", record.key);
  line.text("path", record.path).number("status", record.status).text("code", record.error_code);
  line.text("model", record.asked_model).text("provider", record.provider).text("target", record.target_model);
  line.number("attempts", record.attempts).flag("streamed", record.streamed).flag("client_left", record.client_left);
  line.number("input_tokens", record.usage.input).number("cached_tokens", record.usage.cached_input);
  line.number("output_tokens", record.usage.output).number("reasoning_tokens", record.usage.reasoning);
  line.text("cost", record.cost.to_string()).text("cost_source", to_string(record.cost_source));
  line.number("overhead_us", std::chrono::duration_cast<std::chrono::microseconds>(record.overhead).count());
  if (record.first_byte > Duration::zero()) line.milliseconds("first_byte_ms", record.first_byte);
  line.milliseconds("total_ms", record.total);
}

}  // namespace

void append_log_line(std::string& out, const LogEvent& event, LogFormat format, WallTime time) {
  Line line(out, format);
  line.text("time", rfc3339(time)).text("level", name_of(event.level)).text("message", event.message);
  line.text("request_id", event.request);
  if (event.exchange != nullptr) add_exchange(line, *event.exchange);
}

}  // namespace gateway::app
