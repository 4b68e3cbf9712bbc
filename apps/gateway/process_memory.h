// How much memory this process has.
#pragma once

#include <cstdint>

namespace gateway::app {

// Bytes in main memory, as the operating system counts them; 0: it cannot be read.
std::int64_t resident_bytes();

}  // namespace gateway::app
