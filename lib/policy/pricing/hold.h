// What one request may cost at most at one target: the bounds of its tokens, and the money to hold for it.
#pragma once

#include <cstdint>
#include <optional>

#include "gateway/config.h"
#include "gateway/money.h"
#include "gateway/row.h"
#include "policy/pricing/price_book.h"

namespace gateway {

// Written into a request of a project with a strict cap if neither the client, nor the target, nor the project sets
// how long an answer may get.
inline constexpr std::int64_t kDefaultMaxOutput = 4096;
// The assumed length of an answer if nothing is known of such answers.
inline constexpr std::int64_t kExpectedOutput = 256;

// The tokens that a second of heard audio has at most, as any service counts them: OpenAI has 10, Google 32.
inline constexpr std::int64_t kMaxTokensOfAudioSecond = 50;

struct HoldInput {
  Operation operation = Operation::chat;
  // From the request.
  std::int64_t input_bound = 0;
  std::int64_t input_estimate = 0;
  std::int64_t images = 0;
  std::int64_t audios = 0;
  std::int64_t files = 0;
  std::optional<std::int64_t> max_tokens, max_completion_tokens;
  std::int64_t n = 1;
  const RequestOptions* options = nullptr;  // null: none
  // What it requests that is counted by other units than tokens: the most of each; 0: nothing.
  std::int64_t made_images = 0, audio_ms = 0, characters = 0, searches = 0;
  // From the target.
  std::optional<std::int64_t> target_max_output;  // its own limit for one answer; absent: unknown
  std::int64_t target_least_output = 0;           // a client's limit below it is raised to it
  PriceInForce price;
  // From the project.
  std::optional<std::int64_t> clamp;  // limits.max_output_tokens
  SpendMode mode = SpendMode::strict;
  bool capped = false;  // it has a spend cap
  bool allow_unpriced = false;
  std::int64_t cached_estimate = 0;    // tokens of the input that the target's cache has, probably
  std::optional<Money> expected_cost;  // the running mean of its requests to this model; absent: none yet

  WallTime at{};
};

struct HoldPlan {
  enum class Verdict : std::uint8_t {
    ok,
    unpriced_model,   // no price is known, or none of answers, and the project's cap needs one
    unpriced_option,  // it requests something that has no price
    unbounded_input,  // images, audio or files without a unit price have no worst case
  };
  Verdict verdict = Verdict::ok;
  std::string_view option;  // the field that requests it
  Surcharges beside;        // what is requested, as far as it has a price
  Money hold;
  std::int64_t output_bound = 0;                 // tokens of all n answers together
  bool output_is_bounded = false;                // somebody enforces that
  std::optional<std::int64_t> write_max_tokens;  // to be written into the forwarded body, for each answer
  bool clamped = false;                          // so that the answer may be shorter than the client would have had it
};

// Mode strict: the worst case. The output of one answer is bounded by the larger of max_tokens and
// max_completion_tokens, else by the target's own limit; both at most by an explicit clamp, else by kDefaultMaxOutput
// if there is a cap. A clamp that binds is to be written into the body. Mode estimate: the expected cost, else what
// the input's estimate and a short answer cost. Without a cap nothing is refused: what has no known price is held at
// nothing.
HoldPlan plan_hold(const HoldInput& input) noexcept;

// The tokens charged against tokens_per_minute at admission: the input's estimate and the smaller of what the client
// allows and `mean_output` (kExpectedOutput before there is one), for each of n answers.
std::int64_t tokens_to_charge(const HoldInput& input, std::optional<std::int64_t> mean_output) noexcept;

}  // namespace gateway
