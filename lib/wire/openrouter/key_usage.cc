#include "wire/openrouter/key_usage.h"

#include <simdjson.h>

#include "base/buffer.h"
#include "base/text.h"

namespace gateway {

Result<Money> read_usage_of_today(std::string_view json) {
  namespace od = simdjson::ondemand;
  PaddedBuffer buffer;
  buffer.append(json);
  od::parser parser;
  od::document document;
  od::value value;
  const simdjson::padded_string_view view(buffer.data(), buffer.size(), buffer.size() + PaddedBuffer::kPadding);
  if (parser.iterate(view).get(document) != simdjson::SUCCESS ||
      document["data"]["usage_daily"].get(value) != simdjson::SUCCESS) {
    return Error{ErrorCode::invalid, "the provider does not say what the key has spent today"};
  }
  return Money::parse_rounded(trimmed(value.raw_json_token()));
}

}  // namespace gateway
