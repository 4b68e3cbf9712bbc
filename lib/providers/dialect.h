// How one type of provider is spoken to, both ways: the one place that knows its paths, fields and habits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/field_list.h"
#include "chat/request.h"
#include "chat/request_facts.h"
#include "chat/shape.h"
#include "gateway/config.h"
#include "gateway/result.h"
#include "gateway/row.h"
#include "providers/answer_stream.h"
#include "providers/provider.h"
#include "wire/openai/answer_reader.h"
#include "wire/openai/splice.h"

namespace gateway {

// One request as the core knows it, to be written for one target.
struct DialectRequest {
  Operation operation = Operation::chat;
  const RequestFacts* facts = nullptr;
  const ChatRequest* chat = nullptr;  // if the client's shape is another than the dialect's; else null
  bool counts = false;                // only its input is to be counted: see Dialect::counts_input
  bool may_relay = false;    // the client's body has the dialect's shape: what cannot be written anew goes as it came
  bool short_names = false;  // tools with longer names than it takes get others: see chat/tool_name.h
  std::string_view content_type{};  // of the body, if that is a form
  std::string_view target_model{};
  bool names_models = false;  // the provider itself tries the models that the request names beside its own
  std::optional<std::int64_t> write_max_tokens{};  // the clamp, to be put into the body
  std::optional<LengthField> length_field{};       // by which name; absent: as the host and the model's name say
  std::optional<bool> ask_usage{};                 // absent: as the provider is configured
  std::optional<std::int64_t> output_bound{};      // the most that the answer is held for; absent: nothing bounds it
  const ModelAbilities* abilities = nullptr;       // as configured; null: as known
  std::span<const std::pair<std::string, std::string>> client_fields{};  // of the client's head, for its own shape
};

// Texts that go into the body: kept by the attempt, since they are sent from where they are stored.
struct BodyTexts {
  std::string model, members, clamp;
  std::string body;     // one that was built anew
  std::string dropped;  // what was left out of it, for the client to see: "seed, temperature"
};

// What a dialect makes of a request.
struct DialectOutput {
  std::string path;  // after the provider's origin
  FieldList fields;
  Splice splice;             // of the client's own body,
  std::string_view rebuilt;  // unless there is one of BodyTexts' own
  bool asked_usage = false;  // the stream was made to report usage, which its client did not ask for

  // The body's pieces, of `body` as the client sent it. Valid until the next call of anything here.
  std::span<const std::string_view> pieces(std::string_view body) {
    return rebuilt.empty() ? splice.pieces(body) : std::span<const std::string_view>(&rebuilt, 1);
  }
  void clear() noexcept {
    path.clear();
    fields.clear();
    splice.clear();
    rebuilt = {};
    asked_usage = false;
  }
};

// What the answers of one thread share: each is used from call to call, none across them.
struct AnswerTools {
  AnswerReader reader;
  AnswerFacts facts;  // of the piece of JSON just read
  std::string text;
  BufferPool& buffers;
  AnswerRoom room{};
};

struct AnswerContext {
  AnswerTools& tools;
  const RequestFacts& request;
  Operation operation = Operation::chat;
  Shape client = Shape::openai;               // what its client reads
  bool asked_usage = false;                   // see DialectOutput
  std::size_t max_event = 0, max_answer = 0;  // see ServerConfig
  const Provider* provider = nullptr;         // who answers; null: nobody in particular
};

// Immutable, thread-safe, lives for ever.
class Dialect {
 public:
  virtual ~Dialect() = default;
  virtual Shape shape() const noexcept = 0;
  // Whether bodies of its own shape are written anew for this provider too, as far as they can be.
  virtual bool rewrites(const Provider&) const noexcept { return false; }
  // The secret goes into the fields as a view, nowhere else. `texts` outlives the call to the provider. Error:
  // unsupported, and names what this kind of provider has no place for.
  virtual Result<void> write(const Provider& provider, const DialectRequest& request, BodyTexts& texts,
                             DialectOutput& out) const = 0;
  // The reader of one answer. What the context refers to outlives it.
  virtual AnswerStream& open_answer(const AnswerContext& context, AnswerSlot& slot) const = 0;
  // Whether it has a way to count the input of a chat request of its own shape.
  virtual bool counts_input() const noexcept { return false; }
  // Whether a call that was cut off can be queried afterwards (OpenRouter's /generation).
  virtual bool tells_cost_later() const noexcept { return false; }
};

}  // namespace gateway
