#include "gateway/row.h"

#include <span>

#include "base/crockford.h"
#include "base/enum_names.h"

namespace gateway {
namespace {

constexpr std::string_view kRequestPrefix = "req_";

constexpr std::array<std::string_view, 10> kOperations{"chat",        "embeddings",     "completions",  "images",
                                                       "image_edits", "transcriptions", "translations", "speech",
                                                       "moderations", "rerank"};
constexpr std::array<std::string_view, 4> kSurfaces{"openai", "anthropic", "responses", "insforge"};
constexpr std::array<std::string_view, 5> kRowStates{"open", "settled", "failed", "interrupted", "adjustment"};
constexpr std::array<std::string_view, 5> kSources{"none", "provider", "priced", "estimated", "held"};
constexpr std::array<std::string_view, 11> kFlags{
    "usage_odd",        "usage_missing", "client_left", "over_hold", "clamped", "byok",
    "backfill_pending", "unpriced",      "surcharged",  "hedge",     "staged"};

}  // namespace

FixedText<RequestId::kTextSize> RequestId::text() const {
  std::array<char, kTextSize> out;
  std::copy(kRequestPrefix.begin(), kRequestPrefix.end(), out.begin());
  write_crockford(bytes, std::span<char, kCrockfordDigits>(out.data() + kRequestPrefix.size(), kCrockfordDigits));
  return std::string_view(out.data(), out.size());
}

bool RequestId::parse(std::string_view text, RequestId& out) {
  if (text.size() != kTextSize || !text.starts_with(kRequestPrefix)) return false;
  return read_crockford(text.substr(kRequestPrefix.size()), out.bytes);
}

std::string_view to_string(Operation o) noexcept { return name_of(kOperations, o); }
std::string_view to_string(SurfaceKind s) noexcept { return name_of(kSurfaces, s); }
std::string_view to_string(RowState s) noexcept { return name_of(kRowStates, s); }
std::string_view to_string(CostSource s) noexcept { return name_of(kSources, s); }
bool parse(std::string_view text, Operation& out) noexcept { return value_of(kOperations, text, out); }
bool parse(std::string_view text, SurfaceKind& out) noexcept { return value_of(kSurfaces, text, out); }
bool parse(std::string_view text, RowState& out) noexcept { return value_of(kRowStates, text, out); }
bool parse(std::string_view text, CostSource& out) noexcept { return value_of(kSources, text, out); }

std::string row_flags_to_string(std::uint32_t flags) {
  std::string out;
  for (std::size_t i = 0; i < kFlags.size(); ++i) {
    if ((flags >> i & 1U) == 0) continue;
    if (!out.empty()) out += ',';
    out += kFlags[i];
  }
  return out;
}

}  // namespace gateway
