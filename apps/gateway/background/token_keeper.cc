#include "app/background/token_keeper.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "app/background/token_command.h"
#include "app/clock.h"
#include "base/prometheus.h"

namespace gateway::app {
namespace {

using Clock = std::chrono::steady_clock;

bool is_same(const ProviderConfig& a, const ProviderConfig& b) {
  return a.base_url == b.base_url && a.token_command.run == b.token_command.run;
}

Clock::duration until_next(const TokenCommand& command, const MadeToken& token) {
  Clock::duration wait = command.every;
  if (token.lives) wait = std::min(wait, std::chrono::duration_cast<Clock::duration>(*token.lives) * 3 / 4);
  return wait;
}

Clock::duration after_failures(int failures) {
  return std::chrono::seconds(std::min(60, 1 << std::min(failures - 1, 6)));
}

}  // namespace

TokenKeeper::TokenKeeper(Config config, LogCallback log) : log_(std::move(log)) { use(config); }

void TokenKeeper::start(Core& core) {
  run_due({}, core);
  thread_ = std::jthread([this, &core](const std::stop_token& stop) { run(stop, core); });
}

void TokenKeeper::use(const Config& config) {
  const std::lock_guard lock(mutex_);
  std::map<std::string, Kept> before = std::exchange(kept_, {});
  for (const ProviderConfig& provider : config.providers) {
    if (provider.token_command.run.empty()) continue;
    Kept& kept = kept_[provider.name];
    const auto found = before.find(provider.name);
    if (found != before.end() && is_same(found->second.provider, provider)) kept = std::move(found->second);
    kept.provider = provider;
  }
  has_changed_ = true;
  changed_.notify_all();
}

void TokenKeeper::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void TokenKeeper::run(const std::stop_token& stop, Core& core) {
  while (!stop.stop_requested()) {
    run_due(stop, core);
    std::unique_lock lock(mutex_);
    auto next = Clock::now() + std::chrono::hours(1);
    for (const auto& [name, kept] : kept_) next = std::min(next, kept.due);
    changed_.wait_until(lock, stop, next, [this] { return has_changed_; });
    has_changed_ = false;
  }
}

void TokenKeeper::run_due(const std::stop_token& stop, Core& core) {
  std::vector<ProviderConfig> due;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, kept] : kept_) {
      if (kept.due <= Clock::now()) due.push_back(kept.provider);
    }
  }
  for (const ProviderConfig& provider : due) {
    if (!stop.stop_requested()) make(provider, stop, core);
  }
}

void TokenKeeper::make(const ProviderConfig& provider, const std::stop_token& stop, Core& core) {
  auto token = make_token(provider.token_command, wall_now(), stop);
  bool is_new = false, has_one = false;
  {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(provider.name);
    if (stop.stop_requested() || found == kept_.end() || !is_same(found->second.provider, provider)) return;
    Kept& kept = found->second;
    has_one = !kept.key.empty();
    if (token) {
      is_new = !kept.key.equals(token->key.reveal());
      kept.key = token->key;
      kept.failures = 0;
      kept.due = Clock::now() + until_next(provider.token_command, *token);
    } else {
      ++kept.failures;
      ++kept.all_failures;
      kept.due = Clock::now() + after_failures(kept.failures);
    }
  }
  Result<void> set;
  if (token && is_new) set = core.set_credential(provider.name, std::move(token->key));
  if (token && set) return;
  const std::string& why = token ? set.error().detail : token.error().detail;
  const char* rest = has_one ? "; the token before is used on" : "; it has none";
  log_({LogLevel::error, fmt::format("provider {}: no new token: {}{}", provider.name, why, rest), {}, nullptr});
}

std::string TokenKeeper::metrics() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  if (kept_.empty()) return out;
  constexpr std::string_view kFresh = "gateway_provider_token_fresh", kFailed = "gateway_provider_token_failures_total";
  prometheus::append_family(out, kFresh, "gauge", "1: the provider's token command brought a token the last time.");
  for (const auto& [name, kept] : kept_) {
    out += fmt::format("{}{{provider=\"{}\"}} {}\n", kFresh, name, !kept.key.empty() && kept.failures == 0 ? 1 : 0);
  }
  prometheus::append_family(out, kFailed, "counter", "Runs of the provider's token command that brought none.");
  for (const auto& [name, kept] : kept_) {
    out += fmt::format("{}{{provider=\"{}\"}} {}\n", kFailed, name, kept.all_failures);
  }
  return out;
}

}  // namespace gateway::app
