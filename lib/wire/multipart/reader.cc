#include "wire/multipart/reader.h"

#include <algorithm>

namespace gateway {
namespace {

constexpr std::size_t kMaxPadding = 64;  // white space behind a delimiter
constexpr std::size_t kJoined = 512;     // of a piece, with what the one before has left

}  // namespace

MultipartReader::MultipartReader(std::string_view boundary, MultipartSink& sink)
    : delimiter_(std::string("\r\n--").append(boundary)), sink_(sink) {}

bool MultipartReader::push(std::string_view bytes) {
  while (fault_ == nullptr && state_ != State::epilogue && !bytes.empty()) {
    if (held_.empty()) {
      input_ = bytes;
      read_input();
      held_.assign(input_);
      break;
    }
    const std::string_view joined = bytes.substr(0, kJoined);
    held_.append(joined);
    input_ = held_;
    read_input();
    // What is left may be of this piece alone, and is looked at there.
    const std::size_t of_piece = std::min(input_.size(), joined.size());
    held_.erase(0, held_.size() - (input_.size() > joined.size() ? input_.size() : 0));
    bytes.remove_prefix(held_.empty() ? joined.size() - of_piece : joined.size());
  }
  input_ = {};
  if (state_ == State::epilogue) held_.clear();
  return fault_ == nullptr;
}

void MultipartReader::read_input() {
  while (step()) {
  }
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
  if (state_ == State::data && count > 0) sink_.on_data(input_.substr(0, count));
  input_.remove_prefix(count);
  taken_ += count;
}

bool MultipartReader::take_until_delimiter() {
  const std::size_t at = input_.find(delimiter_);
  if (at == std::string_view::npos) {
    // Its beginning may be there already.
    const std::size_t kept = std::min(input_.size(), delimiter_.size() - 1);
    pass(input_.size() - kept);
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
  input_.remove_prefix(end - at);
  taken_ += end - at;
  return state_ == State::head;
}

MultipartReader::Line MultipartReader::line_after(std::size_t at, std::size_t& end) const noexcept {
  const std::string_view line = input_.substr(at);
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
  const std::string_view head_on = input_;
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
