// The library's front door: a Core that all threads share, and a Gateway for each of them.
//
//   auto core = Core::create({.config = config, .store = store, .now = timer.now(), .wall = timer.wall()}).value();
//   Gateway gateway(*core, 0, timer, upstream);
//   auto exchange = gateway.open(head, client);   // then on_body..., on_end
//
// See examples/01_in_process.cc, and docs/internals/life-of-a-request.md for what happens inside.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/client.h"
#include "gateway/config.h"
#include "gateway/exchange.h"
#include "gateway/journal.h"
#include "gateway/live_figures.h"
#include "gateway/log.h"
#include "gateway/result.h"
#include "gateway/store.h"
#include "gateway/timer.h"
#include "gateway/upstream.h"

namespace gateway {

/// A provider's model list, as it was fetched.
struct FetchedCatalogue {
  std::string provider;
  std::string json;
  WallTime fetched{};
  std::string base_url{};  ///< it is that one's alone: the same name elsewhere may cost anything
};

struct CoreOptions {
  Config config{};
  Store* store = nullptr;     ///< required; outlives the Core
  std::uint64_t process = 1;  ///< this process's identity in rows and leases; never one used before
  /// Makes another identity, for a process that was taken for dead by others while it was stopped or cut off from the
  /// store, and fenced (see Leases::fence): it goes on under that one. Optional; without it nothing can be written any
  /// more, and so nothing is dispatched, until a restart. Called by pump().
  std::function<std::uint64_t()> new_process{};
  std::vector<Journal*> journals{};  ///< one per Gateway to come; empty: one is kept in memory for each
  unsigned workers = 1;              ///< Gateways to come
  /// How soon a record of a journal is to be in the store. pump() returns when to call it again for that, and may leave
  /// open rows in the journal meanwhile, while they are younger than two fifths of it: most are settled by then, and
  /// need storing once. 0: as soon as pump() is called, and no row is left. With durability `power` none is.
  std::chrono::milliseconds store_within{0};
  TimePoint now{};  ///< when it is created
  WallTime wall{};
  LogCallback log{};  ///< optional
  /// Model lists fetched earlier: prices to begin with, until a list is fetched anew. What cannot be read is left out.
  std::vector<FetchedCatalogue> catalogues{};
  /// Hears of each list that was fetched and is in force now. Called on the thread of Gateway 0, with no lock held: it
  /// may call the Core. Optional.
  std::function<void(const FetchedCatalogue&)> on_catalogue{};
  /// Providers of type `simulated`, by name, that are called through the Upstream as all others are: for whoever plays
  /// them. Their prices stay their own.
  std::vector<std::string> played{};
  /// More text for metrics(), in its format. Any thread. Optional.
  std::function<std::string()> more_metrics{};
};

/// Counters for monitoring; see docs/metrics.md for the names they are published under.
struct CoreStats {
  std::int64_t in_flight = 0;
  std::int64_t buffered_bytes = 0;      ///< of request bodies, and of what is kept of answers
  std::int64_t ledger_queued = 0;       ///< journal records not yet in the store
  std::int64_t journal_damaged = 0;     ///< records that could not be read, since the start
  std::int64_t threshold_warnings = 0;  ///< soft thresholds of spend caps that were passed, since the start
  bool ledger_writable = true;
  bool draining = false;
  std::optional<StagedShare> staged{};  ///< of the requests, what the staged configuration serves; absent: none is
};

/// What the threads share: the configuration snapshot, limits, spend accounts, prices, health, the ledger. Reads no
/// clock, starts no thread: pump() is to be called every few milliseconds from one thread, which may block on the
/// store.
class Core {
 public:
  /// Reads projects, keys and spend accounts from the store. Errors: a configuration that cannot work; a store that
  /// cannot.
  static Result<std::unique_ptr<Core>> create(CoreOptions options);
  virtual ~Core() = default;

  /// Applies a new configuration, completely or not at all. Exchanges under way keep the old one. Any thread.
  virtual Result<void> reload(Config config) = 0;
  /// Has a new configuration serve a share of the requests beside the one in force, until reload() or unstage(): of all
  /// requests, or all requests of a share of the projects, which a hash decides that never changes. Projects with their
  /// limits and caps are those in force, since both configurations use the same accounts; so are the server's own
  /// settings. Its breakers, and what is known of its targets, are its own. Another one that was staged is replaced.
  virtual Result<void> stage(Config config, StagedShare share) = 0;
  virtual void unstage() = 0;
  /// From now on the provider is asked with this key, whose configuration says that a command makes it; reloads keep
  /// it. Attempts under way keep the one before. Error: there is no such provider, or the key cannot be sent. Any
  /// thread.
  virtual Result<void> set_credential(std::string_view provider, Secret key) = 0;
  /// The ledger's work: journal records go into the store, leases and accounts are renewed, changes to projects and
  /// keys are picked up. Never throws work away: what cannot be written now stays in the journal. One thread at a time.
  /// Returns when everything is to be in the store by the next call: see CoreOptions::store_within.
  virtual TimePoint pump(TimePoint now, WallTime wall) = 0;
  /// Projects or keys in the store were changed by whoever calls this: the next pump() reads them, without waiting for
  /// its time to look. Any thread.
  virtual void tenants_changed() noexcept = 0;
  /// Finds the calls of the last days that were cut off, and whose costs an earlier process was still to query from
  /// providers: Gateway 0 queries them from now on. Returns how many. Call it after dead processes have been
  /// recovered. `store` is read, which may take seconds: another connection to the same ledger, so that pump() need not
  /// wait. Any thread.
  virtual Result<std::size_t> resume_backfill(Store& store, WallTime now) = 0;
  /// From now on GET /readyz answers 503, and requests are still served: so that balancers send no more of them before
  /// drain() is called.
  virtual void end_readiness() = 0;
  /// Counts a refusal that no Gateway has made, of a connection or of a call of the administration, with those that
  /// are: in gateway_refused_total, and now and then in the log. `reason` is the error code of the answer, `client` an
  /// address. Any thread.
  virtual void count_refused(std::string_view reason, std::string_view client, TimePoint now) = 0;
  /// From now on requests are refused with 503; for shutting down.
  virtual void drain() = 0;
  virtual CoreStats stats() const = 0;
  /// The breakers of all configured targets, by provider and model. Any thread.
  virtual std::vector<TargetHealthView> health(TimePoint now) const = 0;
  /// What of its limits each project has in use, by name. Any thread.
  virtual std::vector<ProjectLimitsView> limits(TimePoint now) const = 0;
  /// The identity under which it writes now: see CoreOptions::new_process. Any thread.
  virtual std::uint64_t process() const noexcept = 0;
  /// Prometheus text exposition format 0.0.4. Any thread.
  virtual std::string metrics(TimePoint now, WallTime wall) const = 0;
};

struct GatewayWorker;

/// One per thread; everything of it happens on that thread.
class Gateway {
 public:
  /// `worker` counts from 0 to CoreOptions::workers - 1. All three outlive the Gateway, which outlives its exchanges.
  Gateway(Core& core, unsigned worker, Timer& timer, Upstream& upstream);
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  /// A request's head has come. Authenticates, and may answer the client before it returns (then wants_body() is
  /// false).
  std::unique_ptr<Exchange> open(const RequestHead& head, Client& client);

 private:
  std::unique_ptr<GatewayWorker> worker_;
};

}  // namespace gateway
