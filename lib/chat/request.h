// One conversation as plain structs: what all inbound and outbound shapes translate to and from. It is built only if
// the client and the provider speak differently; otherwise the client's own bytes go out.
//
// Texts are views: into the client's body, or into `texts` of the request itself. What is called JSON is one complete
// JSON value as text. An empty text means: not given.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace gateway {

namespace chat {

// Texts that had to be made: unescaped, rewritten. Their views stay valid as long as it lives, also when it is moved.
class Texts {
 public:
  std::string_view keep(std::string text) { return kept_.emplace_back(std::move(text)); }

 private:
  std::deque<std::string> kept_;
};

struct Block;

struct Text {
  std::string_view text;
  std::string_view citations;  // JSON array
};
struct Image {
  std::string_view url;    // either this,
  std::string_view bytes;  // or this, base64, with its media type
  std::string_view media_type;
  std::string_view detail;  // "low", "high", "auto", ...
};
struct Audio {
  std::string_view bytes;   // base64
  std::string_view format;  // "wav", "mp3", ...
};
struct Document {
  std::string_view url;    // one of these three
  std::string_view bytes;  // base64
  std::string_view text;
  std::string_view media_type, name;
};
struct ToolCall {
  std::string_view id, name;
  std::string_view arguments;  // JSON object; of a custom tool any text
  std::string_view signature;  // of the reasoning that led to it, as its provider signed it
  bool custom = false;
};
struct ToolResult {
  std::string_view call_id, name;
  std::vector<Block> blocks;
  bool is_error = false;
};
struct Reasoning {
  std::string_view text;
  std::string_view signature;
  std::string_view redacted;  // the provider's encrypted text, in place of `text`
  std::string_view origin;    // who signed: a signature goes back to nobody else
};
// Of one provider alone: goes back to its origin unchanged, and to nobody else.
struct Opaque {
  std::string_view origin;
  std::string_view json;
};

struct Block {
  std::variant<Text, Image, Audio, Document, ToolCall, ToolResult, Reasoning, Opaque> value;
  std::string_view cache;  // how long its provider is to cache the conversation up to here: "5m", "1h"; empty: no mark
};

enum class Role : std::uint8_t { user, assistant, system };

struct Turn {
  Role role = Role::user;
  std::string_view name;  // of the participant
  std::vector<Block> blocks;
};

struct Tool {
  enum class Kind : std::uint8_t {
    function,
    custom,  // takes any text: `schema` is its format
    server,  // runs at the provider: `schema` is the tool as it came, `name` its type
  };
  Kind kind = Kind::function;
  std::string_view name, description;
  std::string_view schema;  // JSON
  std::optional<bool> strict;
  std::string_view cache;   // as Block::cache
  std::string_view origin;  // of a server's
};

struct ToolChoice {
  enum class Kind : std::uint8_t { unset, automatic, none, required, named, allowed };
  Kind kind = Kind::unset;
  std::vector<std::string_view> names;  // of the one that is named, of those that are allowed
  bool must_call = false;               // one of those that are allowed, whichever
  std::optional<bool> parallel;
};

struct Output {
  enum class Kind : std::uint8_t { text, json, schema };
  Kind kind = Kind::text;
  std::string_view name, description;
  std::string_view schema;  // JSON
  std::optional<bool> strict;
  std::vector<std::string_view> modalities;
};

// Numbers as they were written, so that none is rounded.
struct Sampling {
  std::string_view temperature, top_p, top_k, seed, frequency_penalty, presence_penalty;
  std::vector<std::string_view> stop;
  std::optional<bool> logprobs;
  std::string_view top_logprobs;
  std::string_view logit_bias;  // JSON object
  std::int64_t n = 1;
  std::optional<std::int64_t> max_output;
};

struct ReasoningWish {
  enum class Kind : std::uint8_t { unset, off, effort, budget, adaptive };
  Kind kind = Kind::unset;
  std::string_view effort;   // "minimal", "low", "medium", "high", ...
  std::int64_t budget = 0;   // tokens
  std::string_view summary;  // "auto", "concise", "detailed"
};

// What is to be embedded, in place of a conversation.
struct Embedding {
  std::vector<std::string_view> texts;
  std::string_view dimensions;  // number
};

// A member of the body's root that this model has no place for: `json` is its value.
struct Extra {
  std::string_view name, json;
};

}  // namespace chat

struct ChatRequest {
  std::string_view model;
  bool stream = false;
  std::vector<chat::Block> system;  // ahead of the first turn; later ones keep their place among the turns
  std::vector<chat::Turn> turns;
  std::vector<chat::Tool> tools;
  chat::ToolChoice tool_choice;
  chat::Output output;
  chat::Sampling sampling;
  chat::ReasoningWish reasoning;
  std::string_view metadata;  // JSON object
  std::string_view user, service_tier;
  std::string_view prediction;  // JSON
  std::vector<chat::Extra> extra;
  chat::Embedding embedding;
  chat::Texts texts;
};

}  // namespace gateway
