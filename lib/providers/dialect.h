// How one type of provider is spoken to: the one place that knows its paths, fields and habits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/field_list.h"
#include "gateway/config.h"
#include "gateway/row.h"
#include "providers/provider.h"
#include "wire/openai/request_reader.h"
#include "wire/openai/splice.h"

namespace gateway {

// One request as the core knows it, to be written for one target.
struct DialectRequest {
  Endpoint endpoint = Endpoint::chat_completions;
  const RequestFacts* facts = nullptr;
  std::string_view target_model;
  std::optional<std::int64_t> write_max_tokens;  // the clamp, to be put into the body
  std::optional<LengthField> length_field;       // by which name; absent: as the host and the model's name say
  std::optional<bool> ask_usage;                 // absent: as the provider is configured
};

// Replacement texts that go into the body: kept by the attempt, since they are sent as they stand here.
struct BodyTexts {
  std::string model, members, clamp;
};

// What a dialect makes of it.
struct DialectOutput {
  std::string path;  // behind the provider's origin
  FieldList fields;
  Splice splice;
  bool asked_usage = false;  // the stream was made to report usage, which its client did not ask for
  void clear() noexcept {
    path.clear();
    fields.clear();
    splice.clear();
    asked_usage = false;
  }
};

class Dialect {
 public:
  virtual ~Dialect() = default;
  // Thread-safe. The secret goes into the fields as a view, nowhere else. `texts` outlives the call to the provider.
  virtual void write(const Provider& provider, const DialectRequest& request, BodyTexts& texts,
                     DialectOutput& out) const = 0;
  // Whether a call that was cut off can be asked about afterwards (OpenRouter's /generation).
  virtual bool tells_cost_later() const noexcept { return false; }
};

}  // namespace gateway
