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
  held_.erase(0, done_);
  done_ = 0;
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
  if (state_ == State::data && count > 0) sink_.on_data(rest().substr(0, count));
  done_ += count;
  taken_ += count;
}

bool MultipartReader::take_until_delimiter() {
  const std::size_t at = rest().find(delimiter_);
  if (at == std::string_view::npos) {
    // Its beginning may be there already.
    const std::size_t kept = std::min(rest().size(), delimiter_.size() - 1);
    pass(rest().size() - kept);
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
  done_ += end - at;
  taken_ += end - at;
  if (state_ == State::epilogue) std::string().swap(held_), done_ = 0;
  return state_ == State::head;
}

MultipartReader::Line MultipartReader::line_after(std::size_t at, std::size_t& end) const noexcept {
  const std::string_view line = rest().substr(at);
  if (line.starts_with("--")) return end = at + 2, Line::last;
  if (line.empty() || line == "-") return Line::unfinished;
  const std::size_t text = std::min(line.find_first_not_of(" \t"), line.size());
  if (text > kMaxPadding) return Line::none;
  const std::string_view line_end = line.substr(text, kLineEnd.size());
  if (line_end == kLineEnd) return end = at + text + kLineEnd.size(), Line::next;
  return kLineEnd.starts_with(line_end) ? Line::unfinished : Line::none;
}

bool MultipartReader::take_head() {
  static constexpr std::string_view kEnd = "\r\n\r\n";
  const std::string_view head_on = rest();
  const std::size_t size = head_on.find(kEnd);
  if (head_on.starts_with(kLineEnd)) return fail("a part has no Content-Disposition");
  if (size == std::string_view::npos || size > kMaxHead) {
    return head_on.size() >= kMaxHead + kEnd.size() ? fail("a part's head is longer than 8 KiB") : false;
  }
  PartHead head;
  if (const char* why = read_part_head(head_on.substr(0, size), head)) return fail(why);
  if (++parts_ > kMaxParts) return fail("it has more than 256 parts");
  pass(size + kEnd.size());
  state_ = State::data;
  sink_.on_part(head, offset(0));
  return true;
}

}  // namespace gateway
