#include "proxy/upload.h"

#include <algorithm>

#include "chat/endpoint.h"

namespace gateway {

bool needs_bound(const ProjectConfig& project) noexcept {
  return !project.spend.caps.empty() && project.spend.mode == SpendMode::strict;
}

std::string_view why_gathered(GatewayWorker& worker, const FormReader& form, const Snapshot& snapshot,
                              const RouteConfig* route, const ProjectConfig& project, Operation operation,
                              bool has_length) noexcept {
  if (route == nullptr || !form.has_file() || !form.has_model_first()) return "only if 'model' comes before its file.";
  const bool may_go = std::all_of(route->targets.begin(), route->targets.end(), [&](const TargetConfig& target) {
    return worker.upstream_for(*snapshot.provider(target.provider)).lets_bodies_go_on();
  });
  if (!may_go) return "not to a provider of this model.";
  if (!needs_bound(project)) return {};
  if (info_of(operation).meter != EndpointInfo::Meter::seconds)
    return "not under a strict spend cap, which has to know how many images are in it.";
  return has_length ? "" : "under a strict spend cap only with a content-length.";
}

void complete_facts(RequestFacts& facts, const RequestFacts& complete) noexcept {
  facts.stream = complete.stream;
  facts.n = complete.n;
  facts.input_bound = complete.input_bound;
  facts.input_estimate = complete.input_estimate;
  facts.units_bound = complete.units_bound;
  facts.units_estimate = complete.units_estimate;
  facts.images = complete.images;
  facts.files = complete.files;
}

}  // namespace gateway
