// What each operation answers.
#pragma once

#include <span>
#include <string>

#include "app/render/answers/field.h"
#include "operations/catalogue.h"

namespace gateway::app::answers {

// Each is defined beside its fields.
extern const Shape kProject, kCap, kLimits, kDeletedProject, kKey, kNewKey, kRotatedKey, kDeletedKey;
extern const Shape kUsageSum, kRow, kProof, kSweep, kPrune, kRepricedModel;
extern const Shape kExplanation, kExplainedTarget, kRefusal;
extern const Shape kModel, kPriceDifference, kPrices, kPriceOverride, kListedPrice;
extern const Shape kBudget, kForecast, kProjectLimits;
extern const Shape kHealth, kProviderHealth, kTargetState, kTargetRecord, kHealthWindow, kPercentiles;
extern const Shape kReconciliation, kComparedBill, kReconciledLine, kSystem, kReloaded, kStaged, kHedge;
extern const Shape kConfigTokenCommand, kConfigOutliers;
extern const Shape kConfig, kConfigAdmin, kConfigToken, kConfigReconcile, kConfigMetrics, kConfigMcp, kConfigProvider;
extern const Shape kConfigProviderKey, kConfigRoute, kConfigTarget, kConfigGroup, kConfigCondition, kConfigCanary;
extern const Shape kConfigRetry, kConfigServer, kConfigTls, kConfigTimeouts, kConfigProject, kConfigCap,
    kConfigSurfaces;

// Of kCap, for a shape that has them beside its own.
std::span<const Field> cap_fields() noexcept;

// Those of all answers, in the document's order.
std::span<const Shape* const> shapes() noexcept;

struct Data {
  const Shape* shape = nullptr;  // null: it is no JSON of a shape
  Many many = Many::one;
  bool nullable = false;
};
// What `data` is in the operation's answer; of a stream: what each event has.
const Data& data_of(operations::Id id) noexcept;

}  // namespace gateway::app::answers
