// Who wrote a row, holds a slice, owns a journal: a number for each process that ever ran here.
#pragma once

#include <cstdint>

namespace gateway {

/// This process's: its pid in the low 22 bits, above them a digest of when it started and of the machine's boot, so
/// that it does not come again when the pid does. The same for the life of the process, but not across fork(). Never 0.
std::uint64_t current_process();

/// Another one for this process, which others have taken for dead under the one that it had. Each call makes a new one;
/// a process has kMaxProcessIds in all, and then the same comes again.
inline constexpr unsigned kMaxProcessIds = 64;
std::uint64_t next_process();

/// Whether that process runs on this machine. True also if it cannot be found out. Processes of other containers
/// look gone unless they share this one's process ids: their journals' locks decide (see MappedJournals::alive).
bool is_running(std::uint64_t process);

}  // namespace gateway
