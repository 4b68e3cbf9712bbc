#include "app/background/ledger_sweep.h"

#include <filesystem>
#include <optional>

#include "adapters/mapped/journal_file.h"
#include "gateway/mapped_journal.h"
#include "gateway/process_id.h"
#include "ledger/sweep.h"

namespace gateway::app {

Result<operations::SweepAnswer> sweep_ledger(Store& store, const std::string& journal_directory, WallTime now) {
  operations::SweepAnswer sweep;
  std::optional<Error> failed;
  const auto recover = [&](MappedJournals::Orphan& orphan) {
    const Result<SweepReport> report = sweep_process(store, store, orphan.records, orphan.process, now);
    if (!report) {
      failed = report.error();
      return false;
    }
    sweep.report += *report;
    if (!orphan.readable) sweep.unreadable.push_back(orphan.path);
    return orphan.readable;
  };
  std::error_code ignored;
  if (std::filesystem::is_directory(journal_directory, ignored)) {
    if (auto done = MappedJournals::sweep(journal_directory, recover); !done) return done.error();
    if (failed) return *failed;
  }
  // Who died since the journals were looked through, or whose journal another is replaying, is not lost: closing its
  // rows now would bill the hold of one that is settled there.
  const auto runs_here = [&](std::uint64_t process) {
    return std::filesystem::exists(journal_directory + "/" + mapped::file_name(process), ignored) ||
           is_running(process);
  };
  const Result<SweepReport> lost = sweep_lost(store, store, runs_here, now);
  if (!lost) return lost.error();
  sweep.report += *lost;
  return sweep;
}

}  // namespace gateway::app
