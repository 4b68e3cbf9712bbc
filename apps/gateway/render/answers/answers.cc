#include "app/render/answers/answers.h"

#include <array>

namespace gateway::app::answers {
namespace {

using operations::Id;

constexpr const Shape* kShapes[] = {&kProject,
                                    &kCap,
                                    &kLimits,
                                    &kDeletedProject,
                                    &kKey,
                                    &kNewKey,
                                    &kRotatedKey,
                                    &kDeletedKey,
                                    &kUsageSum,
                                    &kRow,
                                    &kProof,
                                    &kSweep,
                                    &kPrune,
                                    &kRepricedModel,
                                    &kExplanation,
                                    &kExplainedTarget,
                                    &kRefusal,
                                    &kModel,
                                    &kPriceDifference,
                                    &kPrices,
                                    &kPriceOverride,
                                    &kListedPrice,
                                    &kBudget,
                                    &kForecast,
                                    &kProjectLimits,
                                    &kHealth,
                                    &kProviderHealth,
                                    &kTargetState,
                                    &kTargetRecord,
                                    &kHealthWindow,
                                    &kPercentiles,
                                    &kReconciliation,
                                    &kComparedBill,
                                    &kReconciledLine,
                                    &kSystem,
                                    &kReloaded,
                                    &kStaged,
                                    &kHedge,
                                    &kConfig,
                                    &kConfigAdmin,
                                    &kConfigToken,
                                    &kConfigReconcile,
                                    &kConfigMetrics,
                                    &kConfigMcp,
                                    &kConfigProvider,
                                    &kConfigProviderKey,
                                    &kConfigTokenCommand,
                                    &kConfigRoute,
                                    &kConfigTarget,
                                    &kConfigGroup,
                                    &kConfigCondition,
                                    &kConfigCanary,
                                    &kConfigRetry,
                                    &kConfigOutliers,
                                    &kConfigServer,
                                    &kConfigTls,
                                    &kConfigTimeouts,
                                    &kConfigProject,
                                    &kConfigCap,
                                    &kConfigSurfaces};

struct Answered {
  Id id;
  Data data;
};
constexpr Answered kAnswers[] = {
    {Id::list_projects, {&kProject, Many::list}},
    {Id::create_project, {&kProject}},
    {Id::show_project, {&kProject}},
    {Id::set_project, {&kProject}},
    {Id::delete_project, {&kDeletedProject}},
    {Id::list_keys, {&kKey, Many::list}},
    {Id::create_key, {&kNewKey}},
    {Id::rotate_key, {&kRotatedKey}},
    {Id::revoke_key, {&kDeletedKey}},
    {Id::usage, {&kUsageSum, Many::list}},
    {Id::list_requests, {&kRow, Many::list}},
    {Id::show_request, {&kRow, Many::list}},
    {Id::stream_requests, {&kRow}},
    {Id::explain, {&kExplanation}},
    {Id::explain_body, {&kExplanation}},
    {Id::list_models, {&kModel, Many::list}},
    {Id::list_prices, {&kListedPrice, Many::list}},
    {Id::list_budgets, {&kBudget, Many::list}},
    {Id::health, {&kHealth}},
    {Id::list_limits, {&kProjectLimits, Many::list}},
    {Id::reconcile, {&kReconciliation, Many::one, true}},
    {Id::verify_ledger, {&kProof}},
    {Id::export_ledger, {&kRow, Many::list}},
    {Id::prune_ledger, {&kPrune}},
    {Id::sweep_ledger, {&kSweep}},
    {Id::reprice_ledger, {&kRepricedModel, Many::list}},
    {Id::show_config, {&kConfig}},
    {Id::show_system, {&kSystem}},
    {Id::reload, {&kReloaded}},
    {Id::openapi, {}},
};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < std::size(kAnswers); ++i) {
    if (static_cast<std::size_t>(kAnswers[i].id) != i) return false;
  }
  return std::size(kAnswers) == static_cast<std::size_t>(Id::openapi) + 1;
}
static_assert(is_in_order());

}  // namespace

std::span<const Shape* const> shapes() noexcept { return kShapes; }

const Data& data_of(Id id) noexcept { return kAnswers[static_cast<std::size_t>(id)].data; }

}  // namespace gateway::app::answers
