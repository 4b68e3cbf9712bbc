#include "wire/multipart/reader.h"

#include <algorithm>

namespace gateway {
namespace {

constexpr std::size_t kMaxPadding = 64;  // white space behind a delimiter

}  // namespace

MultipartReader::MultipartReader(std::string_view boundary, MultipartSink& sink)
    : delimiter_(std::string("\r\n--").append(boundary)), sink_(sink) {}

bool MultipartReader::push(std::string_view bytes) {
  if (fault_ != nullptr) return false;
  if (state_ == State::epilogue) return true;
  held_.append(bytes);
  while (step()) {
  }
  return fault_ == nullptr;
}

bool MultipartReader::finish() {
  if (fault_ != nullptr) return false;
  if (state_ == State::epilogue) return true;
  return fail(parts_ == 0 && state_ == State::preamble ? "its boundary is not in it" : "it ends within a part");
}

bool MultipartReader::step() {
  switch (state_) {
    case State::preamble:
    case State::data:
      return take_until_delimiter();
    case State::head:
      return take_head();
    case State::epilogue:
      break;
  }
  return false;
}

void MultipartReader::pass(std::size_t count) {
  if (state_ == State::data && count > 0) sink_.on_data(std::string_view(held_).substr(0, count));
  held_.erase(0, count);
  taken_ += count;
}

bool MultipartReader::take_until_delimiter() {
  const std::size_t at = held_.find(delimiter_);
  if (at == std::string::npos) {
    // Its beginning may be there already.
    const std::size_t kept = std::min(held_.size(), delimiter_.size() - 1);
    pass(held_.size() - kept);
    return false;
  }
  std::size_t end = 0;
  const Line line = line_after(at + delimiter_.size(), end);
  if (line == Line::unfinished) return pass(at), false;
  if (line == Line::none) return pass(at + delimiter_.size()), true;  // text that begins alike
  pass(at);
  if (state_ == State::data) sink_.on_part_end(offset(0));
  sink_.on_delimiter(offset(kLineEnd.size()));
  state_ = line == Line::last ? State::epilogue : State::head;
  held_.erase(0, end - at);
  taken_ += end - at;
  if (state_ == State::epilogue) std::string().swap(held_);
  return state_ == State::head;
}

MultipartReader::Line MultipartReader::line_after(std::size_t at, std::size_t& end) const noexcept {
  const std::string_view rest = std::string_view(held_).substr(at);
  if (rest.starts_with("--")) return end = at + 2, Line::last;
  if (rest.empty() || rest == "-") return Line::unfinished;
  const std::size_t text = std::min(rest.find_first_not_of(" \t"), rest.size());
  if (text > kMaxPadding) return Line::none;
  const std::string_view line_end = rest.substr(text, kLineEnd.size());
  if (line_end == kLineEnd) return end = at + text + kLineEnd.size(), Line::next;
  return kLineEnd.starts_with(line_end) ? Line::unfinished : Line::none;
}

bool MultipartReader::take_head() {
  static constexpr std::string_view kEnd = "\r\n\r\n";
  std::size_t size = held_.find(kEnd);
  if (held_.starts_with(kLineEnd)) return fail("a part has no Content-Disposition");
  if (size == std::string::npos || size > kMaxHead) {
    return held_.size() >= kMaxHead + kEnd.size() ? fail("a part's head is longer than 8 KiB") : false;
  }
  PartHead head;
  if (const char* why = read_part_head(std::string_view(held_).substr(0, size), head)) return fail(why);
  if (++parts_ > kMaxParts) return fail("it has more than 256 parts");
  pass(size + kEnd.size());
  state_ = State::data;
  sink_.on_part(head, offset(0));
  return true;
}

}  // namespace gateway
