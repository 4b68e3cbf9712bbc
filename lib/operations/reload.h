// A reload of the configuration file.
#pragma once

#include <string>
#include <vector>

namespace gateway::operations {

struct ReloadAnswer {
  std::vector<std::string> mistakes;       // that kept it from being done; none: it is done
  std::vector<std::string> after_restart;  // the keys whose change waits for a restart
};

}  // namespace gateway::operations
