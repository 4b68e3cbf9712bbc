// Recorded traffic played against another configuration, before it is rolled out: what would have gone elsewhere, been
// refused, cost more.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gateway/config.h"
#include "gateway/result.h"
#include "gateway/row.h"

namespace gateway::sim {

/// What rows say of the requests that they are of, and of how providers behaved, in some 40 bytes a request.
class Recording {
 public:
  Recording();
  ~Recording();
  Recording(Recording&&) noexcept;
  Recording& operator=(Recording&&) noexcept;

  /// In the order of requests, attempts and entries, as Ledger::rows has them, oldest first. Open rows, and operations
  /// other than chat and embeddings, are left out.
  void add(const Row& row);
  std::size_t requests() const noexcept;
  std::size_t left_out() const noexcept;  ///< rows

  struct State;
  const State& state() const noexcept { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

/// Requests of one model that were answered, or not, in one way and would be in another. "PROVIDER MODEL" of an answer;
/// else the status and code of the refusal, or of the failure.
struct ReplayedRoute {
  std::string model{}, was{}, now{};
  std::int64_t requests = 0;
};

struct ReplayedCost {
  std::string name{};  ///< of a model as it was asked for, or of a project
  std::int64_t requests = 0;
  MoneySum was{}, now{};
};

struct Replayed {
  std::int64_t requests = 0;
  std::int64_t unchanged = 0;  ///< answered by the same target, or not answered before and now
  std::int64_t answered_before = 0, answered_now = 0;
  WallTime first{}, last{};  ///< when they were accepted
  MoneySum was{}, now{};
  std::vector<ReplayedRoute> differences{};        ///< most requests first
  std::vector<ReplayedCost> models{}, projects{};  ///< by name
};

/// Sends the recorded requests, as far apart as they came, to a gateway with this configuration; each target fails and
/// takes its time as often as it did when recorded, and one that is not in the recording behaves as all others together
/// do when they answer. `stored`: projects that the configuration does not have, with their limits; one that is in
/// neither has none. What the ledger does not have is assumed: prompts of the recorded number of tokens, of which at
/// most 4096 are sent; `max_tokens` of up to twice the recorded output and at least 256; caps of which nothing is spent
/// at the beginning. What was written to a provider's cache counts as input. Errors: a configuration that cannot work.
Result<Replayed> replay(const Recording& recording, const Config& config, const std::vector<ProjectConfig>& stored,
                        std::uint64_t seed = 1);

}  // namespace gateway::sim
