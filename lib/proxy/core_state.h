// The Core: what the threads share, and the ledger's side of it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/shared_room.h"
#include "gateway/gateway.h"
#include "ledger/writer.h"
#include "proxy/accounts.h"
#include "proxy/answer_lookups.h"
#include "proxy/health_ref.h"
#include "proxy/metrics.h"
#include "proxy/project_state.h"
#include "proxy/refused_meter.h"
#include "proxy/snapshot.h"

namespace gateway {

class CoreState final : public Core {
 public:
  explicit CoreState(CoreOptions options);

  // First reading of everything; create() calls it once.
  Result<void> begin();

  Result<void> reload(Config config) override;
  Result<void> stage(Config config, StagedShare share) override;
  void unstage() override;
  Result<void> set_credential(std::string_view provider, Secret key) override;
  TimePoint pump(TimePoint now, WallTime wall) override;
  void tenants_changed() noexcept override { tenants_changed_.store(true, std::memory_order_relaxed); }
  Result<std::size_t> resume_backfill(Store& store, WallTime now) override;
  void end_readiness() override { ready_.store(false, std::memory_order_relaxed); }
  void count_refused(std::string_view reason, std::string_view client, TimePoint now) override;
  void drain() override { draining_.store(true, std::memory_order_relaxed); }
  CoreStats stats() const override;
  std::vector<TargetHealthView> health(TimePoint now) const override;
  std::vector<ProjectLimitsView> limits(TimePoint now) const override;
  std::string metrics(TimePoint now, WallTime wall) const override;

  // --- the workers' side, any thread
  std::uint64_t process() const noexcept override { return process_.load(std::memory_order_relaxed); }
  Durability durability() const noexcept { return durability_.load(std::memory_order_relaxed); }
  std::uint64_t snapshot_version() const noexcept { return version_.load(std::memory_order_acquire); }
  Snapshots snapshots() const;
  std::shared_ptr<const Snapshot> snapshot() const { return snapshots().in_force; }
  // By its name, in the configuration in force or else in the staged one. Null: there is none.
  std::shared_ptr<const Provider> provider(std::string_view name) const;
  Journal& journal(unsigned worker) { return *journals_[worker]; }
  void set_catalogue(const std::string& provider, std::shared_ptr<const Catalogue> catalogue);
  void tell(const FetchedCatalogue& catalogue) const {
    if (options_.on_catalogue) options_.on_catalogue(catalogue);
  }
  bool is_played(std::string_view provider) const noexcept;  // see CoreOptions::played
  std::vector<Row> take_resumed();                           // each found by resume_backfill(), once
  bool ledger_writable() const noexcept { return ledger_writable_.load(std::memory_order_relaxed); }
  bool ready() const noexcept { return ready_.load(std::memory_order_relaxed) && !draining(); }
  bool draining() const noexcept { return draining_.load(std::memory_order_relaxed); }
  void log(LogLevel level, std::string_view message, std::string_view request = {}) const;
  void log(const ExchangeRecord& record, std::string_view request) const;

  HealthTable breakers{4096};              // by provider and its model
  BoundedTable<ModelMeans> means{16384};   // by project and model
  std::atomic<std::int64_t> in_flight{0};  // exchanges that wait for an answer or get one
  SharedRoom buffered;                     // their requests' bodies, and what is kept of their answers
  SharedRoom buffered_waiting;             // of that, what belongs to answers that wait for more of it
  AnswerLookups answer_lookups;
  RefusedMeter refused;
  Metrics meters;

 private:
  struct Staged {
    Config config;
    StagedShare share;
  };
  // Makes new snapshots of config_, staged_, tenants_ and catalogues_, and has the workers find them. With changing_
  // held; says nothing, since a log callback may call this Core.
  Result<void> rebuild();
  Result<std::shared_ptr<const Snapshot>> snapshot_of_staged(const Snapshot* before);
  Config with_credentials(Config config) const;
  void warn_of_logged_bodies() const;
  void watch_tenants();
  WallTime::duration patience() const;  // with open rows
  // How long the oldest of the rows that were left has been waiting.
  WallTime::duration drain_journals(TimePoint now, WallTime wall);
  void beat(TimePoint now, WallTime wall);
  // Goes on under a new id if `error` reports that this process was fenced. False: it cannot, or was not.
  bool rejoin(const Error& error);

  CoreOptions options_;
  std::atomic<std::uint64_t> process_;
  std::vector<std::unique_ptr<Journal>> own_journals_;
  std::vector<Journal*> journals_;
  LedgerWriter writer_;
  Accounts accounts_;
  ProjectStates projects_;

  std::mutex changing_;  // one change at a time; held while a snapshot is made. Guards what one is made of:
  Config config_;
  std::optional<Staged> staged_;
  bool stages_anew_ = false;  // staged_ is another one than that of the snapshot
  // A key that a command made: for the provider as it was configured then, at no other address.
  struct Credential {
    std::string base_url;
    std::vector<std::string> run;
    Secret key;
    bool is_for(const ProviderConfig& provider) const {
      return !run.empty() && provider.base_url == base_url && provider.token_command.run == run;
    }
  };
  std::map<std::string, Credential, std::less<>> credentials_;  // by provider
  TenantChange tenants_;
  Catalogues catalogues_;

  mutable std::mutex handing_over_;  // never held for long. Guards:
  Snapshots snapshots_;
  std::vector<Row> resumed_;
  std::atomic<std::uint64_t> version_{0};

  std::atomic<bool> ledger_writable_{true};
  std::atomic<std::int64_t> damaged_{0};
  std::atomic<std::int64_t> threshold_warnings_{0};
  std::atomic<bool> draining_{false}, ready_{true};
  std::atomic<Durability> durability_{Durability::process};
  std::uint64_t tenants_version_ = 0;
  TimePoint tenants_seen_{};
  std::atomic<bool> tenants_changed_{false};
  TimePoint next_write_{};
  TimePoint next_beat_{};
};

}  // namespace gateway
