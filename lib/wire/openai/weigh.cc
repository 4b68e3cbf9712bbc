#include "wire/openai/weigh.h"

#include <string_view>

#include "wire/json/quoted.h"
#include "wire/json/token.h"

namespace gateway {
namespace {

WeighedMember member_of_message(std::string_view key, Weight& weight) noexcept {
  if (key == "content") return {Within::parts, &weight.text};
  if (key == "role") return {Within::opaque, nullptr};
  if (key == "tool_calls" || key == "function_call") return {Within::tools, nullptr};
  if (key == "reasoning") return {Within::details, &weight.reasoning[0]};
  if (key == "reasoning_content") return {Within::details, &weight.reasoning[1]};
  if (key == "reasoning_details" || key == "thinking_blocks") return {Within::details, &weight.reasoning[2]};
  if (key.starts_with("reasoning") || key.starts_with("thinking") || key.starts_with("thought")) {
    return {Within::details, &weight.reasoning[3]};
  }
  if (key == "refusal") return {Within::parts, &weight.text};
  if (key == "audio" || key == "images") return {Within::parts, nullptr};
  return {Within::opaque, nullptr};
}

class Scale {
 public:
  Scale(const char* at, const char* end, Weight& weight) noexcept : at_(at), end_(end), weight_(weight) {}

  const char* message() noexcept {
    object(Within::message, 0);
    return at_;
  }

 private:
  void value(WeighedMember as, int depth) noexcept {
    at_ = json::skip_space(at_, end_);
    if (at_ == end_) return;
    if (*at_ == '"') return string(as.tally);
    if (*at_ != '{' && *at_ != '[') return scalar();
    const char* const begin = at_;
    if (as.within == Within::opaque || depth == kMostWeighed) {
      skip_container();
      if (as.tally != nullptr && as.within == Within::opaque) *as.tally += at_ - begin;
    } else if (*begin == '{') {
      object(as.within, depth + 1);
    } else {
      array(as, depth + 1);
    }
  }

  void object(Within within, int depth) noexcept {
    ++at_;
    while (at_ < end_) {
      at_ = json::skip_space(at_, end_);
      if (at_ == end_ || *at_ == '}') break;
      if (*at_ != '"') {
        ++at_;  // a comma
        continue;
      }
      const char* const key = at_ + 1;
      const char* const key_end = json::string_end(key, end_);
      if (key_end == end_) return void(at_ = end_);
      at_ = json::skip_space(key_end + 1, end_);
      if (at_ == end_ || *at_ != ':') continue;
      ++at_;
      value(weighed_member(within, {key, static_cast<std::size_t>(key_end - key)}, weight_), depth);
    }
    if (at_ < end_) ++at_;
  }

  void array(WeighedMember as, int depth) noexcept {
    ++at_;
    while (at_ < end_) {
      at_ = json::skip_space(at_, end_);
      if (at_ == end_ || *at_ == ']') break;
      if (*at_ == ',' || *at_ == '}') {
        ++at_;
        continue;
      }
      value(as, depth);
    }
    if (at_ < end_) ++at_;
  }

  void string(std::int64_t* tally) noexcept {
    const char* const begin = at_ + 1;
    const char* const close = json::string_end(begin, end_);
    if (tally != nullptr) {
      json::Text text{{begin, static_cast<std::size_t>(close - begin)}};
      *tally += text.measure() ? text.size : close - begin;
    }
    at_ = close == end_ ? end_ : close + 1;
  }

  void scalar() noexcept {
    while (at_ < end_ && *at_ != ',' && *at_ != '}' && *at_ != ']') ++at_;
  }

  void skip_container() noexcept {
    for (int depth = 0; at_ < end_;) {
      const char c = *at_++;
      if (c == '"') {
        const char* const close = json::string_end(at_, end_);
        at_ = close == end_ ? end_ : close + 1;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if ((c == '}' || c == ']') && --depth == 0) {
        return;
      }
    }
  }

  const char* at_;
  const char* const end_;
  Weight& weight_;
};

}  // namespace

WeighedMember weighed_member(Within within, std::string_view key, Weight& weight) noexcept {
  switch (within) {
    case Within::message:
      return member_of_message(key, weight);
    case Within::parts:
      if (key == "text" || key == "thinking" || key == "refusal" || key == "transcript" || key == "content") {
        return {Within::parts, &weight.text};
      }
      if (key == "data" || key == "url" || key == "image_url" || key == "b64_json") {
        return {Within::parts, &weight.media};
      }
      return {Within::parts, nullptr};
    case Within::tools:
      if (key == "name" || key == "arguments" || key == "input") return {Within::opaque, &weight.text};
      return {Within::tools, nullptr};
    case Within::details:
      if (key == "text" || key == "summary" || key == "data" || key == "thinking") {
        return {Within::details, &weight.reasoning[2]};
      }
      return {Within::details, nullptr};
    case Within::opaque:
      break;
  }
  return {Within::opaque, nullptr};
}

const char* weigh_message(const char* at, const char* end, Weight& weight) noexcept {
  Weight mine;
  const char* const behind = Scale(at, end, mine).message();
  if (mine.any()) mine.pieces = 1;
  weight += mine;
  return behind;
}

}  // namespace gateway
