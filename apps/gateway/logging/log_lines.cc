#include "app/logging/log_lines.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstring>
#include <string_view>
#include <utility>

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

// A field's name with what is around it in each format, put together by the compiler: two dozen go into each line.
class Name {
 public:
  static constexpr std::size_t kRoom = 32;

  template <std::size_t N>
  consteval Name(const char (&name)[N]) : bare_size_(N + 1), json_size_(N + 3) {
    static_assert(N + 3 <= kRoom);
    bare_[0] = ' ';
    json_[0] = ',', json_[1] = '"';
    for (std::size_t i = 0; i + 1 < N; ++i) bare_[i + 1] = json_[i + 2] = name[i];
    bare_[N] = '=';
    json_[N + 1] = '"', json_[N + 2] = ':';
  }
  // Writes all of its room, and returns where the name ends.
  char* write(char* at, bool json) const noexcept {
    std::memcpy(at, json ? json_ : bare_, kRoom);
    return at + (json ? json_size_ : bare_size_);
  }

 private:
  std::size_t bare_size_, json_size_;
  char bare_[kRoom]{}, json_[kRoom]{};
};

// Written into room of its own first: appending each bit of a field to a string costs more than all else.
class Line {
 public:
  Line(std::string& out, LogFormat format) : out_(out), json_(format == LogFormat::json) {}
  ~Line() {
    room_for(2);
    put(json_ ? std::string_view("}\n") : std::string_view("\n"));
    flush();
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  // Nothing for an empty text.
  Line& text(const Name& name, std::string_view value) {
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
  Line& word(const Name& name, std::string_view value) {
    if (value.empty() || value.size() > kRoom / 2) return text(name, value);
    begin(name);
    room_for(value.size() + 2);
    if (json_) put("\"");
    put(value);
    if (json_) put("\"");
    return *this;
  }
  Line& number(const Name& name, std::int64_t value) {
    begin(name);
    const fmt::format_int digits(value);
    put({digits.data(), digits.size()});
    return *this;
  }
  Line& flag(const Name& name, bool value) {
    begin(name);
    put(value ? std::string_view("true") : std::string_view("false"));
    return *this;
  }
  // Milliseconds, with the microseconds as decimals.
  Line& milliseconds(const Name& name, Duration value) {
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
  void begin(const Name& name) {
    room_for(Name::kRoom + kMostDigits + 4);
    at_ = name.write(at_, json_);
  }
  void room_for(std::size_t bytes) {
    if (static_cast<std::size_t>(room_ + kRoom - at_) < bytes) flush();
  }
  void put(std::string_view bytes) noexcept {
    std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }
  // Of the first field, which every line has, no comma and no blank is left.
  void flush() {
    char* from = room_;
    if (std::exchange(first_, false)) json_ ? void(*from = '{') : void(++from);
    out_.append(from, at_);
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
