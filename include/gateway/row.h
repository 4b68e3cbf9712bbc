// One row of the ledger: what one attempt requested, received and cost. Every figure shown anywhere is derived from
// rows.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "gateway/money.h"
#include "gateway/time.h"

namespace gateway {

/// Text of at most N bytes held in place, so that a Row is plain bytes: one copy writes it into the journal.
/// What is longer is truncated, between two characters of UTF-8. Unused bytes are zero.
template <std::size_t N>
class FixedText {
 public:
  FixedText() = default;
  FixedText(std::string_view text) { *this = text; }
  FixedText& operator=(std::string_view text) {
    std::size_t n = std::min(text.size(), N);
    const auto is_inside = [text](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80; };
    for (int most = 3; n < text.size() && most > 0 && n > 0 && is_inside(n); --most) --n;
    if (n > 0) std::memcpy(bytes_.data(), text.data(), n);
    if (n < size_) std::memset(bytes_.data() + n, 0, size_ - n);
    size_ = static_cast<std::uint16_t>(n);
    return *this;
  }
  static constexpr std::size_t capacity() { return N; }
  bool empty() const noexcept { return size_ == 0; }
  std::string_view view() const noexcept { return {bytes_.data(), std::min<std::size_t>(size_, N)}; }
  operator std::string_view() const noexcept { return view(); }
  std::string str() const { return std::string(view()); }
  friend bool operator==(const FixedText& a, const FixedText& b) noexcept { return a.view() == b.view(); }

 private:
  std::uint16_t size_ = 0;
  std::array<char, N> bytes_{};
};

/// 128 bits that sort by time: 48 bits of milliseconds since 1970, 16 of the worker, 64 that never repeat in a process.
/// As text "req_" and 26 digits of Crockford's base 32, which sort the same way.
struct RequestId {
  std::array<std::uint8_t, 16> bytes{};
  static constexpr std::size_t kTextSize = 30;

  FixedText<kTextSize> text() const;
  static bool parse(std::string_view text, RequestId& out);
  friend auto operator<=>(const RequestId&, const RequestId&) = default;
};

/// What is requested of a model, and the shape of the client's request. Rows are stored with these numbers.
enum class Operation : std::uint8_t {
  chat,
  embeddings,
  completions,
  images,
  image_edits,
  transcriptions,
  translations,
  speech,
  moderations,
  rerank
};
enum class SurfaceKind : std::uint8_t { openai, anthropic, responses, insforge };
/// open: dispatched, nothing known yet. settled: answered, or the client left. failed: no usable answer came, whatever
/// it cost. interrupted: our process died; keeps its hold as cost. adjustment: corrects an earlier row by its cost and
/// tokens, which may be negative; never a row of its own request.
enum class RowState : std::uint8_t { open, settled, failed, interrupted, adjustment };
/// Where the cost comes from. provider: its own figure. priced: its token counts x our prices. estimated: cut off, what
/// we saw x our prices. held: a crash, the hold. none: nothing was charged.
enum class CostSource : std::uint8_t { none, provider, priced, estimated, held };

/// "chat", "embeddings" ...; "openai" ...; "open" ...; "none" ... Stable, lower case; parse returns false for anything
/// else.
std::string_view to_string(Operation) noexcept;
std::string_view to_string(SurfaceKind) noexcept;
std::string_view to_string(RowState) noexcept;
std::string_view to_string(CostSource) noexcept;
bool parse(std::string_view, Operation&) noexcept;
bool parse(std::string_view, SurfaceKind&) noexcept;
bool parse(std::string_view, RowState&) noexcept;
bool parse(std::string_view, CostSource&) noexcept;

/// Bits of Row::flags.
namespace row_flag {
inline constexpr std::uint32_t usage_odd = 1;      ///< a usage figure was negative, absurd, of a wrong type or repeated
inline constexpr std::uint32_t usage_missing = 2;  ///< the answer ended without usage
inline constexpr std::uint32_t client_left = 4;    ///< the client went away before the end
inline constexpr std::uint32_t over_hold = 8;      ///< cost more than its hold
inline constexpr std::uint32_t clamped = 16;       ///< max output was set by the clamp
inline constexpr std::uint32_t byok = 32;          ///< paid to the provider's provider by a key of one's own
inline constexpr std::uint32_t backfill_pending = 64;  ///< the final cost is still to be queried from the provider
inline constexpr std::uint32_t unpriced = 128;         ///< no price was known
inline constexpr std::uint32_t surcharged = 256;       ///< priced by its service tier or per use, beside its tokens
inline constexpr std::uint32_t hedge = 512;            ///< made beside another attempt, which was slow
inline constexpr std::uint32_t staged = 1024;          ///< made by a configuration that served a share of the requests
}  // namespace row_flag
/// "usage_odd,client_left"; empty for none.
std::string row_flags_to_string(std::uint32_t flags);

/// Tokens as OpenAI counts them: cached_input and cache_write are parts of input, reasoning a part of output. Beside
/// them what some operations count instead: zero if the answer reports no such figure.
struct Usage {
  std::int64_t input = 0;
  std::int64_t cached_input = 0;
  std::int64_t cache_write = 0;
  std::int64_t output = 0;
  std::int64_t reasoning = 0;
  std::int64_t images = 0;      ///< made by the answer
  std::int64_t audio_ms = 0;    ///< milliseconds of audio, heard or spoken
  std::int64_t characters = 0;  ///< of text that was spoken
  std::int64_t searches = 0;    ///< web searches, or searches of a rerank

  Usage& operator+=(const Usage& other) noexcept;
  Usage& operator-=(const Usage& other) noexcept;
  friend bool operator==(const Usage&, const Usage&) = default;
};

/// All counts of a Usage, for code that treats them alike; those of tokens come first.
inline constexpr std::array<std::int64_t Usage::*, 9> kUsageCounts{
    &Usage::input,  &Usage::cached_input, &Usage::cache_write, &Usage::output,  &Usage::reasoning,
    &Usage::images, &Usage::audio_ms,     &Usage::characters,  &Usage::searches};
inline constexpr std::size_t kTokenCounts = 5;

inline Usage& Usage::operator+=(const Usage& other) noexcept {
  for (const auto count : kUsageCounts) this->*count += other.*count;
  return *this;
}

inline Usage& Usage::operator-=(const Usage& other) noexcept {
  for (const auto count : kUsageCounts) this->*count -= other.*count;
  return *this;
}

/// Unique by (request, attempt, entry). Trivially copyable. Never holds a prompt, an answer or a secret.
struct Row {
  RequestId request;
  std::uint16_t attempt = 1;  ///< 1, 2, ... within the request
  std::uint16_t entry = 0;    ///< 0: the attempt itself; 1, 2, ...: its adjustments
  RowState state = RowState::open;
  Operation operation = Operation::chat;
  CostSource cost_source = CostSource::none;
  bool streamed = false;
  std::int32_t status = 0;  ///< the HTTP status the provider sent; 0: none
  std::uint32_t flags = 0;
  std::uint64_t process = 0;  ///< the process that wrote it: see Ledger::open_rows
  Usage usage;
  Money hold;
  Money cost;           ///< all that it cost, whoever is paid
  Money upstream_cost;  ///< the part of it that a key of one's own pays to the provider's provider (OpenRouter's BYOK)
  WallTime accepted{};  ///< the entire request had arrived; decides its day and its period
  WallTime dispatched{};
  WallTime first_byte{};  ///< zero: none came
  WallTime ended{};       ///< zero: open
  SurfaceKind surface = SurfaceKind::openai;
  std::uint8_t unused = 0;  ///< so that no byte between members is undefined
  FixedText<128> client_request_id;
  FixedText<64> project;
  FixedText<32> key;            ///< the API key's id
  FixedText<128> asked_model;   ///< as the client named it
  FixedText<128> target_model;  ///< as sent to the provider
  FixedText<128> served_model;  ///< as the provider answered
  FixedText<64> provider;
  FixedText<96> generation_id;
  FixedText<48> error_code;
  FixedText<24> finish_reason;
  FixedText<32> price_version;
};
static_assert(std::is_trivially_copyable_v<Row>);
static_assert(sizeof(Row) <= 1152);

/// Requests refused after authentication, counted per minute. The model is empty if no route is known for it.
struct RefusalCount {
  std::int64_t minute = 0;  ///< since 1970, UTC
  FixedText<64> project;
  FixedText<128> model;
  FixedText<48> code;
  std::int64_t count = 0;
};

}  // namespace gateway
