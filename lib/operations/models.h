// The models that clients may request.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "operations/snapshot.h"

namespace gateway::operations {

struct ModelQuery {
  std::optional<std::string> project;  // only those that it may use
  Page page{};
};

struct ModelList {
  std::shared_ptr<const Snapshot> snapshot;  // has the models
  std::vector<const ListedModel*> models;    // by id
  std::size_t all = 0;                       // how many there are, on all pages
  std::optional<std::string> next;
};

// Errors: not_found (the project); refused, as make_snapshot_of.
Result<ModelList> list_models(const Deployment& deployment, Catalogues catalogues, const ModelQuery& query);

}  // namespace gateway::operations
