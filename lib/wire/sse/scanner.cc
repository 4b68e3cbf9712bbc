#include "wire/sse/scanner.h"

#include <cstring>
#include <utility>

#include "gateway/result.h"

namespace gateway {
namespace {

constexpr std::string_view kBom = "\xef\xbb\xbf";
constexpr std::size_t kKeptCarry = 64 * 1024;

std::size_t find(std::string_view text, char c, std::size_t from, std::size_t end) noexcept {
  const void* found = from < end ? std::memchr(text.data() + from, c, end - from) : nullptr;
  return found == nullptr ? end : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

// The first CR or LF from there on, or the text's end.
std::size_t find_line_end(std::string_view text, std::size_t from) noexcept {
  const std::size_t lf = find(text, '\n', from, text.size());
  return find(text, '\r', from, lf);
}

// The value of a data line; false: another one.
bool data_of(std::string_view line, std::string_view& value) noexcept {
  if (line.size() < 4 || std::memcmp(line.data(), "data", 4) != 0) return false;
  if (line.size() == 4) return value = {}, true;
  if (line[4] != ':') return false;
  value = line.substr(line.size() > 5 && line[5] == ' ' ? 6 : 5);
  return true;
}

bool event_of(std::string_view line, std::string_view& value) noexcept {
  if (line.size() < 6 || line[0] != 'e' || std::memcmp(line.data(), "event:", 6) != 0) return false;
  value = line.substr(line.size() > 6 && line[6] == ' ' ? 7 : 6);
  return true;
}

// Passes on each line that is not blank. True: some line ended in CR alone.
template <class Each>
bool for_each_line(std::string_view raw, Each&& each) {
  bool lone_cr = false;
  for (std::size_t at = 0; at < raw.size();) {
    const std::size_t end = find_line_end(raw, at);
    if (end > at) each(raw.substr(at, end - at));
    at = end + 1;
    if (end == raw.size() || raw[end] == '\n') continue;
    if (at < raw.size() && raw[at] == '\n') {
      ++at;
    } else {
      lone_cr = true;
    }
  }
  return lone_cr;
}

}  // namespace

bool is_sse_done(std::string_view data) noexcept {
  const std::size_t begin = data.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return false;
  return data.substr(begin, data.find_last_not_of(" \t") + 1 - begin) == "[DONE]";
}

void SseScanner::push(std::string_view bytes) {
  forget_given();
  if (too_large_) return;
  if (!rest_.empty()) detail::die("a piece of a stream was pushed before the last one's events were pulled");
  rest_ = bytes;
  if (bom_bytes_ >= 0) skip_bom();
}

void SseScanner::skip_bom() {
  while (!rest_.empty() && bom_bytes_ < 3) {
    if (rest_.front() != kBom[static_cast<std::size_t>(bom_bytes_)]) {
      carry_.assign(kBom, 0, static_cast<std::size_t>(bom_bytes_));
      line_empty_ = bom_bytes_ == 0;
      bom_bytes_ = -1;
      return;
    }
    rest_.remove_prefix(1);
    ++bom_bytes_;
  }
  if (bom_bytes_ == 3) bom_bytes_ = -1;
}

void SseScanner::forget_given() noexcept {
  if (!carry_given_) return;
  carry_given_ = false;
  if (carry_.capacity() > kKeptCarry) std::string().swap(carry_);
  carry_.clear();
}

// Looks for the end of the event in `rest_`, going on from the state that earlier pieces left.
bool SseScanner::find_end(std::size_t& end) noexcept {
  std::size_t at = 0;
  while (at < rest_.size()) {
    const char c = rest_[at];
    if (std::exchange(after_cr_, false) && c == '\n') {
      crlf_seen_ = true;
      ++at;
      continue;
    }
    if (c != '\n' && c != '\r') {
      line_empty_ = false;
      at = find_line_end(rest_, at);
      continue;
    }
    ++at;
    if (!line_empty_) {
      line_empty_ = true;
      after_cr_ = c == '\r';
      continue;
    }
    end = at;
    if (c == '\n') return true;
    if (at < rest_.size()) {
      end += rest_[at] == '\n' ? 1 : 0;
      return true;
    }
    // Only a stream whose lines end in CR alone may not be made to wait for what comes next.
    ended_by_cr_ = crlf_seen_;
    after_cr_ = !crlf_seen_;
    return after_cr_;
  }
  return false;
}

bool SseScanner::next(SseEvent& event) {
  forget_given();
  if (rest_.empty()) return false;
  std::size_t end = 0;
  bool whole = true;
  if (std::exchange(ended_by_cr_, false)) {
    end = rest_.front() == '\n' ? 1 : 0;
  } else {
    if (carry_.empty() && line_empty_ && std::exchange(after_cr_, false) && rest_.front() == '\n')
      rest_.remove_prefix(1);
    whole = find_end(end);
    if (!whole) end = rest_.size();
  }
  if (carry_.size() + end > max_event_) {
    too_large_ = true;
    rest_ = {};
    std::string().swap(carry_);
    return false;
  }
  const std::string_view piece = rest_.substr(0, end);
  rest_.remove_prefix(end);
  if (whole) {
    line_empty_ = true;
    crlf_seen_ = false;
    if (carry_.empty()) return give(piece, event);
  }
  carry_.append(piece);
  carry_given_ = whole;
  return whole && give(carry_, event);
}

bool SseScanner::finish(SseEvent& event) {
  forget_given();
  if (bom_bytes_ > 0) carry_.assign(kBom, 0, static_cast<std::size_t>(bom_bytes_));  // it broke off
  bom_bytes_ = -1;
  if (carry_.empty()) return false;
  carry_given_ = true;
  give(carry_, event);
  event.canonical = false;
  return true;
}

void SseScanner::reset() {
  carry_given_ = true;
  forget_given();
  too_large_ = false;
  bom_bytes_ = 0;
  rest_ = {};
  line_empty_ = true;
  after_cr_ = ended_by_cr_ = crlf_seen_ = false;
}

bool SseScanner::give(std::string_view raw, SseEvent& event) {
  bool has_comment = false, has_field = false, has_data = false;
  int data_lines = 0;
  event.data = event.name = {};
  const bool lone_cr = for_each_line(raw, [&](std::string_view line) {
    if (line.front() == ':') {
      has_comment = true;
      return;
    }
    has_field = true;
    std::string_view value;
    if (!data_of(line, value)) return static_cast<void>(event_of(line, event.name));
    has_data |= !value.empty();
    if (++data_lines == 1) {
      event.data = value;
      return;
    }
    if (data_lines == 2) joined_.assign(event.data);
    joined_ += '\n';
    joined_ += value;
  });
  if (data_lines > 1) event.data = joined_;
  if (!has_data) event.data = {};
  event.kind = has_data                    ? SseEvent::Kind::data
               : has_comment && !has_field ? SseEvent::Kind::comment
                                           : SseEvent::Kind::empty;
  event.raw = raw;
  event.canonical = !lone_cr;
  return true;
}

void append_sse_data(std::string& out, std::string_view data) {
  for (std::size_t at = 0;;) {
    const std::size_t end = find(data, '\n', at, data.size());
    out.append("data: ").append(data.substr(at, end - at)).append("\n");
    if (end == data.size()) break;
    at = end + 1;
  }
  out += '\n';
}

}  // namespace gateway
