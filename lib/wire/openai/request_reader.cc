#include "wire/openai/request_reader.h"

#include <array>
#include <utility>

#include "chat/endpoint.h"
#include "wire/json/walk.h"
#include "wire/openai/message_reader.h"
#include "wire/openai/model_name.h"
#include "wire/openai/option_reader.h"
#include "wire/openai/splice.h"
#include "wire/openai/unit_fields.h"

namespace gateway {
namespace {

using json::Kind;
using json::Text;
using json::Value;

constexpr std::int64_t kMaxTokens = 1'000'000'000;
constexpr std::int64_t kMaxChoices = 128;
constexpr std::size_t kKeptRequestParser = 1024 * 1024;
// What chat templates add around one message, and what providers say to a model that has tools: generous.
constexpr std::int64_t kTokensAroundMessage = 16;
constexpr std::int64_t kTokensAroundTools = 512;

enum class Field : unsigned {
  model,
  stream,
  stream_options,
  max_tokens,
  max_completion_tokens,
  max_output_tokens,  // of a response
  n,
  messages,
  input,
  functions,
  option,  // see option_reader.h
  none,
};

Field field_of(std::string_view name) noexcept {
  static constexpr std::array<std::pair<std::string_view, Field>, 10> kFields{{
      {"model", Field::model},
      {"messages", Field::messages},
      {"stream", Field::stream},
      {"max_tokens", Field::max_tokens},
      {"max_completion_tokens", Field::max_completion_tokens},
      {"max_output_tokens", Field::max_output_tokens},
      {"stream_options", Field::stream_options},
      {"n", Field::n},
      {"input", Field::input},
      {"functions", Field::functions},
  }};
  for (const auto& [text, field] : kFields) {
    if (text == name) return field;
  }
  return option_field(name) ? Field::option : Field::none;
}

// How long a cache of Anthropic's is to live, if it is not the usual five minutes.
constexpr std::string_view kHour = "1h";
// What Google signs its calls with, for its models alone.
constexpr std::string_view kSignature = "thought_signature";

std::int64_t quarter(std::int64_t bytes) noexcept { return (bytes + 3) / 4; }

// One body being read. Each function takes a complete value; false: `why` is filled in, or the document is broken.
class RequestReading {
 public:
  RequestReading(simdjson::ondemand::parser& parser, std::string& scratch, Operation operation, bool is_response,
                 const PaddedBuffer& body, RequestFacts& facts, BadRequest& why, std::string_view model_by_path)
      : walk_(parser, json::kUsualDepth),
        scratch_(scratch),
        operation_(operation),
        is_response_(is_response),
        body_(body),
        facts_(facts),
        why_(why),
        model_by_path_(model_by_path) {
    walk_.sought_value.text = kHour;
    walk_.sought_key.text = kSignature;
  }

  bool run() {
    facts_.object_begin = body_.view().find('{') + 1;
    const bool whole = walk_.root(body_, [this](const Text& key, Value value) {
      facts_.object_empty = false;
      return field(key, value);
    });
    if (walk_.fault() != nullptr) {
      return refuse(std::string("The request body is not valid JSON: ") + walk_.fault() + ".", {});
    }
    return whole && complete();
  }

 private:
  bool refuse(std::string message, std::string_view param) {
    why_ = {std::move(message), std::string(param)};
    return false;
  }
  bool wrong(std::string_view param, std::string_view expected) {
    return refuse("Invalid value for '" + std::string(param) + "': expected " + std::string(expected) + ".", param);
  }
  bool twice(std::string_view name, std::string_view param) {
    return refuse("The field '" + std::string(name) + "' is given more than once.", param);
  }

  ByteRange range(const char* begin, const char* end) const noexcept {
    return {static_cast<std::size_t>(begin - body_.data()), static_cast<std::size_t>(end - body_.data())};
  }

  bool field(const Text& key, Value value) {
    const std::string_view name = json::unescaped(key, scratch_);
    const Field which = field_of(name);
    has_tools_ |= which == Field::functions || name == "tools";
    if (operation_ > Operation::embeddings && is_unit_field(operation_, name)) {
      const std::string own(name);  // the scratch is used again
      return read_unit_field(walk_, operation_, own, value, units_, why_);
    }
    if (which == Field::none) return name == "encoding_format" ? encoding(value) : walk_.skip(value);
    if (which == Field::option) return option(*option_field(name), key.begin(), value);
    const unsigned bit = 1u << static_cast<unsigned>(which);
    if ((seen_ & bit) != 0) return twice(std::string(name), std::string(name));
    seen_ |= bit;
    return read(which, value);
  }

  bool encoding(Value value) {
    std::string format;
    if (!walk_.text_into(value, format)) return false;
    facts_.wants_base64 = format == "base64";
    return true;
  }

  bool option(std::size_t which, const char* begin, Value value) {
    const unsigned bit = 1u << which;
    if ((options_seen_ & bit) != 0) return twice(kOptionFields[which], kOptionFields[which]);
    options_seen_ |= bit;
    const bool is_models = kOptionFields[which] == "models" && walk_.kind(value) == Kind::array;
    if (!read_option(walk_, which, value, scratch_, facts_.options, why_)) return false;
    if (is_models) facts_.models_member = with_comma(body_.view(), range(begin, walk_.end_of_container()));
    return true;
  }

  bool read(Field which, Value value) {
    switch (which) {
      case Field::model:
        return model(value);
      case Field::stream:
        return stream(value);
      case Field::stream_options:
        return stream_options(value);
      // A response has one name for its length: what is said by another is no bound, for its provider may not know it.
      case Field::max_tokens:
        if (is_response_) return walk_.skip(value);
        return limit("max_tokens", value, facts_.max_tokens, facts_.max_tokens_value);
      case Field::max_completion_tokens:
        if (is_response_) return walk_.skip(value);
        return limit("max_completion_tokens", value, facts_.max_completion_tokens, facts_.max_completion_tokens_value);
      case Field::max_output_tokens:
        if (!is_response_) return walk_.skip(value);
        return limit("max_output_tokens", value, facts_.max_completion_tokens, facts_.max_completion_tokens_value);
      case Field::n:
        return choices(value);
      case Field::messages:
        return messages(value);
      case Field::input:
        if (is_response_) return items(value);
        return takes_input() ? input(value) : walk_.skip(value);
      case Field::functions:
      case Field::option:
      case Field::none:
        break;
    }
    return walk_.skip(value);
  }

  bool complete() {
    const auto has = [this](Field which) { return (seen_ & 1u << static_cast<unsigned>(which)) != 0; };
    const EndpointInfo& endpoint = info_of(operation_);
    const std::string_view other = has(Field::model) ? std::string_view() : endpoint.default_model;
    if (const std::string_view given = model_by_path_.empty() ? other : model_by_path_; !given.empty()) {
      facts_.model_by_path = true;
      facts_.model.assign(given);
    } else if (!has(Field::model)) {
      return refuse("Missing required parameter: 'model'.", "model");
    }
    if (const std::string_view fault = fault_of_model(facts_.model); !fault.empty()) {
      return refuse("Invalid value for 'model': " + std::string(fault), "model");
    }
    const std::string_view required = is_response_ ? std::string_view("input") : endpoint.required;
    const bool has_required = is_response_ || takes_input()   ? has(Field::input)
                              : operation_ == Operation::chat ? has(Field::messages)
                                                              : units_.has_required;
    // Embedding servers of multimodal models (vLLM) take messages too.
    const bool has_messages = operation_ == Operation::embeddings && has(Field::messages);
    if (!has_required && !has_messages) {
      return refuse("Missing required parameter: '" + std::string(required) + "'.", required);
    }
    facts_.options.hour_cache = walk_.sought_value.found;
    facts_.is_mixed = operation_ == Operation::chat && walk_.sought_key.found;
    facts_.images = counts_.images;
    facts_.audios = counts_.audios;
    facts_.files = counts_.files;
    if (counts_.refers && facts_.options.unpriced.empty())
      facts_.options.unpriced = is_response_ ? "input" : "messages";
    const std::int64_t ids = token_ids_ + units_.token_ids;
    facts_.input_bound = walk_.text_bytes + walk_.scalar_bytes + ids + counts_.messages * kTokensAroundMessage +
                         (has_tools_ ? kTokensAroundTools : 0);
    facts_.input_estimate = quarter(walk_.text_bytes) + ids;
    if (operation_ > Operation::embeddings) {
      facts_.stream &= endpoint.may_stream;
      note_units(operation_, units_, facts_);
    }
    return true;
  }

  bool takes_input() const noexcept {
    return operation_ == Operation::embeddings || operation_ == Operation::moderations;
  }

  bool model(Value value) {
    if (walk_.kind(value) != Kind::string) return wrong("model", "a string");
    Text text;
    if (!walk_.string(value, text)) return false;
    facts_.model_value = range(text.begin(), text.end());
    if (text.lone_surrogate) {
      return refuse("Invalid value for 'model': half of a surrogate pair is alone.", "model");
    }
    facts_.model.clear();
    json::append_unescaped(facts_.model, text);
    return true;
  }

  bool stream(Value value) {
    if (walk_.kind(value) == Kind::null) return walk_.null(value);
    if (walk_.kind(value) != Kind::boolean) return wrong("stream", "a boolean");
    return walk_.boolean(value, facts_.stream);
  }

  bool stream_options(Value value) {
    const char* begin = walk_.begin(value);
    if (walk_.kind(value) == Kind::null) {
      facts_.stream_options_value = range(begin, begin + 4);
      return walk_.null(value);
    }
    if (walk_.kind(value) != Kind::object) return wrong("stream_options", "an object");
    facts_.stream_options_is_object = true;
    facts_.stream_options_object_empty = true;
    bool seen = false;
    const bool whole = walk_.object(value, [&](const Text& key, Value member) {
      facts_.stream_options_object_empty = false;
      if (json::unescaped(key, scratch_) != "include_usage") return walk_.skip(member);
      if (std::exchange(seen, true)) return twice("include_usage", "stream_options");
      const char* at = walk_.begin(member);
      if (walk_.kind(member) == Kind::null) {
        facts_.include_usage_value = range(at, at + 4);
        return walk_.null(member);
      }
      if (walk_.kind(member) != Kind::boolean) return wrong("stream_options.include_usage", "a boolean");
      if (!walk_.boolean(member, facts_.include_usage)) return false;
      facts_.include_usage_value = range(at, at + (facts_.include_usage ? 4 : 5));
      return true;
    });
    if (whole) facts_.stream_options_value = range(begin, walk_.end_of_container());
    return whole;
  }

  bool limit(std::string_view name, Value value, std::optional<std::int64_t>& figure, ByteRange& place) {
    const char* begin = walk_.begin(value);
    if (walk_.kind(value) == Kind::null) {
      place = range(begin, begin + 4);
      return walk_.null(value);
    }
    std::string_view token;
    if (!integer(name, value, 0, kMaxTokens, figure, token)) return false;
    place = range(begin, begin + token.size());
    return true;
  }

  bool choices(Value value) {
    if (walk_.kind(value) == Kind::null) return walk_.null(value);
    std::optional<std::int64_t> figure;
    std::string_view token;
    if (!integer("n", value, 1, kMaxChoices, figure, token)) return false;
    facts_.n = *figure;
    return true;
  }

  bool integer(std::string_view name, Value value, std::int64_t least, std::int64_t most,
               std::optional<std::int64_t>& figure, std::string_view& token) {
    if (walk_.kind(value) == Kind::number) {
      if (!walk_.number(value, token)) return false;
      walk_.scalar_bytes += static_cast<std::int64_t>(token.size());
      figure = json::to_integer(token);
      if (figure && *figure >= least && *figure <= most) return true;
      figure.reset();
    }
    return wrong(name, "an integer from " + std::to_string(least) + " to " + std::to_string(most));
  }

  bool messages(Value value) {
    if (walk_.kind(value) != Kind::array) {
      // An embeddings request that has `input` may contain anything here.
      return operation_ == Operation::chat ? wrong("messages", "an array") : walk_.skip(value);
    }
    return read_messages(walk_, value, scratch_, counts_, why_);
  }

  // Of a response: a text, or messages, calls and their outputs.
  bool items(Value value) {
    if (walk_.kind(value) == Kind::array) return read_messages(walk_, value, scratch_, counts_, why_);
    if (walk_.kind(value) != Kind::string) return wrong("input", "a string or an array of items");
    ++counts_.messages;
    return walk_.skip(value);
  }

  bool input(Value value) {
    static constexpr std::string_view kExpected =
        "a string, an array of strings, objects with text and media, or arrays of token ids";
    if (walk_.kind(value) == Kind::string) return walk_.skip(value);
    if (walk_.kind(value) == Kind::object) return read_media_input(walk_, value, scratch_, counts_, why_);
    if (walk_.kind(value) != Kind::array) return wrong("input", kExpected);
    std::optional<Kind> all;
    return walk_.array(value, [&](Value element) {
      const Kind kind = walk_.kind(element);
      const Kind alike = kind == Kind::object ? Kind::string : kind;  // texts and objects may occur side by side
      if (std::exchange(all, alike).value_or(alike) != alike) return wrong("input", kExpected);
      if (kind == Kind::string) return walk_.skip(element);
      if (kind == Kind::object) return read_media_input(walk_, element, scratch_, counts_, why_);
      if (kind == Kind::number) return token_id(element);
      if (kind != Kind::array) return wrong("input", kExpected);
      return walk_.array(
          element, [&](Value id) { return walk_.kind(id) == Kind::number ? token_id(id) : wrong("input", kExpected); });
    });
  }

  bool token_id(Value value) {
    std::string_view token;
    if (!walk_.number(value, token)) return false;
    const auto id = json::to_integer(token);
    if (!id || *id < 0 || *id > kMaxTokens) return wrong("input", "token ids from 0 to 1000000000");
    ++token_ids_;
    return true;
  }

  json::Walk walk_;
  std::string& scratch_;
  Operation operation_;
  bool is_response_;  // the conversation is in `input`
  const PaddedBuffer& body_;
  RequestFacts& facts_;
  BadRequest& why_;
  std::string_view model_by_path_;
  unsigned seen_ = 0;
  unsigned options_seen_ = 0;
  bool has_tools_ = false;
  MessageCounts counts_;
  UnitFields units_;
  std::int64_t token_ids_ = 0;
};

}  // namespace

struct RequestReader::Parser {
  simdjson::ondemand::parser json;
  std::string scratch;
};

RequestReader::RequestReader() : parser_(std::make_unique<Parser>()) {}
RequestReader::~RequestReader() = default;
enum class RequestReader::Form : bool { usual, response };

bool RequestReader::read(Operation operation, const PaddedBuffer& body, RequestFacts& facts, BadRequest& why,
                         std::string_view model_by_path) {
  return read(operation, Form::usual, body, facts, why, model_by_path);
}

bool RequestReader::read_response(const PaddedBuffer& body, RequestFacts& facts, BadRequest& why,
                                  std::string_view model_by_path) {
  return read(Operation::chat, Form::response, body, facts, why, model_by_path);
}

bool RequestReader::read(Operation operation, Form form, const PaddedBuffer& body, RequestFacts& facts, BadRequest& why,
                         std::string_view model_by_path) {
  std::string model = std::move(facts.model);
  facts = RequestFacts{};
  facts.model = std::move(model);
  facts.object_empty = true;
  const bool read = RequestReading(parser_->json, parser_->scratch, operation, form == Form::response, body, facts, why,
                                   model_by_path)
                        .run();
  // A large body's index is some times its size: not kept.
  if (parser_->json.capacity() > kKeptRequestParser) parser_->json = simdjson::ondemand::parser();
  return read;
}

}  // namespace gateway
