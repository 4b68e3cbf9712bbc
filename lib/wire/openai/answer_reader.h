// Reads what a provider answers in OpenAI's shapes: one chat completion or embeddings answer, one chunk of a stream, an
// error. Only what metering and the relay need.
#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "chat/provider_error.h"
#include "chat/weight.h"
#include "gateway/money.h"
#include "gateway/row.h"

namespace gateway {

// What a body that is not JSON contains: text, or the beginning of a document; nothing if it is markup or no text.
ProviderError plain_error(std::string_view body);
// The message and what is beside it.
std::string whole_reason(const ProviderError& error);

// Of one piece of JSON, but for its texts.
struct AnswerFigures {
  // False: not a JSON object at all (HTML, empty, broken). A list of errors counts as one.
  bool is_object = false;
  bool has_choices = false;              // choices is there and not empty
  bool choices_empty = false;            // choices is there and empty: the usage chunk
  bool has_content = false;              // some choice carries something, or data has an element
  bool has_results = false;              // results is there and not empty
  bool has_text = false;                 // text is there
  std::int64_t data_count = 0;           // elements of data
  std::bitset<128> begun, finished;      // choices, by their index
  bool has_usage = false;                // a usage object with valid figures
  std::optional<std::int64_t> audio_ms;  // that were heard: its usage's seconds, or the duration of a transcript
  std::optional<std::int64_t> searches;  // that its provider bills
  Usage usage;
  std::int64_t audio_input = 0, image_input = 0;    // tokens of usage.input, none of them read from a cache
  std::int64_t audio_output = 0, image_output = 0;  // tokens of usage.output
  // The provider's own figure, rounded to 10^-12, also beside odd counts: OpenRouter's usage.cost, Perplexity's
  // usage.cost.total_cost, xAI's usage.cost_in_usd_ticks.
  std::optional<Money> cost;
  std::optional<Money> upstream_cost;  // cost_details.upstream_inference_cost
  bool is_byok = false;
  // Some figure was negative, over 10^10, of a wrong type or present twice, or cached > input, or reasoning > output.
  bool usage_odd = false;
  bool has_error = false;        // a top-level "error" that says something
  bool has_loose_error = false;  // an error's members in the root, or `object` is "error"
  Weight weight;                 // of all messages or deltas
};

// Filled by each read() with what that piece of JSON has; strings keep their capacity.
struct AnswerFacts : AnswerFigures {
  std::string id, model, finish_reason;  // finish_reason of any choice; empty: null or absent
  std::string service_tier;              // that served it; empty: null or absent
  std::string type;                      // of an event; empty: null or absent
  ProviderError error;                   // empty unless has_error or has_loose_error
};

class AnswerReader {
 public:
  AnswerReader();
  ~AnswerReader();
  // Reads one complete JSON document, with or without a byte order mark. Never fails: is_object reports whether it was
  // one.
  void read(std::string_view json, AnswerFacts& facts);     // copies into a padded buffer of its own
  void read(const PaddedBuffer& json, AnswerFacts& facts);  // reads in place

 private:
  void read_unmarked(const PaddedBuffer& json, AnswerFacts& facts);
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

// What a relay learns from one chunk without parsing it, by looking for keys (a JSON key's quotes cannot occur
// unescaped inside a string, so a miss is certain; a hit must be confirmed by an AnswerReader).
struct ChunkHints {
  bool may_have_usage = false;   // "usage" followed by something other than null
  bool may_have_error = false;   // "error" followed by something other than null
  bool has_choices = false;      // "choices" followed by an element
  bool may_have_finish = false;  // "finish_reason" followed by something other than null
  Weight weight;                 // of all messages or deltas
};
ChunkHints scan_chunk(std::string_view json) noexcept;

}  // namespace gateway
