#include "wire/openai/document_scan.h"

#include <algorithm>

namespace gateway {

void DocumentScan::push(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    if (levels_[static_cast<std::size_t>(std::min(depth_, kMaxDepth))].is_answer) ++bytes_of_answer_;
    if (!in_string_ || escaped_) {
      take(bytes[at++]);
      continue;
    }
    // A string runs to its closing quote or the next escape.
    const std::size_t end = std::min(bytes.find_first_of("\"\\", at), bytes.size());
    const std::string_view run = bytes.substr(at, end - at);
    if (string_.size() <= kMaxString) string_.append(run.substr(0, kMaxString + 1 - string_.size()));
    string_size_ += run.size();
    if (levels_[static_cast<std::size_t>(std::min(depth_, kMaxDepth))].is_answer) {
      bytes_of_answer_ += static_cast<std::int64_t>(run.size());
    }
    at = end;
    if (at < bytes.size()) take(bytes[at++]);
  }
}

void DocumentScan::take(char c) {
  if (in_string_) {
    if (escaped_ || c == '\\') {
      escaped_ = !escaped_;
      ++string_size_;
      if (string_.size() <= kMaxString) string_ += c;
    } else {  // the closing quote
      end_string();
    }
    return;
  }
  switch (c) {
    case '"':
      in_scalar_ = false;
      string_is_key_ = expects_key_;
      if (!string_is_key_) begin_value();
      in_string_ = true;
      string_.clear();
      string_size_ = 0;
      return;
    case '{':
      return open(false, c);
    case '[':
      return open(true, c);
    case '}':
    case ']':
      return close(c);
    case ',':
      in_scalar_ = false;
      if (dropped_from_ == depth_) dropped_from_ = 0;
      comma_ = true;
      expects_key_ = depth_ > 0 && depth_ <= kMaxDepth && !levels_[static_cast<std::size_t>(depth_)].is_array;
      return;
    case ':':
      return emit(":");
    case ' ':
    case '\t':
    case '\n':
    case '\r':
      in_scalar_ = false;
      return;
    default:
      if (!in_scalar_) begin_value();
      in_scalar_ = true;
      return emit({&c, 1});
  }
}

// An element of an array may be one too many.
void DocumentScan::begin_value() {
  if (depth_ == 0 || depth_ > kMaxDepth) return;
  Level& level = levels_[static_cast<std::size_t>(depth_)];
  if (!level.is_array) return;
  ++level.elements;
  const int most = depth_ == 2 && level.is_answer ? kMaxChoices : kMaxElements;
  if (kept() && level.elements > most) dropped_from_ = depth_;
  if (kept() && level.elements > 1) emit(",");
  comma_ = false;
}

void DocumentScan::open(bool array, char c) {
  in_scalar_ = false;
  begin_value();
  begun_ = true;
  const bool within = depth_ > 0 && depth_ <= kMaxDepth && levels_[static_cast<std::size_t>(depth_)].is_answer;
  const bool answer = within || (depth_ == 1 && array && answer_key_);
  emit({&c, 1});
  ++depth_;
  if (depth_ <= kMaxDepth) levels_[static_cast<std::size_t>(depth_)] = {array, answer, 0};
  expects_key_ = !array;
  comma_ = false;
}

void DocumentScan::close(char c) {
  in_scalar_ = false;
  if (depth_ == 0) return;
  if (dropped_from_ == depth_) dropped_from_ = 0;
  --depth_;
  emit({&c, 1});
  expects_key_ = comma_ = false;
}

void DocumentScan::end_string() {
  in_string_ = false;
  const bool is_short = string_size_ <= kMaxString;
  if (string_is_key_) {
    if (comma_) emit(",");
    comma_ = expects_key_ = false;
    if (depth_ == 1) {
      choices_ = string_ == "choices";
      answer_key_ = choices_ || string_ == "data";
    }
  } else if (choices_ && depth_ > 0 && depth_ <= kMaxDepth && levels_[static_cast<std::size_t>(depth_)].is_answer) {
    text_bytes_ += static_cast<std::int64_t>(string_size_);
  }
  emit("\"");
  if (is_short) emit(string_);
  emit("\"");
}

void DocumentScan::emit(std::string_view text) {
  if (!kept() || too_large_) return;
  if (outline_.size() + text.size() > kMaxOutline) {
    too_large_ = true;
    outline_ = std::string();
    return;
  }
  outline_ += text;
}

}  // namespace gateway
