// Random bytes of the operating system, for keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace gateway::app {

// Waits until the system's generator is seeded; ends the process if there is none.
void fill_random(std::span<std::uint8_t> bytes);

}  // namespace gateway::app
