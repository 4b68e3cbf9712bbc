#include "wire/openai/splice.h"

#include <algorithm>

#include "gateway/result.h"

namespace gateway {

void Splice::replace(ByteRange range, std::string_view text) {
  if (edits_ == kMaxEdits) detail::die("a body is spliced in more places than there can be");
  // Kept sorted; insertions at one place stay in the order in which they were requested, before a replacement there.
  std::size_t at = edits_++;
  for (; at > 0; --at) {
    const ByteRange& before = edit_[at - 1].range;
    const bool in_order =
        before.begin < range.begin || (before.begin == range.begin && (before.empty() || !range.empty()));
    if (in_order) break;
    edit_[at] = edit_[at - 1];
  }
  edit_[at] = {range, text};
}

std::span<const std::string_view> Splice::pieces(std::string_view body) {
  std::size_t count = 0;
  std::size_t done = 0;
  const auto give = [&](std::string_view piece) {
    if (!piece.empty()) pieces_[count++] = piece;
  };
  for (std::size_t i = 0; i < edits_; ++i) {
    const auto& [range, text] = edit_[i];
    if (range.begin < done || range.end < range.begin || range.end > body.size())
      detail::die("a splice lies outside its body");
    give(body.substr(done, range.begin - done));
    give(text);
    done = range.end;
  }
  give(body.substr(done));
  return {pieces_.data(), count};
}

ByteRange with_comma(std::string_view body, ByteRange member) noexcept {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t after = body.find_first_not_of(kSpace, member.end);
  if (after != std::string_view::npos && body[after] == ',') return {member.begin, after + 1};
  const std::size_t before = member.begin == 0 ? 0 : body.find_last_not_of(kSpace, member.begin - 1);
  return {before != std::string_view::npos && body[before] == ',' ? before : member.begin, member.end};
}

}  // namespace gateway
