// A routing policy played offline: requests, time and providers' faults by a script, through the same Gateway that
// serves. No network, no clock, no thread; the same scenario gives the same result, to the last digit, on every
// machine.
//
//   sim::Scenario scenario;
//   scenario.config = config;
//   scenario.traffic = {{.model = "fast", .every = std::chrono::milliseconds(100)}};
//   scenario.providers = {{.provider = "first", .usual = {.outage = sim::Outage::refused}}};
//   const sim::Outcome outcome = sim::simulate(scenario).value();
//   // outcome.answered == outcome.requests
//
// Part of the library gateway::testing. docs/simulate.md describes scenarios as files.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/config.h"
#include "gateway/ledger.h"
#include "gateway/result.h"
#include "gateway/row.h"
#include "gateway/time.h"

namespace gateway::sim {

/// Shares are whole millionths, so that nothing depends on how a machine rounds.
inline constexpr std::int64_t kAll = 1'000'000;

/// Whole numbers from `least` to `most`, both included.
struct Between {
  std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
  bool holds(std::int64_t value) const noexcept { return least <= value && value <= most; }
};

// --- what clients do

struct Traffic {
  std::string name{};     ///< in results, and the x-client-request-id of its requests; at most 64 of [A-Za-z0-9._-]
  std::string project{};  ///< empty: the configuration's first one
  std::string model{};
  std::vector<std::string> models{};      ///< to answer instead, in order
  Operation operation = Operation::chat;  ///< chat or embeddings
  Between input_tokens{100, 100};         ///< each request's number is drawn from it; what providers report
  Between output_tokens{100, 100};        ///< likewise, of an answer that is complete
  std::optional<std::int64_t> max_tokens{};
  bool stream = false;
  std::vector<std::pair<std::string, std::string>> headers{};
  Duration from{0};                  ///< the first request is due then, or a gap later if they are random
  Duration until = Duration::max();  ///< none at or after it; it may not be later than Scenario::length
  Duration every{0};                 ///< between two requests; on average, if they are random
  bool random = false;               ///< gaps are exponential, so that arrivals are a Poisson process
  std::vector<Duration> at{};        ///< instead of `every`: exactly then, in order
};

// --- what providers do

/// How long something takes: always `low`; uniform from `low` to `high`; lognormal with the median `low` and the 99th
/// percentile `high`.
struct Latency {
  enum class Shape : std::uint8_t { fixed, uniform, lognormal };
  Shape shape = Shape::fixed;
  Duration low = std::chrono::milliseconds(300);
  Duration high{0};
};

/// refused: no connection is made. hanging: nothing ever comes. stalled: an answer begins and never goes on. lost: the
/// connection breaks once the request is sent.
enum class Outage : std::uint8_t { none, refused, hanging, stalled, lost };

struct ErrorShare {
  int status = 500;
  std::int64_t millionths = kAll;  ///< of the requests
};

struct Behaviour {
  Latency latency{};                                  ///< until the answer begins
  std::int64_t tokens_per_second = 0;                 ///< how fast its output comes from then on; 0: at once
  std::vector<ErrorShare> errors{};                   ///< the shares add up to at most kAll
  std::optional<std::chrono::seconds> retry_after{};  ///< sent with answers of 429 and 503
  std::int64_t breaks = 0;                            ///< millionths of the answers that break off halfway
  Outage outage = Outage::none;
  std::string only_key{};  ///< requests with any other credential are answered with 401; empty: all may
};

struct Phase {
  Duration from{0}, until = Duration::max();
  Behaviour behaviour{};
};

struct ProviderScript {
  std::string provider{};
  std::string model{};  ///< the provider's name for it; empty: all that have no script of their own
  Behaviour usual{};
  std::vector<Phase> phases{};  ///< the last one that covers an instant wins
};

/// A reload of the configuration.
struct Change {
  Duration at{0};
  std::string name{};  ///< in the timeline
  Config config{};
  std::optional<StagedShare> share{};  ///< it serves this share beside the configuration in force; absent: all
};

// --- what is expected

/// Requests count by when they were sent, attempts by when they were dispatched. Empty: any.
struct Filter {
  std::string project{}, model{}, traffic{};
  std::string provider{};               ///< of an attempt; of a request the one whose answer the client got
  std::string target_model{};           ///< likewise: the provider's name for it
  std::optional<StatusRange> status{};  ///< of a request: what the client got; of an attempt: what the provider sent
  std::string code{};                   ///< of the error
  Duration from{0}, until = Duration::max();
};

enum class Measure : std::uint8_t {
  requests,
  attempts,
  share,  ///< millionths of the requests that match all of the filter but status, code and provider
  spend,  ///< by attempts, in units of Money
  p50,    ///< of requests that were answered, until the end of the answer; nanoseconds, as `p95` and `p99`
  p95,
  p99
};

struct Expectation {
  std::string name{};
  Filter filter{};
  Measure measure = Measure::requests;
  Between range{};
};

struct Scenario {
  std::string name{};
  Config config{};
  std::uint64_t seed = 1;
  WallTime start{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
  Duration length = std::chrono::minutes(10);  ///< after it no request is sent; those under way end
  Duration bucket{0};                          ///< of the timeline; 0: a twentieth of the length
  std::vector<Traffic> traffic{};
  std::vector<ProviderScript> providers{};  ///< one that is not named answers as Behaviour's defaults say
  std::vector<Change> changes{};
  std::vector<Expectation> expectations{};
};

// --- what came of it

/// An outcome of requests, or of a target's attempts, and how many had it. `code` is that of the error; `broken`: a
/// good answer began and broke off.
struct StatusCount {
  int status = 0;  ///< 0: none came
  std::string code{};
  bool broken = false;
  std::int64_t count = 0;
  std::string message{};  ///< of requests: what the first of them was answered
};

struct TargetFigures {
  std::string provider{}, model{};
  std::int64_t attempts = 0;
  std::int64_t answered = 0;     ///< completely
  std::int64_t hedges_lost = 0;  ///< ended because the attempt beside it began to answer first: neither of the others
  std::vector<StatusCount> failures{};
  Usage usage{};
  MoneySum cost{};
  Duration p50{0}, p95{0};  ///< of those that were answered, to the end of the answer
};

struct Bucket {
  std::int64_t requests = 0;                         ///< sent in it
  std::int64_t answered = 0;                         ///< of them
  std::int64_t refused = 0;                          ///< of them, with a 4xx
  std::int64_t failed = 0;                           ///< of them: all others
  MoneySum cost{};                                   ///< of attempts dispatched in it
  std::vector<std::int64_t> attempts{}, failures{};  ///< by target, in the order of Outcome::targets; may be shorter
};

/// Something that the scenario changes: a reload, or a phase of a provider.
struct Happening {
  Duration at{0};
  std::string what{};
};

struct Judgement {
  Expectation expected{};
  bool holds = false;
  std::int64_t found = 0;           ///< in the measure's units
  std::optional<Duration> first{};  ///< of a number that must be 0: when the first one was
};

struct Outcome {
  std::int64_t requests = 0;
  std::int64_t answered = 0;  ///< completely, with a status below 400
  std::int64_t attempts = 0;
  MoneySum cost{};
  Usage usage{};
  Duration ended{0};  ///< when the last answer ended
  Duration p50{0}, p95{0}, p99{0};
  std::vector<StatusCount> statuses{};   ///< as clients got them, by status
  std::vector<TargetFigures> targets{};  ///< in the order of their first attempts
  Duration bucket{0};
  std::vector<Bucket> timeline{};
  std::vector<Happening> happenings{};  ///< in order
  std::vector<Judgement> judgements{};  ///< in the order of the expectations
  bool as_expected() const noexcept;
};

/// Plays a scenario. What a configuration leaves out is added: a provider that only targets name, a project `demo` if
/// there is none; each project has one key. Errors: a configuration that cannot work; a name in the scenario that no
/// configuration has, and a model that no route of one takes. Providers are reached through nothing: what is configured
/// of their addresses is kept, and not used. One of type `simulated` answers as it always does, unless the scenario
/// says how it behaves.
Result<Outcome> simulate(const Scenario& scenario);

}  // namespace gateway::sim
