// Which targets serve a model name, in which order, how long each may take, and what is tried again.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
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
  std::optional<Thinking> thinking{};
  std::optional<SamplingTaken> sampling{};
  std::optional<bool> schemas{};  ///< answers by a JSON schema
};

/// What a request may need of a model; bits that are or-ed.
enum class Ability : std::uint8_t { tools = 1, vision = 2, json_schema = 4, audio = 8 };

/// Which requests a target or a group is for: everything that is set must hold.
struct Condition {
  using NamedValues = std::vector<std::pair<std::string, std::string>>;
  std::vector<std::string> projects{}, keys{};  ///< one of them; a key by its id or its name
  NamedValues headers{}, metadata{};            ///< each of them, with this value; "*": with any
  std::vector<std::string> tags{};              ///< one of them, of those that a request has
  std::optional<std::int64_t> input_tokens_over{}, input_tokens_under{};  ///< by the estimate
  std::optional<std::pair<int, int>> minutes{};  ///< of the day, UTC; the second is not included, and may be less
};

/// What a request is recognized by. `user` and `session` are what the body says of them.
enum class IdentifiedBy : std::uint8_t { project, key, header, user, session, prefix };
struct Identity {
  IdentifiedBy by = IdentifiedBy::key;
  std::string header{};  ///< the field's name, in lower case
};

/// A share of all requests, or of those that something identifies: then each of these is in it always or never.
struct Canary {
  int hundredths = 0;  ///< of a percent, to 10'000
  std::optional<Identity> by{};
};

struct TargetConfig {
  std::string provider{};
  std::string model{};  ///< the provider's name for it; empty: the name the client asked for
  std::string strip{};  ///< with an empty `model`: what is taken off the beginning of that name
  int weight = 1;
  std::optional<Prices> prices{};  ///< before the catalogue's and the built-in ones
  std::optional<std::int64_t> max_output_tokens{};
  std::optional<Timeouts> timeouts{};
  std::optional<LengthField> length_field{};  ///< absent: as its host and its model's name say
  std::optional<bool> ask_usage{};            ///< absent: as its provider
  ModelAbilities abilities{};
  std::string price_version{};  ///< names `prices` in rows, at most 32 bytes; empty: "config@" and a hash of them
  std::optional<Condition> when{};
  std::optional<Canary> canary{};
  std::optional<std::uint8_t> can{};             ///< bits of Ability; absent: whatever is requested
  std::optional<std::int64_t> context_length{};  ///< tokens of a request and its answer together; absent: any number
};

/// How the order is found in which targets are tried; see docs/routing.md.
enum class Strategy : std::uint8_t { ordered, weighted, cheapest, fastest, least_busy };
class TargetStrategy;  // gateway/strategy.h

/// Targets of a route that follow each other there, and are placed as one by the strategy around them.
struct TargetGroup {
  std::size_t first = 0, count = 0;
  Strategy strategy = Strategy::ordered;
  int weight = 1;
  std::optional<Condition> when{};
  std::optional<Canary> canary{};
  std::vector<TargetGroup> groups{};                     ///< within it, in the order of the list
  std::shared_ptr<const TargetStrategy> own_strategy{};  ///< an embedder's, instead of `strategy`
};

/// A second attempt at the next target, beside a first one of which nothing has come for long.
struct HedgeConfig {
  /// From the dispatch; absent: so long as `percentile` percent of the target's answers lately took to begin.
  std::optional<std::chrono::milliseconds> after{};
  int percentile = 95;
  int most = 1;  ///< of one request; two attempts at most are under way at once
};

inline constexpr std::size_t kMaxTargets = 128;  ///< of a route, those of its groups too
inline constexpr std::size_t kMaxGroupDepth = 4;

struct RouteConfig {
  std::string pattern{};  ///< "fast", "anthropic/*", "*": exact names win, then the longest prefix
  Strategy strategy = Strategy::ordered;
  std::vector<TargetConfig> targets{};
  std::vector<TargetGroup> groups{};  ///< of some of the targets, in the order of the list
  std::optional<Identity> sticky{};   ///< with `weighted`: requests of one identity go to one target, while it works
  std::shared_ptr<const TargetStrategy> own_strategy{};  ///< an embedder's, instead of `strategy`
  std::optional<HedgeConfig> hedge{};                    ///< absent: one attempt at a time
};

/// When a target is rested because it does far worse than the others of its route: while it rests, it is tried after
/// all of them. By the attempts of the last minute; one with fewer than `least_attempts` is not judged, and no other by
/// it. No project's failures alone make a target an outlier to others.
struct OutlierConfig {
  double errors_over = 0.5;  ///< its share of failures, above that of the others together; 0: errors rest nobody
  double slower_than = 0;    ///< its mean time to the first event, in medians of the others'; 0: slowness rests nobody
  std::int64_t least_attempts = 20;
  std::chrono::milliseconds rest{30'000};  ///< doubled if it is to rest again soon after
  std::chrono::milliseconds longest_rest{600'000};
  double at_most = 0.5;  ///< of a route's targets, how many may rest at once; never all of them
};

struct RetryConfig {
  int max_attempts = 3;  ///< dispatches of one exchange in all
  /// on_timeout: the provider's own 408, 504 or 524.
  bool on_connect = true, on_timeout = true, on_429 = true, on_5xx = true;
  /// A request that has left and got no answer: the connection broke, or a time limit of ours ended it. Not safe: it
  /// may have been acted upon, and billed.
  bool on_lost = false;
  /// The provider finds the request longer than its model's context: a target with a larger context_length may follow.
  bool on_context_length = false;
  /// The provider refuses the content before it answers: another may not. Without it such a refusal is final.
  bool on_content_policy = false;
  double budget = 0.2;  ///< extra dispatches at most this share of a project's, but always 10 a second
  std::chrono::milliseconds max_wait{
      5000};  ///< for a target that may be tried again only later; longer waits are left to the client
};

}  // namespace gateway
