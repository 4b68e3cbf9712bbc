#include "app/process_memory.h"

#include <unistd.h>

#include <fstream>

namespace gateway::app {

std::int64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::int64_t all = 0, resident = 0;
  if (!(file >> all >> resident)) return 0;
  return resident * ::sysconf(_SC_PAGESIZE);
}

}  // namespace gateway::app
