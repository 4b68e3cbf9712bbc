// The models that clients may request.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "operations/price_differences.h"
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

// Where a model's prices come from: those of its first target.
struct PriceSource {
  std::string version;                       // as of PriceInForce; empty: it has none
  std::string list_version;                  // of the list that the configuration's own prices differ from
  std::vector<PriceDifference> differences;  // `kept` is the configuration's, `now` the list's
};
PriceSource price_source(const Snapshot& snapshot, const std::string& model);

// Errors: not_found (the project); refused, as make_snapshot_of.
Result<ModelList> list_models(const Deployment& deployment, Catalogues catalogues, const ModelQuery& query);

}  // namespace gateway::operations
