// Which targets serve a model name, in which order, how long each may take, and what is tried again.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gateway/prices.h"

namespace gateway {

/// The defaults fit models that think for minutes before they answer.
struct Timeouts {
  std::chrono::milliseconds connect{5000};
  std::chrono::milliseconds first_byte{600'000};  ///< the answer's first event or body byte, from dispatch
  /// Between two pieces of the answer, from the first one on; also the client's, while it does not read.
  std::chrono::milliseconds idle{300'000};
  /// The complete exchange, from its acceptance. A target's own: one attempt, from its dispatch.
  std::chrono::milliseconds total{3'600'000};
};

/// What a server calls the field that bounds an answer's length.
enum class LengthField : std::uint8_t { max_tokens, max_completion_tokens };

/// How thinking is requested of a model: not at all; by a number of tokens; by an effort, as much as it sees fit; by
/// either.
enum class Thinking : std::uint8_t { none, budget, adaptive, either };
/// Which of `temperature` and `top_p` a model takes.
enum class SamplingTaken : std::uint8_t { both, one, none };
/// What a model can do, where its provider's dialect needs to know; absent: as the built-in table says.
struct ModelAbilities {
  std::optional<Thinking> thinking;
  std::optional<SamplingTaken> sampling;
  std::optional<bool> schemas;  ///< answers by a JSON schema
};

struct TargetConfig {
  std::string provider;
  std::string model;  ///< the provider's name for it; empty: the name the client asked for
  std::string strip;  ///< with an empty `model`: what is taken off the beginning of that name
  int weight = 1;
  std::optional<Prices> prices;  ///< before the catalogue's and the built-in ones
  std::optional<std::int64_t> max_output_tokens;
  std::optional<Timeouts> timeouts;
  std::optional<LengthField> length_field;  ///< absent: as its host and its model's name say
  std::optional<bool> ask_usage;            ///< absent: as its provider
  ModelAbilities abilities;
  std::string price_version;  ///< names `prices` in rows, at most 32 bytes; empty: "config@" and a hash of them
};

enum class Strategy : std::uint8_t { ordered, weighted, cheapest, fastest };

struct RouteConfig {
  std::string pattern;  ///< "fast", "anthropic/*", "*": exact names win, then the longest prefix
  Strategy strategy = Strategy::ordered;
  std::vector<TargetConfig> targets;
};

struct RetryConfig {
  int max_attempts = 3;  ///< dispatches of one exchange in all
  /// on_timeout: the provider's own 408, 504 or 524.
  bool on_connect = true, on_timeout = true, on_429 = true, on_5xx = true;
  /// A request that has left and got no answer: the connection broke, or a time limit of ours ended it. Not safe: it
  /// may have been acted upon, and billed.
  bool on_lost = false;
  double budget = 0.2;  ///< extra dispatches at most this share of a project's, but always 10 a second
  std::chrono::milliseconds max_wait{
      5000};  ///< for a target that may be tried again only later; longer waits are left to the client
};

}  // namespace gateway
