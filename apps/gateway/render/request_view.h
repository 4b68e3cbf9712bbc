// One request as it is shown: its attempts, when each waited and answered, and what it cost.
#pragma once

#include <string>

#include "operations/one_request.h"

namespace gateway::app {

struct TextLook {
  std::size_t columns = 80;
  bool colour = false;
  bool ascii = false;
};

std::string request_json(const operations::RequestView& view);
std::string request_text(const operations::RequestView& view, WallTime now, const TextLook& look);

// "250ms", "1.25s", "3m05s".
std::string length_text(std::chrono::microseconds length);

}  // namespace gateway::app
