#include "wire/json/repair.h"

#include <optional>

#include "base/buffer.h"
#include "wire/json/walk.h"

namespace gateway::json {
namespace {

// Without the bytes of an escape or of a character that has only begun.
std::string_view without_beginnings(std::string_view text, std::size_t escape) {
  if (escape != text.npos) return text.substr(0, escape);
  std::size_t at = text.size();
  while (at > 0 && text.size() - at < 3 && (static_cast<unsigned char>(text[at - 1]) & 0xc0) == 0x80) --at;
  if (at == 0) return text;
  const auto lead = static_cast<unsigned char>(text[at - 1]);
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return text.size() - at + 1 < length ? text.substr(0, at - 1) : text;
}

// One scan over the beginning.
class Closing {
 public:
  explicit Closing(std::string_view text) : text_(text) {}

  std::string run() {
    for (at_ = 0; at_ < text_.size(); ++at_) {
      if (in_string_) {
        inside(text_[at_]);
      } else {
        outside(text_[at_]);
      }
    }
    const bool is_value = in_string_ && !is_key_;
    std::string out(is_value ? without_beginnings(text_, escape_) : text_.substr(0, complete_));
    if (is_value) out += '"';
    const std::string& open = is_value ? open_ : complete_open_;
    for (auto each = open.rbegin(); each != open.rend(); ++each) out += *each == '{' ? '}' : ']';
    return out;
  }

 private:
  void inside(char c) {
    if (escape_ != text_.npos) {
      const bool long_one = text_[escape_ + 1] == 'u';
      if (at_ - escape_ >= (long_one ? 5 : 1)) escape_ = text_.npos;
    } else if (c == '\\') {
      escape_ = at_;
    } else if (c == '"') {
      in_string_ = false;
      if (!is_key_) complete(at_ + 1);
    }
  }

  void outside(char c) {
    switch (c) {
      case '"':
        in_string_ = true;
        is_key_ = !open_.empty() && open_.back() == '{' && !after_colon_;
        break;
      case '{':
      case '[':
        open_ += c;
        after_colon_ = false;
        complete(at_ + 1);
        break;
      case '}':
      case ']':
        if (!open_.empty()) open_.pop_back();
        complete(at_ + 1);
        break;
      case ':':
        after_colon_ = true;
        break;
      case ',':
        after_colon_ = false;
        complete(at_);
        break;
      default:
        break;
    }
  }

  void complete(std::size_t end) {
    complete_ = end;
    complete_open_ = open_;
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  std::string open_;  // the brackets
  bool in_string_ = false, is_key_ = false, after_colon_ = false;
  std::size_t escape_ = std::string_view::npos;  // where the escape begins that has not ended
  std::size_t complete_ = 0;                     // all before is members and elements that are complete
  std::string complete_open_;                    // the brackets there
};

}  // namespace

std::string fault_in(std::string_view text) {
  simdjson::ondemand::parser parser;
  PaddedBuffer copy;
  copy.append(text);
  Walk walk(parser, kUsualDepth);
  const bool whole = walk.root(copy, [&walk](const Text&, Value value) { return walk.skip(value); });
  return whole ? std::string() : std::string(walk.fault());
}

std::string closed(std::string_view beginning) { return Closing(beginning).run(); }

std::string object_of(std::string_view text) {
  if (fault_in(text).empty()) return std::string(text);
  std::string object = closed(text);
  return fault_in(object).empty() ? object : "{}";
}

}  // namespace gateway::json
