#include "app/background/sweeper.h"

#include <fmt/format.h>

#include <utility>

#include "app/clock.h"

namespace gateway::app {
void Sweeper::start(Core& core) {
  thread_ = std::jthread([this, &core](const std::stop_token& stop) { run(stop, core); });
}

void Sweeper::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Sweeper::run(const std::stop_token& stop, Core& core) {
  if (auto store = options_.connect()) resume_backfill(core, **store);
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, options_.every, [] { return false; });
    }
    if (stop.stop_requested()) return;
    recover_dead_processes(core);
  }
}

void Sweeper::recover_dead_processes(Core& core) {
  Error error;
  if (auto store = options_.connect()) {
    const auto swept = sweep(**store);
    if (swept && *swept) resume_backfill(core, **store);
    failing_ = failing_ && !swept;
    if (swept) return;
    error = swept.error();
  } else {
    error = store.error();
  }
  if (!std::exchange(failing_, true)) {
    log(LogLevel::warning, "cannot clear up after processes that died, if there are any: " + error.detail);
  }
}

void Sweeper::resume_backfill(Core& core, Store& store) const {
  const auto found = core.resume_backfill(store, wall_now());
  if (!found) {
    log(LogLevel::warning, "what calls cost that were cut off earlier stays unasked: " + found.error().detail);
  } else if (*found > 0) {
    log(LogLevel::info, fmt::format("the costs of {} calls that were cut off earlier are asked for", *found));
  }
}

Result<bool> Sweeper::sweep(Store& store) {
  const auto swept = sweep_ledger(store, options_.journal_directory, wall_now());
  if (!swept) return swept.error();
  std::size_t known = 0;
  for (const std::string& path : swept->unreadable) {
    if (!unreadable_.insert(path).second) {
      ++known;
    } else {
      log(LogLevel::error, "a journal is damaged and stays where it is: " + path);
    }
  }
  const SweepReport& report = swept->report;
  if (report.processes == known && report.closed == 0) return false;
  const std::size_t dead = report.processes - known;
  log(LogLevel::warning,
      fmt::format(
          "recovered {} dead process{}: {} rows replayed, {} open rows closed (holding {} USD), {} damaged records",
          dead, dead == 1 ? "" : "es", report.replayed, report.closed, report.held.to_string(), report.damaged));
  return true;
}

void Sweeper::log(LogLevel level, const std::string& message) const {
  if (options_.log) options_.log({level, message, {}, nullptr});
}

}  // namespace gateway::app
