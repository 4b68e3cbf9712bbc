#include "wire/openai/document_scan.h"

#include <algorithm>
#include <utility>

namespace gateway {
namespace {

bool is_kept_of_root(std::string_view key) noexcept {
  return key == "id" || key == "model" || key == "object" || key == "usage" || key == "x_groq" || key == "error" ||
         key == "service_tier";
}

bool is_kept_of_choice(std::string_view key) noexcept {
  return key == "index" || key == "finish_reason" || key == "usage" || key == "error";
}

constexpr int kDepthOfData = 2;  // the root's is 1

unsigned hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? static_cast<unsigned>(lower - 'a') + 10 : 0;
}

// In UTF-8. A pair of surrogates has four bytes: three are counted with the first.
std::int64_t bytes_of(unsigned unit) noexcept {
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  return unit >= 0xdc00 && unit <= 0xdfff ? 1 : 3;
}

void append_member(std::string& members, std::string_view member) {
  if (!members.empty()) members += ',';
  members += member;
}

}  // namespace

const DocumentScan::Level& DocumentScan::level() const noexcept {
  static constexpr Level kTooDeep{};
  return depth_ <= kMaxDepth ? levels_[static_cast<std::size_t>(depth_)] : kTooDeep;
}

std::size_t DocumentScan::push(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    if (complete_) return at;
    if (!in_string_ || escaped_ || hex_left_ > 0) {
      take(bytes[at++]);
      continue;
    }
    // A string runs to its closing quote or the next escape.
    std::size_t end = at;
    while (end < bytes.size() && bytes[end] != '"' && bytes[end] != '\\') ++end;
    const std::string_view run = bytes.substr(at, end - at);
    if (is_key_ && key_.size() < kMaxKey) key_.append(run.substr(0, kMaxKey - key_.size()));
    if (string_tally_ != nullptr) *string_tally_ += static_cast<std::int64_t>(run.size());
    if (opaque_tally_ != nullptr) *opaque_tally_ += static_cast<std::int64_t>(run.size());
    keep(run);
    at = end;
    if (at < bytes.size()) take(bytes[at++]);
  }
  return bytes.size();
}

void DocumentScan::take(char c) {
  if (opaque_tally_ != nullptr) ++*opaque_tally_;
  if (in_string_) return take_in_string(c);
  switch (c) {
    case '"':
      is_key_ = std::exchange(expects_key_, false);
      if (is_key_) {
        key_.clear();
      } else {
        string_tally_ = begin_value(c).tally;
      }
      in_string_ = true;
      return keep({&c, 1});
    case '{':
    case '[':
      return open(c == '[');
    case '}':
    case ']':
      return close();
    case ',':
      end_value();
      expects_key_ = !level().is_array;
      return keep({&c, 1});
    case ':':
    case ' ':
    case '\t':
    case '\n':
    case '\r':
      return keep({&c, 1});
    default:
      if (!in_scalar_) begin_value(c);
      in_scalar_ = true;
      if (level().part == Part::data) ++data_bytes_;
      return keep({&c, 1});
  }
}

void DocumentScan::take_in_string(char c) {
  keep({&c, 1});
  if (hex_left_ > 0) {
    unit_ = unit_ * 16 + hex_digit(c);
    if (--hex_left_ == 0 && string_tally_ != nullptr) *string_tally_ += bytes_of(unit_);
  } else if (escaped_) {
    escaped_ = false;
    unit_ = 0;
    if (c == 'u') hex_left_ = 4;
    if (c != 'u' && string_tally_ != nullptr) ++*string_tally_;
  } else if (c == '\\') {
    escaped_ = true;
    if (is_key_) key_.assign(kMaxKey, '?');  // no key that is looked for has an escape
  } else {
    in_string_ = false;
    string_tally_ = nullptr;
  }
}

// What the value that begins here is, by the container that it is in and its key.
DocumentScan::Role DocumentScan::role_in(const Level& in, char c) noexcept {
  const bool object = c == '{', array = c == '[';
  switch (in.part) {
    case Part::root:
      if (key_ == "choices" && array) return {.part = Part::choices};
      if (key_ == "data" && array) return {.part = Part::data};
      return {.kept = is_kept_of_root(key_)};
    case Part::choices:
      return {.part = object ? Part::choice : Part::other};
    case Part::choice:
      if ((key_ == "message" || key_ == "delta") && object) return {.part = Part::message, .within = Within::message};
      return {.kept = is_kept_of_choice(key_)};
    case Part::message: {
      if (in.is_array) return {.part = Part::message, .within = in.within, .tally = in.tally};
      const WeighedMember member = weighed_member(in.within, key_, message_);
      return {.part = Part::message, .within = member.within, .tally = member.tally};
    }
    case Part::data:
      if (depth_ == kDepthOfData) ++data_count_;
      return {.part = Part::data, .tally = &data_bytes_};
    case Part::other:
      break;
  }
  return {};
}

DocumentScan::Role DocumentScan::begin_value(char c) {
  in_scalar_ = false;
  if (depth_ == 0) return {.part = c == '{' ? Part::root : Part::other};
  if (kept_depth_ >= 0) return {};  // as it is, whatever is in it
  const Role role = role_in(level(), c);
  if (role.kept) start_keeping();
  return role;
}

void DocumentScan::open(bool array) {
  const char c = array ? '[' : '{';
  const Role role = begin_value(c);
  keep({&c, 1});
  if (role.part == Part::choices) has_choices_ = true;
  if (role.part == Part::choice) in_choice_ = true, choice_.clear();
  ++depth_;
  if (role.part == Part::message && role.within == Within::opaque && role.tally != nullptr && opaque_depth_ == 0) {
    opaque_depth_ = depth_;
    opaque_tally_ = role.tally;
    ++*opaque_tally_;
  }
  const bool counted = opaque_depth_ > 0;  // its strings are, with all else
  if (depth_ <= kMaxDepth) {
    levels_[static_cast<std::size_t>(depth_)] = {counted ? Part::other : role.part, array, role.within,
                                                 array && !counted ? role.tally : nullptr};
  }
  expects_key_ = !array;
}

void DocumentScan::close() {
  if (depth_ == 0) return;
  end_value();
  const char c = level().is_array ? ']' : '}';
  if (opaque_depth_ == depth_) opaque_depth_ = 0, opaque_tally_ = nullptr;
  const Level closed = level();
  --depth_;
  expects_key_ = false;
  keep({&c, 1});
  if (closed.part == Part::message && closed.within == Within::message) finish_message();
  if (closed.part == Part::choice) {
    in_choice_ = false;
    if (choices_.size() + choice_.size() < kMaxOutline) append_member(choices_, "{" + choice_ + "}");
  }
  complete_ = depth_ == 0;
}

// A member that is kept ends with the comma or brace after it.
void DocumentScan::end_value() {
  in_scalar_ = false;
  if (kept_depth_ != depth_) return;
  std::string& members = level().part == Part::choice ? choice_ : root_members_;
  if (member_.size() <= kMaxMember && members.size() + member_.size() < kMaxOutline) append_member(members, member_);
  kept_depth_ = -1;
}

void DocumentScan::start_keeping() {
  kept_depth_ = depth_;
  member_ = '"' + key_ + "\":";
}

void DocumentScan::keep(std::string_view bytes) {
  if (kept_depth_ >= 0 && member_.size() <= kMaxMember) member_ += bytes;
}

void DocumentScan::finish_message() noexcept {
  if (message_.any()) message_.pieces = 1;
  weight_ += message_;
  message_ = {};
}

Weight DocumentScan::weight() const noexcept {
  Weight open = message_;
  if (open.any()) open.pieces = 1;
  Weight sum = weight_;
  return sum += open;
}

std::int64_t DocumentScan::content_bytes() const noexcept {
  const Weight all = weight();
  std::int64_t reasoning = 0;
  for (const std::int64_t each : all.reasoning) reasoning += each;
  return all.text + all.media + reasoning + data_bytes_;
}

std::string DocumentScan::outline() const {
  std::string out = "{" + root_members_;
  if (has_choices_) {
    std::string choices = choices_;
    if (in_choice_) append_member(choices, "{" + choice_ + "}");
    if (!root_members_.empty()) out += ',';
    out += "\"choices\":[" + choices + "]";
  }
  return out + "}";
}

}  // namespace gateway
