// What one target's provider is asked: the same for who dispatches and who explains.
#pragma once

#include <string_view>

#include "gateway/config.h"
#include "gateway/result.h"
#include "policy/pricing/hold.h"
#include "providers/dialect.h"
#include "providers/provider.h"
#include "proxy/exchange_request.h"
#include "wire/openai/error_body.h"

namespace gateway {

struct TargetRequest {
  const Provider& provider;
  const TargetConfig& target;
  std::string_view model;     // the provider's name for it
  const HoldPlan& holding;    // what it says of the answer's length
  bool names_models = false;  // see TargetPlan
  bool translated = false;    // the provider gets the body written anew
};

// Whether this provider gets the body written anew: the request then has its conversation. Error: unsupported.
Result<bool> translate_for(const Provider& provider, ExchangeRequest& request);

// Error: unsupported; the provider cannot be asked for it.
Result<void> write_for(const TargetRequest& at, const ExchangeRequest& request, BodyTexts& texts, DialectOutput& out);

// What clients hear of such an error. "field: why" names the field.
ApiError unsupported_by_target(const Error& error);

}  // namespace gateway
