// Which targets to leave alone for a while. Shared by all threads; callers pass the time; only failures take a lock.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "gateway/time.h"

namespace gateway {

struct TargetHealthOptions {
  int failures_to_open = 5;                        // in a row
  std::chrono::milliseconds open_for{10'000};      // doubled each time the probe fails, up to a minute
  std::chrono::milliseconds default_cool{2'000};   // after a 429, 503 or 529 without retry-after
  std::chrono::milliseconds longest_cool{60'000};  // a longer one is believed only this far: then a probe tries again
};

// Whose attempt it is: an address that is one project's own for as long as the target is known. Never read.
using ProjectMark = const void*;

// A circuit breaker, and the cooling down that a 429 requests. Every admitted attempt reports one of the outcomes with
// the pass that it received. Attempts that were under way when it opened may still close it by success; whatever
// else becomes of them changes nothing: only the probe itself frees the probe's place.
//
// No project shuts a target to others alone, since its failures may be of its own making: a prompt at which the
// provider breaks. Failures in a row, without anybody's success between them, open the breaker
// - to one project, when all of failures_to_open are its own: the others see nothing of it;
// - to everybody, when there are as many with at most three of five counted per project: so a second project has seen
//   two of them, or several have seen one.
// A project that uses a target alone is thus treated as if there were no others. Likewise a probe that fails shuts the
// target again to the project whose it was, and to everybody once another project's probe has failed too. A probe keeps
// its place for as long as the breaker is open at first: then another may probe beside it.
class TargetHealth {
 public:
  enum class State : std::uint8_t { closed, open, half_open };
  // Why a target cools down.
  enum class Cooling : std::uint8_t { rate_limited, overloaded, credentials };

  // Leave for one attempt.
  struct Pass {
    bool admitted = false;
    std::uint32_t probe = 0;  // its number; 0: an ordinary attempt
    ProjectMark project = nullptr;
    explicit operator bool() const noexcept { return admitted; }
  };

  explicit TargetHealth(TargetHealthOptions options = {});

  // Whether to dispatch now. In half_open one caller at a time is admitted: the probe.
  Pass admits(TimePoint now, ProjectMark project) noexcept;
  void on_success() noexcept;
  // 5xx, time-outs, garbage, unreachable. True: it opened the breaker, or keeps it open.
  bool on_failure(Pass pass, TimePoint now) noexcept;
  // Leaves the target alone for that long, at most longest_cool. Neither a success nor a failure: a provider that
  // counts its clients or refuses our key is alive. A longer cooling stays.
  void on_cooling(Pass pass, TimePoint now, Cooling why, std::optional<std::chrono::milliseconds> wish) noexcept;
  void on_cancelled(Pass pass) noexcept;  // neither

  State state(TimePoint now, ProjectMark project) const noexcept;
  State worst_state(TimePoint now) const noexcept;  // that any project sees
  Duration cooling(TimePoint now) const noexcept;   // zero: not
  // Nothing has been wrong for so long that it holds no more than a new one.
  bool is_idle(TimePoint now) const noexcept;
  Cooling why_cooling() const noexcept { return cooling_why_.load(std::memory_order_relaxed); }
  // When admits() may return true, as far as is known: `now` if it may at once.
  TimePoint usable_from(TimePoint now, ProjectMark project) const noexcept;

 private:
  // What the breaker is to projects other than the one that it is shut to.
  enum class Others : std::uint8_t { shut, probe, free };
  struct Failures {
    ProjectMark project;
    int count;
  };

  // With changing_ held.
  bool count(ProjectMark project, TimePoint now) noexcept;  // true: that opened it
  void open(int openings, ProjectMark project, Others others, TimePoint now) noexcept;

  const TargetHealthOptions options_;
  const int to_open_all_, counted_per_project_;

  std::mutex changing_;                              // guards the row, and changes of what the breaker is
  std::vector<Failures> row_;                        // in a row, by project; never more than was reserved
  std::atomic<bool> has_row_{false};                 // row_ is not empty
  std::atomic<int> openings_{0};                     // in a row; 0: closed
  std::atomic<ProjectMark> shut_to_{nullptr};        // whose failures opened it last
  std::atomic<Others> others_{Others::shut};         // while it is not closed
  std::atomic<std::int64_t> open_until_{INT64_MIN};  // ns on the monotonic clock
  std::atomic<std::int64_t> cooling_until_{INT64_MIN};
  std::atomic<std::int64_t> troubled_{INT64_MIN};  // when something was wrong last
  std::atomic<Cooling> cooling_why_{Cooling::rate_limited};
  std::atomic<bool> asks_again_{false};               // the cooling was shortened: one probe at a time until a success
  std::atomic<std::uint32_t> probe_{0};               // the one under way; 0: none
  std::atomic<std::uint32_t> probes_{0};              // so far
  std::atomic<std::int64_t> probe_until_{INT64_MIN};  // it keeps its place
};

}  // namespace gateway
