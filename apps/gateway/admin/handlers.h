// One operation each, from a call's texts to the JSON of its answer.
#pragma once

#include <optional>
#include <string>

#include "app/admin/api.h"
#include "app/admin/parameters.h"
#include "gateway/result.h"
#include "operations/catalogue.h"

namespace gateway::app {

struct Asked {
  const AdminApi::Options& options;
  const operations::OperationInfo& operation;
  const Parameters& parameters;
  const std::string& name;  // in the path
  const std::string& body;
  std::optional<std::string> if_version;
  WallTime now{};
  std::string last_event_id{};
  std::optional<std::string> only_project{};  // nothing of any other is shown
  WritePiece write{};                         // empty: the body is not wanted
};

struct Handled {
  std::string data;                   // JSON
  std::optional<std::string> next{};  // the cursor of what follows in a list
  std::string note{};
  bool is_streamed = false;               // it was written piece by piece; `data` is empty
  std::optional<RowSubscription> rows{};  // it is a stream of these
};

// `audit`: what was to be changed, and the id of what was made, whether it succeeded or not; empty for what changes
// nothing.
Result<Handled> handle(const Asked& asked, std::string& audit);

}  // namespace gateway::app
