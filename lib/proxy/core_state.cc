#include "proxy/core_state.h"

#include <algorithm>
#include <utility>

#include "base/config_check.h"
#include "ledger/pending_rows.h"
#include "proxy/backfill.h"
#include "proxy/catalogue_watch.h"
#include "proxy/core_metrics.h"
#include "proxy/live_figures.h"
#include "proxy/routing_view.h"

namespace gateway {
namespace {

constexpr std::size_t kRingOfOwn = 8192;
constexpr auto kTenantsEvery = std::chrono::milliseconds(250);
constexpr std::size_t kStagedBreakers = 1024;
constexpr std::size_t kBatch = 4096;
constexpr int kMostBatches = 16;  // between looks at tenants and accounts
// Others take this process for dead once it has not been heard of for a life.
constexpr auto kBeatEvery = std::chrono::seconds(5);
constexpr auto kRetryBeat = std::chrono::seconds(1);
constexpr auto kLife = std::chrono::seconds(30);
constexpr auto kRetryWrite = std::chrono::milliseconds(100);

std::vector<Journal*> pointers(const CoreOptions& options, std::vector<std::unique_ptr<Journal>>& own) {
  if (!options.journals.empty()) return options.journals;
  std::vector<Journal*> out;
  for (unsigned i = 0; i < options.workers; ++i) {
    own.push_back(Journal::in_memory(kRingOfOwn, options.process));
    out.push_back(own.back().get());
  }
  return out;
}

}  // namespace

Result<std::unique_ptr<Core>> Core::create(CoreOptions options) {
  if (options.store == nullptr) return Error{ErrorCode::invalid, "a core needs a store"};
  if (auto sound = expect_sound(options.config); !sound) return std::move(sound).error();
  if (!options.journals.empty()) options.workers = static_cast<unsigned>(options.journals.size());
  auto core = std::make_unique<CoreState>(std::move(options));
  if (auto begun = core->begin(); !begun) return std::move(begun).error();
  return std::unique_ptr<Core>(std::move(core));
}

// Every Core is one: create() is the only way to one.
RoutingView routing_of(const Core& core) {
  const auto& state = static_cast<const CoreState&>(core);
  return {state.snapshot(), state.breakers};
}

CoreState::CoreState(CoreOptions options)
    : meters(options.workers),
      options_(std::move(options)),
      process_(options_.process),
      journals_(pointers(options_, own_journals_)),
      writer_(*options_.store, journals_, options_.process),
      accounts_(*options_.store, *options_.store, options_.process,
                [this](const std::string& project, const SpendCap& cap, int percent, Money spent) {
                  threshold_warnings_.fetch_add(1, std::memory_order_relaxed);
                  log(LogLevel::warning, "project " + project + " has spent " + spent.to_string() +
                                             " USD: " + std::to_string(percent) + " % of its cap per " +
                                             std::string(to_string(cap.period)));
                }),
      config_(options_.config) {}

Result<void> CoreState::begin() {
  if (auto known = options_.store->heartbeat(process(), options_.wall, kLife); !known) return known;
  next_beat_ = options_.now + kBeatEvery;
  auto version = options_.store->tenants_version();
  if (!version) return std::move(version).error();
  auto tenants = options_.store->tenants();
  if (!tenants) return std::move(tenants).error();
  {
    const std::lock_guard lock(changing_);
    tenants_version_ = *version;
    tenants_ = std::move(*tenants);
    for (const FetchedCatalogue& each : options_.catalogues) {
      if (auto catalogue = read_catalogue(each)) catalogues_[each.provider] = std::move(*catalogue);
    }
    if (auto built = rebuild(); !built) return built;
  }
  if (options_.config.log_bodies) warn_of_logged_bodies();
  return accounts_.renew(*snapshot(), options_.now, options_.wall);
}

// The configuration with the keys that commands made.
Config CoreState::with_credentials(Config config) const {
  for (ProviderConfig& provider : config.providers) {
    const auto made = credentials_.find(provider.name);
    if (made != credentials_.end() && made->second.is_for(provider)) provider.api_key = made->second.key;
  }
  return config;
}

Result<void> CoreState::set_credential(std::string_view provider, Secret key) {
  const std::lock_guard lock(changing_);
  const auto found = std::find_if(config_.providers.begin(), config_.providers.end(),
                                  [provider](const ProviderConfig& each) { return each.name == provider; });
  if (found == config_.providers.end() || found->token_command.run.empty()) {
    return Error{ErrorCode::not_found, "no provider '" + std::string(provider) + "' has its key made by a command"};
  }
  Credential& credential = credentials_[found->name];
  Credential before = std::exchange(credential, {found->base_url, found->token_command.run, std::move(key)});
  auto built = rebuild();
  if (!built) credential = std::move(before);
  return built;
}

Result<void> CoreState::rebuild() {
  const Snapshots before = snapshots();
  auto built = make_snapshot(
      with_credentials(config_), tenants_, catalogues_,
      [this](const std::string& name) { return &projects_.get(name); },
      before.in_force != nullptr ? &before.in_force->router : nullptr);
  if (!built) return std::move(built).error();
  Snapshots made{std::move(*built), nullptr, {}};
  if (staged_) {
    auto staged = snapshot_of_staged(stages_anew_ ? nullptr : before.staged.get());
    if (!staged) return std::move(staged).error();
    made.staged = std::move(*staged);
    made.share = staged_->share;
    stages_anew_ = false;
  }
  catalogues_ = made.in_force->catalogues;  // without those of providers that are gone
  durability_.store(config_.durability, std::memory_order_relaxed);
  const std::lock_guard lock(handing_over_);
  std::swap(snapshots_, made);  // those before may be freed after the lock
  version_.fetch_add(1, std::memory_order_release);
  return {};
}

// Both configurations use the same accounts: so they must have the same projects, with the same limits and caps.
Result<std::shared_ptr<const Snapshot>> CoreState::snapshot_of_staged(const Snapshot* before) {
  Config config = with_credentials(staged_->config);
  config.projects = config_.projects;
  config.server = config_.server;
  config.insforge = config_.insforge;
  return make_snapshot(
      config, tenants_, catalogues_, [this](const std::string& name) { return &projects_.get(name); },
      before != nullptr ? &before->router : nullptr,
      before != nullptr ? before->own_breakers : std::make_shared<HealthTable>(kStagedBreakers));
}

void CoreState::warn_of_logged_bodies() const {
  log(LogLevel::warning, "log_bodies is on: PROMPTS AND ANSWERS ARE WRITTEN TO THE LOG");
}

Result<void> CoreState::reload(Config config) {
  if (auto sound = expect_sound(config); !sound) return sound;
  const bool logs_bodies = config.log_bodies;
  bool logged_bodies = false;
  {
    const std::lock_guard lock(changing_);
    logged_bodies = config_.log_bodies;
    std::swap(config_, config);
    std::optional<Staged> staged = std::exchange(staged_, std::nullopt);
    if (auto built = rebuild(); !built) {
      std::swap(config_, config);
      std::swap(staged_, staged);
      return built;
    }
  }
  if (logs_bodies && !logged_bodies) warn_of_logged_bodies();
  return {};
}

Result<void> CoreState::stage(Config config, StagedShare share) {
  if (share.percent < 1 || share.percent > 99)
    return Error{ErrorCode::invalid, "a staged configuration serves from 1 to 99 percent"};
  if (auto sound = expect_sound(config); !sound) return sound;
  const std::lock_guard lock(changing_);
  // Commands make keys for the configuration in force alone.
  for (const ProviderConfig& provider : config.providers) {
    const auto runs = [&provider](const ProviderConfig& each) {
      return each.name == provider.name && each.base_url == provider.base_url &&
             each.token_command.run == provider.token_command.run;
    };
    if (provider.token_command.run.empty() || std::any_of(config_.providers.begin(), config_.providers.end(), runs))
      continue;
    return Error{ErrorCode::invalid, "providers." + provider.name +
                                         ": its token_command is new, and none runs before the configuration is in "
                                         "force: reload all of it"};
  }
  std::optional<Staged> before = std::exchange(staged_, Staged{std::move(config), share});
  stages_anew_ = true;
  auto built = rebuild();
  if (!built) std::swap(staged_, before);
  stages_anew_ = false;
  return built;
}

void CoreState::unstage() {
  const Result<void> built = [&] {
    const std::lock_guard lock(changing_);
    staged_.reset();
    return rebuild();
  }();
  if (!built) log(LogLevel::error, built.error().detail);
}

void CoreState::set_catalogue(const std::string& provider, std::shared_ptr<const Catalogue> catalogue) {
  const Result<void> built = [&] {
    const std::lock_guard lock(changing_);
    catalogues_[provider] = std::move(catalogue);
    return rebuild();
  }();
  if (!built) log(LogLevel::error, built.error().detail);
}

Snapshots CoreState::snapshots() const {
  const std::lock_guard lock(handing_over_);
  return snapshots_;
}

std::shared_ptr<const Provider> CoreState::provider(std::string_view name) const {
  const Snapshots now = snapshots();
  for (const Snapshot* each : {now.in_force.get(), now.staged.get()}) {
    if (each == nullptr) continue;
    if (const auto found = each->providers.find(name); found != each->providers.end()) return found->second;
  }
  return nullptr;
}

bool CoreState::is_played(std::string_view provider) const noexcept {
  return std::find(options_.played.begin(), options_.played.end(), provider) != options_.played.end();
}

Result<std::size_t> CoreState::resume_backfill(Store& store, WallTime now) {
  auto rows = pending_rows(store, process(), now, Backfill::kMostPending);
  if (!rows) return std::move(rows).error();
  const std::lock_guard lock(handing_over_);
  resumed_ = std::move(*rows);
  return resumed_.size();
}

std::vector<Row> CoreState::take_resumed() {
  const std::lock_guard lock(handing_over_);
  return std::exchange(resumed_, {});
}

// --- the ledger thread ----------------------------------------------------------------------------------------------

TimePoint CoreState::pump(TimePoint now, WallTime wall) {
  WallTime::duration waited{0};
  if (now >= next_beat_) beat(now, wall);
  if (now >= next_write_) waited = drain_journals(now, wall);
  answer_lookups.serve(*options_.store);
  if (now - tenants_seen_ >= kTenantsEvery || tenants_changed_.exchange(false, std::memory_order_relaxed)) {
    tenants_seen_ = now;
    watch_tenants();
  }
  if (auto renewed = accounts_.renew(*snapshot(), now, wall);
      !renewed && !rejoin(renewed.error()) && ledger_writable()) {
    log(LogLevel::warning, "spend accounts could not be renewed: " + renewed.error().detail);
  }
  // With durability `power` answers wait for their rows.
  const bool awaited = durability_.load(std::memory_order_relaxed) == Durability::power;
  return now + (awaited ? patience() : options_.store_within - waited);
}

WallTime::duration CoreState::patience() const { return 2 * options_.store_within / 5; }

WallTime::duration CoreState::drain_journals(TimePoint now, WallTime wall) {
  const bool at_once = durability_.load(std::memory_order_relaxed) == Durability::power || draining();
  const JournalReader::Leave leave{wall, at_once ? WallTime::duration::zero() : patience()};
  for (int batches = 0; batches < kMostBatches; ++batches) {
    const auto drained = writer_.drain(kBatch, leave);
    if (!drained && rejoin(drained.error())) continue;
    if (ledger_writable_.exchange(drained.has_value(), std::memory_order_relaxed) != drained.has_value()) {
      log(drained ? LogLevel::info : LogLevel::error,
          drained ? "the ledger can be written again" : "the ledger cannot be written: " + drained.error().detail);
    }
    if (!drained) {
      next_write_ = now + kRetryWrite;
      return {};
    }
    damaged_.fetch_add(static_cast<std::int64_t>(drained->damaged), std::memory_order_relaxed);
    for (const AppendedCost& cost : drained->costs) accounts_.appended(projects_.get(cost.project), cost);
    if (!drained->more) return drained->waited;
  }
  return {};
}

void CoreState::beat(TimePoint now, WallTime wall) {
  auto beaten = options_.store->heartbeat(process(), wall, kLife);
  if (!beaten && rejoin(beaten.error())) beaten = options_.store->heartbeat(process(), wall, kLife);
  next_beat_ = now + (beaten ? kBeatEvery : kRetryBeat);
}

bool CoreState::rejoin(const Error& error) {
  if (error.code != ErrorCode::fenced || !options_.new_process) return false;
  const std::uint64_t process = options_.new_process();
  process_.store(process, std::memory_order_relaxed);
  writer_.write_as(process);
  accounts_.act_as(process);
  next_beat_ = TimePoint{};
  log(LogLevel::warning,
      "another process took this one for dead and closed its rows; it goes on under a new id, and corrects them");
  return true;
}

void CoreState::watch_tenants() {
  const auto version = options_.store->tenants_version();
  if (!version || *version == tenants_version_) return;
  auto tenants = options_.store->tenants();
  if (!tenants) return;
  const Result<void> built = [&] {
    const std::lock_guard lock(changing_);
    tenants_version_ = *version;
    tenants_ = std::move(*tenants);
    return rebuild();
  }();
  if (!built) log(LogLevel::error, built.error().detail);
}

// --- watching -------------------------------------------------------------------------------------------------------

CoreStats CoreState::stats() const {
  CoreStats out;
  out.in_flight = in_flight.load(std::memory_order_relaxed);
  out.buffered_bytes = buffered.taken();
  for (const Journal* journal : journals_) out.ledger_queued += static_cast<std::int64_t>(journal->queued());
  out.journal_damaged = damaged_.load(std::memory_order_relaxed);
  out.threshold_warnings = threshold_warnings_.load(std::memory_order_relaxed);
  out.ledger_writable = ledger_writable();
  out.draining = draining();
  if (const Snapshots now = snapshots(); now.staged != nullptr) out.staged = now.share;
  return out;
}

std::vector<TargetHealthView> CoreState::health(TimePoint now) const {
  return target_health(*snapshot(), breakers, now);
}

std::vector<ProjectLimitsView> CoreState::limits(TimePoint now) const { return project_limits(*snapshot(), now); }

std::string CoreState::metrics(TimePoint now, WallTime wall) const {
  std::string out;
  meters.write(out);
  refused.write(out);
  write_core_metrics(out, stats(), *snapshot(), health(now), wall);
  if (options_.more_metrics) out += options_.more_metrics();
  return out;
}

void CoreState::count_refused(std::string_view reason, std::string_view client, TimePoint now) {
  const std::string line = refused.sample(reason, now);
  if (line.empty() || !options_.log) return;
  options_.log({.level = LogLevel::warning, .message = line, .request = {}, .exchange = nullptr, .client = client});
}

void CoreState::log(LogLevel level, std::string_view message, std::string_view request) const {
  if (options_.log) options_.log({.level = level, .message = message, .request = request});
}

void CoreState::log(const ExchangeRecord& record, std::string_view request) const {
  if (options_.log)
    options_.log({.level = LogLevel::info, .message = "exchange", .request = request, .exchange = &record});
}

}  // namespace gateway
