// A reload of the configuration file: for all requests, or first for a share of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/config.h"

namespace gateway::operations {

struct ReloadRequest {
  // Stages the file: it serves this share beside the configuration in force. Absent: it is put in force.
  std::optional<StagedShare> share{};
  bool complete = false;  // what is staged is put in force, whatever the file says by now
  bool back = false;      // what is staged serves no longer, and the file is not read
};

struct ReloadAnswer {
  std::vector<std::string> mistakes{};       // that kept it from being done
  std::string conflict{};                    // likewise, in one sentence: nothing is staged, or there is no file
  std::vector<std::string> after_restart{};  // the keys whose change waits for a restart
  bool reloaded = false;                     // another configuration is in force
  std::optional<StagedShare> staged{};       // what serves a share now
};

}  // namespace gateway::operations
