// A provider as configured, made ready: its URL taken apart, its credentials written out, its dialect found.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "chat/provider_error.h"
#include "gateway/config.h"
#include "gateway/result.h"
#include "gateway/secret.h"
#include "providers/base_url.h"

namespace gateway {

class Dialect;
struct HostHabits;

// Immutable.
struct Provider {
  ProviderConfig config;
  BaseUrl base;
  Secret authorization;                                   // "Bearer ...", or the key alone; or empty
  std::string_view authorization_name = "authorization";  // of the field that it goes into
  Secret management;                                      // the same of the management key
  const HostHabits* habits = nullptr;                     // of its host; lives for ever
  std::string signs_as;              // who signs reasoning here, if that is for its account alone: see chat::Reasoning
  std::string models_path;           // of its list of models, after the base URL's
  const Dialect* dialect = nullptr;  // lives for ever
  bool simulated = false;            // served in process: see simulated_upstream.h

  // Takes what is secret out of a text that came from there: our keys, and the values of configured fields.
  void hide_secrets(std::string& text) const;
  void hide_secrets(ProviderError& error) const;  // in each of its texts
};

// Errors: a base URL that is none, or is missing where the type has no usual one.
Result<std::shared_ptr<const Provider>> make_provider(const ProviderConfig& config);

}  // namespace gateway
