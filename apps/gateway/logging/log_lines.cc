#include "app/logging/log_lines.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstring>
#include <string_view>

#include "base/time_text.h"
#include "wire/json/text.h"
#include "wire/openai/error_body.h"

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

// Bare if logfmt can split it again by its blanks, and no terminal takes a part of it for a command.
bool is_bare(std::string_view text) noexcept {
  static constexpr auto kOdd = [] {
    std::array<bool, 256> odd{};
    for (std::size_t c = 0; c <= ' '; ++c) odd[c] = true;
    odd['"'] = odd['='] = odd['\\'] = true;
    for (std::size_t c = 0x7f; c < odd.size(); ++c) odd[c] = true;
    return odd;
  }();
  bool odd = text.empty();
  for (const char c : text) odd |= kOdd[static_cast<unsigned char>(c)];
  return !odd;
}

// Written into room of its own first: there are two dozen fields, and appending each bit of one to a string costs more
// than all else.
class Line {
 public:
  Line(std::string& out, LogFormat format) : out_(out), json_(format == LogFormat::json) {
    if (json_) put("{");
  }
  ~Line() {
    room_for(2);
    put(json_ ? std::string_view("}\n") : std::string_view("\n"));
    flush();
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  // Nothing for an empty text.
  Line& text(std::string_view name, std::string_view value) {
    if (value.empty()) return *this;
    begin(name);
    if (json_ || !is_bare(value)) {
      flush();
      append_json_string(out_, value);
    } else if (value.size() > kRoom / 2) {
      flush();
      out_ += value;
    } else {
      room_for(value.size());
      put(value);
    }
    return *this;
  }
  // A short text of our own making, which is bare and needs no escapes.
  Line& word(std::string_view name, std::string_view value) {
    if (value.empty() || value.size() > kRoom / 2) return text(name, value);
    begin(name);
    room_for(value.size() + 2);
    if (json_) put("\"");
    put(value);
    if (json_) put("\"");
    return *this;
  }
  Line& number(std::string_view name, std::int64_t value) {
    begin(name);
    at_ = std::to_chars(at_, at_ + kMostDigits, value).ptr;
    return *this;
  }
  Line& flag(std::string_view name, bool value) {
    begin(name);
    put(value ? std::string_view("true") : std::string_view("false"));
    return *this;
  }
  // Milliseconds, with the microseconds as decimals.
  Line& milliseconds(std::string_view name, Duration value) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(value).count();
    const auto rest = static_cast<int>(micros % 1000);
    number(name, micros / 1000);
    const char decimals[] = {'.', digit(rest / 100), digit(rest / 10 % 10), digit(rest % 10)};
    put({decimals, sizeof decimals});
    return *this;
  }

 private:
  static constexpr std::size_t kRoom = 1024;
  static constexpr std::size_t kMostDigits = 24;

  static char digit(int value) noexcept { return static_cast<char>('0' + value); }
  // Leaves room for a short value.
  void begin(std::string_view name) {
    room_for(name.size() + 4 + kMostDigits + 4);
    if (!first_) put(json_ ? "," : " ");
    first_ = false;
    if (json_) put("\"");
    put(name);
    put(json_ ? std::string_view("\":") : std::string_view("="));
  }
  void room_for(std::size_t bytes) {
    if (static_cast<std::size_t>(room_ + kRoom - at_) < bytes) flush();
  }
  void put(std::string_view bytes) noexcept {
    std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }
  void flush() {
    out_.append(room_, at_);
    at_ = room_;
  }

  std::string& out_;
  const bool json_;
  bool first_ = true;
  char* at_ = room_;
  char room_[kRoom];
};

void add_exchange(Line& line, const ExchangeRecord& record) {
  line.text("client_request_id", record.client_request_id).text("project", record.project).text("key", record.key);
  line.word("path", record.path).number("status", record.status).text("code", record.error_code);
  line.text("model", record.asked_model).text("provider", record.provider).text("target", record.target_model);
  line.number("attempts", record.attempts).flag("streamed", record.streamed).flag("client_left", record.client_left);
  line.number("input_tokens", record.usage.input).number("cached_tokens", record.usage.cached_input);
  line.number("output_tokens", record.usage.output).number("reasoning_tokens", record.usage.reasoning);
  line.word("cost", record.cost.to_string()).word("cost_source", to_string(record.cost_source));
  line.number("overhead_us", std::chrono::duration_cast<std::chrono::microseconds>(record.overhead).count());
  if (record.first_byte > Duration::zero()) line.milliseconds("first_byte_ms", record.first_byte);
  line.milliseconds("total_ms", record.total).text("client", record.client);
}

}  // namespace

void append_log_line(std::string& out, const LogEvent& event, LogFormat format, WallTime time) {
  Line line(out, format);
  line.word("time", rfc3339(time)).word("level", name_of(event.level)).text("message", event.message);
  line.word("request_id", event.request);
  line.text("client", event.client);
  if (event.exchange != nullptr) add_exchange(line, *event.exchange);
}

}  // namespace gateway::app
