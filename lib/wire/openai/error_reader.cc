#include "wire/openai/error_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "gateway/headers.h"
#include "wire/json/repair.h"
#include "wire/json/text.h"
#include "wire/openai/answer_reader.h"

namespace gateway {
namespace {

using json::Kind;
using json::Text;
using json::Value;

constexpr std::size_t kMostReason = 4096;
constexpr std::size_t kMostPlainReason = 1024;

bool names_moderation(std::string_view code) noexcept {
  static constexpr std::array<std::string_view, 5> kCodes{"content_policy_violation", "content_filter",
                                                          "moderation_blocked", "content_policy", "moderation"};
  for (const std::string_view known : kCodes) {
    if (known == code) return true;
  }
  return false;
}

bool begins_like(std::string_view text, std::string_view beginning) noexcept {
  return equal_ignoring_case(text.substr(0, beginning.size()), beginning);
}

// Some services report an unknown key as a mistake in the request.
bool tells_wrong_key(const ProviderError& error) noexcept {
  static constexpr std::array<std::string_view, 5> kBeginnings{"api key not valid", "incorrect api key",
                                                               "invalid api key", "api key expired", "api_key_invalid"};
  for (const std::string_view code : {std::string_view(error.code), std::string_view(error.type)}) {
    if (code == "invalid_api_key" || code == "authentication_error" || code == "API_KEY_INVALID") return true;
  }
  for (const std::string_view beginning : kBeginnings) {
    if (begins_like(error.message, beginning)) return true;
  }
  return false;
}

void add_reason(std::string& out, std::string_view text) {
  if (text.empty() || out.size() >= kMostReason) return;
  if (!out.empty()) out += "; ";
  out += text.substr(0, kMostReason - out.size());
}

// Members of an error that hold a reason.
bool names_reason(std::string_view name) noexcept {
  static constexpr std::array<std::string_view, 8> kNames{"message", "msg",    "detail", "details",
                                                          "error",   "errors", "reason", "title"};
  for (const std::string_view known : kNames) {
    if (known == name) return true;
  }
  return name.substr(0, 6) == "error_";
}

class ErrorReading {
 public:
  ErrorReading(json::Walk& walk, std::string& scratch, ProviderError& error)
      : walk_(walk), scratch_(scratch), error_(error) {}

  // An error or a list of them.
  bool error(Value value) {
    switch (walk_.kind(value)) {
      case Kind::object:
        return walk_.object(value, [this](const Text& key, Value member) {
          return error_member(json::unescaped(key, scratch_), member);
        });
      case Kind::array:
        return walk_.array(value, [this](Value element) { return error(element); });
      case Kind::string:
        return texts(value, error_.message);
      default:
        return scalar(value);
    }
  }

  // The texts that report why, from anywhere within.
  bool reason(Value value, std::string& out) {
    switch (walk_.kind(value)) {
      case Kind::object:
        return walk_.object(value, [&](const Text& key, Value member) {
          const bool says_why = names_reason(json::unescaped(key, scratch_));
          return says_why ? reason(member, out) : scalar_or_skip(member);
        });
      case Kind::array:
        return walk_.array(value, [&](Value element) { return reason(element, out); });
      case Kind::string:
        return texts(value, out);
      default:
        return scalar(value);
    }
  }

  bool says_anything() const noexcept { return says_anything_; }

 private:
  bool error_member(std::string_view name, Value value) {
    const Kind kind = walk_.kind(value);
    if ((kind != Kind::object && kind != Kind::array) || name == "message") return known_member(name, value);
    const std::string kept_name(name);  // reading the value may overwrite the scratch that it is in
    const char* const begin = json::Walk::begin(value);
    if (!known_member(kept_name, value)) return false;
    keep(kept_name, {begin, static_cast<std::size_t>(walk_.end_of_container() - begin)});
    return true;
  }

  void keep(std::string_view name, std::string_view raw) {
    std::string member;
    append_json_string(member, name);
    member.append(":").append(raw);
    if (error_.rest.size() + member.size() + 1 > kMaxErrorRest) return;
    if (!error_.rest.empty()) error_.rest += ',';
    error_.rest += member;
  }

  bool known_member(std::string_view name, Value value) {
    if (name == "message") return reason(value, error_.message);
    if (name == "type") return short_text(value, error_.type);
    if (name == "param") return walk_.text_into(value, error_.param);
    if (name == "code") return code(value);
    if (name == "status" || name == "status_code") return status(value);
    if (name == "metadata") return metadata(value);
    if (name == "failed_generation") return reason(value, error_.more);
    if (name == "innererror" || name == "inner_error") return inner(value);
    if (names_reason(name)) return reason(value, error_.message.empty() ? error_.message : error_.more);
    return scalar_or_skip(value);
  }

  bool short_text(Value value, std::string& out) {
    if (!walk_.text_into(value, out)) return false;
    says_anything_ |= !out.empty();
    return true;
  }

  bool code(Value value) {
    if (!read_error_code(walk_, value, error_)) return false;
    says_anything_ |= !error_.code.empty() && error_.code != "0";
    return true;
  }

  // A number beside the code, or Google's name for it.
  bool status(Value value) {
    ProviderError beside;
    if (!read_error_code(walk_, value, beside)) return false;
    says_anything_ |= !beside.code.empty();
    if (error_.status == 0) error_.status = beside.status;
    return true;
  }

  // OpenRouter's moderation reports why it flagged what, its providers' own words are raw.
  bool metadata(Value value) {
    if (walk_.kind(value) != Kind::object) return scalar_or_skip(value);
    return walk_.object(value, [this](const Text& key, Value member) {
      const std::string_view name = json::unescaped(key, scratch_);
      if (name == "raw") return reason(member, error_.more);
      if (name != "reasons" && name != "flagged_input") return walk_.skip(member);
      if (walk_.kind(member) != Kind::null) error_.moderation = true;
      return name == "reasons" ? reason(member, error_.more) : walk_.skip(member);
    });
  }

  bool inner(Value value) {
    if (walk_.kind(value) != Kind::object) return reason(value, error_.more);
    return walk_.object(value, [this](const Text& key, Value member) {
      const std::string_view name = json::unescaped(key, scratch_);
      return name == "code" || names_reason(name) ? reason(member, error_.more) : walk_.skip(member);
    });
  }

  bool texts(Value value, std::string& out) {
    Text text;
    if (!walk_.string(value, text)) return false;
    const std::string_view said = json::unescaped(text, scratch_);
    says_anything_ |= !said.empty();
    error_.wrong_key |= said == "API_KEY_INVALID";
    add_reason(out, said);
    return true;
  }

  bool scalar(Value value) {
    const Kind kind = walk_.kind(value);
    if (kind == Kind::number) {
      std::string_view digits;
      if (!walk_.number(value, digits)) return false;
      says_anything_ |= digits != "0";
      return true;
    }
    bool is_true = false;
    if (kind != Kind::boolean) return walk_.skip(value);
    if (!walk_.boolean(value, is_true)) return false;
    says_anything_ |= is_true;
    return true;
  }

  bool scalar_or_skip(Value value) {
    const Kind kind = walk_.kind(value);
    return kind == Kind::number || kind == Kind::boolean ? scalar(value) : walk_.skip(value);
  }

  json::Walk& walk_;
  std::string& scratch_;
  ProviderError& error_;
  bool says_anything_ = false;
};

}  // namespace

bool read_error_code(json::Walk& walk, Value value, ProviderError& error) {
  if (!walk.decimal_into(value, error.code)) return false;
  const auto status = json::to_integer(error.code);
  if (status && *status >= 400 && *status <= 599) error.status = static_cast<int>(*status);
  return true;
}

bool read_error(json::Walk& walk, Value value, std::string& scratch, bool& has_error, ProviderError& error) {
  ErrorReading reading(walk, scratch, error);
  if (!reading.error(value)) return false;
  has_error |= reading.says_anything();
  judge_error(error);
  return true;
}

bool read_reason(json::Walk& walk, Value value, std::string& scratch, ProviderError& error) {
  return ErrorReading(walk, scratch, error).reason(value, error.message);
}

void judge_error(ProviderError& error) noexcept {
  if (error.code.empty() && error.type.empty() && error.message.empty()) return;
  error.moderation |= names_moderation(error.code) || names_moderation(error.type);
  error.wrong_key |= tells_wrong_key(error);
}

namespace {

// Its beginning may be all that was kept of it.
ProviderError cut_error(std::string_view body) {
  AnswerReader reader;
  AnswerFacts facts;
  reader.read(json::closed(body), facts);
  return facts.is_object ? std::move(facts.error) : ProviderError{};
}

}  // namespace

ProviderError plain_error(std::string_view body) {
  static constexpr std::string_view kSpace = " \t\r\n";
  ProviderError error;
  std::string_view text = body.substr(0, kMostPlainReason);
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  text = text.substr(0, text.find_last_not_of(kSpace) + 1);
  if (text.empty() || text.front() == '<') return error;
  if (text.front() == '{' || text.front() == '[') return cut_error(body);
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\r' && c != '\t') return error;
  }
  error.message = text;
  judge_error(error);
  return error;
}

std::string whole_reason(const ProviderError& error) {
  if (error.more.empty() || error.message.find(error.more) != std::string::npos) return error.message;
  return error.message.empty() ? error.more : error.message + " (" + error.more + ")";
}

}  // namespace gateway
