#include "wire/openai/unit_fields.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "chat/endpoint.h"
#include "wire/json/text.h"

namespace gateway {
namespace {

using json::Kind;
using json::Value;

constexpr std::int64_t kMaxTokenId = 1'000'000'000;
constexpr std::int64_t kMaxBestOf = 128;
constexpr std::int64_t kMaxPrompts = 2048;
// What one search ranks at most, and the tokens of a longer document that are counted as one more: services cut them
// into chunks of 500 tokens or so, of which the query takes a part.
constexpr std::int64_t kChunksOfSearch = 100;
constexpr std::int64_t kLeastTokensOfChunk = 255, kUsualTokensOfChunk = 500;
constexpr std::int64_t kBytesOfToken = 4;

struct KnownField {
  Operation operation;
  std::string_view name;
};
constexpr std::array<KnownField, 7> kUnitFields{{
    {Operation::completions, "prompt"},
    {Operation::completions, "best_of"},
    {Operation::images, "prompt"},
    {Operation::speech, "input"},
    {Operation::speech, "stream_format"},
    {Operation::rerank, "query"},
    {Operation::rerank, "documents"},
}};

std::int64_t in_parts(std::int64_t whole, std::int64_t part) noexcept { return (whole + part - 1) / part; }

class UnitReading {
 public:
  UnitReading(json::Walk& walk, std::string_view name, UnitFields& fields, BadRequest& why)
      : walk_(walk), name_(name), fields_(fields), why_(why) {}

  bool run(Operation operation, Value value) {
    if (operation == Operation::completions) return name_ == "prompt" ? prompts(value) : best_of(value);
    if (operation == Operation::rerank && name_ == "documents") return documents(value);
    if (name_ == "stream_format") return stream_format(value);
    if (walk_.kind(value) != Kind::string) return wrong("a string");
    if (operation == Operation::speech) return spoken(value);
    const std::int64_t before = walk_.text_bytes;
    if (!walk_.skip(value)) return false;
    if (name_ == "query") fields_.query_bytes = walk_.text_bytes - before;
    return true;
  }

 private:
  bool wrong(std::string_view expected) {
    const std::string name(name_);
    why_ = {"Invalid value for '" + name + "': expected " + std::string(expected) + ".", name};
    return false;
  }

  // A text, texts, token ids, or lists of those.
  bool prompts(Value value) {
    static constexpr std::string_view kExpected = "a string, an array of strings, or arrays of token ids";
    if (walk_.kind(value) == Kind::string) return walk_.skip(value);
    if (walk_.kind(value) != Kind::array) return wrong(kExpected);
    std::optional<Kind> all;
    std::int64_t count = 0;
    const bool whole = walk_.array(value, [&](Value element) {
      const Kind kind = walk_.kind(element);
      if (std::exchange(all, kind).value_or(kind) != kind) return wrong(kExpected);
      if (++count > kMaxPrompts && kind != Kind::number) return wrong("at most 2048 prompts");
      if (kind == Kind::string) return walk_.skip(element);
      if (kind == Kind::number) return token_id(element);
      if (kind != Kind::array) return wrong(kExpected);
      return walk_.array(element,
                         [&](Value id) { return walk_.kind(id) == Kind::number ? token_id(id) : wrong(kExpected); });
    });
    if (all != Kind::number) fields_.prompts = std::max<std::int64_t>(count, 1);
    return whole;
  }

  bool token_id(Value value) {
    std::string_view token;
    if (!walk_.number(value, token)) return false;
    const auto id = json::to_integer(token);
    if (!id || *id < 0 || *id > kMaxTokenId) return wrong("token ids from 0 to 1000000000");
    ++fields_.token_ids;
    return true;
  }

  bool best_of(Value value) {
    if (walk_.kind(value) == Kind::null) return walk_.null(value);
    std::string_view token;
    if (walk_.kind(value) == Kind::number) {
      if (!walk_.number(value, token)) return false;
      const auto figure = json::to_integer(token);
      if (figure && *figure >= 1 && *figure <= kMaxBestOf) return fields_.best_of = *figure, true;
    }
    return wrong("an integer from 1 to 128");
  }

  bool spoken(Value value) {
    std::string text;
    if (!walk_.text_into(value, text)) return false;
    const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
    fields_.characters = std::count_if(text.begin(), text.end(), begins);
    return true;
  }

  bool stream_format(Value value) {
    std::string format;
    if (!walk_.text_into(value, format)) return false;
    fields_.streams_events = format == "sse";
    return true;
  }

  bool documents(Value value) {
    if (walk_.kind(value) != Kind::array) return wrong("an array of strings or objects");
    return walk_.array(value, [this](Value document) {
      const Kind kind = walk_.kind(document);
      if (kind != Kind::string && kind != Kind::object) return wrong("an array of strings or objects");
      const std::int64_t before = walk_.text_bytes;
      if (!walk_.skip(document)) return false;
      const std::int64_t bytes = walk_.text_bytes - before;
      ++fields_.documents;
      fields_.chunks_bound += std::max<std::int64_t>(1, in_parts(bytes, kLeastTokensOfChunk));
      fields_.chunks_estimate += std::max<std::int64_t>(1, in_parts(bytes / kBytesOfToken, kUsualTokensOfChunk));
      return true;
    });
  }

  json::Walk& walk_;
  const std::string_view name_;
  UnitFields& fields_;
  BadRequest& why_;
};

}  // namespace

bool is_unit_field(Operation operation, std::string_view name) noexcept {
  return std::any_of(kUnitFields.begin(), kUnitFields.end(),
                     [&](const KnownField& each) { return each.operation == operation && each.name == name; });
}

bool read_unit_field(json::Walk& walk, Operation operation, std::string_view name, Value value, UnitFields& fields,
                     BadRequest& why) {
  const auto at = std::find_if(kUnitFields.begin(), kUnitFields.end(), [&](const KnownField& each) {
    return each.operation == operation && each.name == name;
  });
  const unsigned bit = 1u << (at - kUnitFields.begin());
  if ((std::exchange(fields.seen, fields.seen | bit) & bit) != 0) {
    why = {"The field '" + std::string(name) + "' is given more than once.", std::string(name)};
    return false;
  }
  fields.has_required |= name == info_of(operation).required;
  return UnitReading(walk, at->name, fields, why).run(operation, value);
}

void note_units(Operation operation, const UnitFields& fields, RequestFacts& facts) noexcept {
  switch (info_of(operation).meter) {
    case EndpointInfo::Meter::tokens:
      facts.n = std::max(facts.n, fields.best_of) * fields.prompts;
      break;
    case EndpointInfo::Meter::images:
      facts.units_bound.images = facts.units_estimate.images = facts.n;
      break;
    case EndpointInfo::Meter::characters:
      facts.units_bound.characters = facts.units_estimate.characters = fields.characters;
      facts.stream = fields.streams_events;
      break;
    case EndpointInfo::Meter::searches:
      facts.units_bound.searches = std::max<std::int64_t>(1, in_parts(fields.chunks_bound, kChunksOfSearch));
      facts.units_estimate.searches = std::max<std::int64_t>(1, in_parts(fields.chunks_estimate, kChunksOfSearch));
      // Who counts tokens counts the query with each document. Both numbers are below the size of a body.
      facts.input_bound += fields.query_bytes * fields.documents;
      facts.input_estimate += fields.query_bytes / kBytesOfToken * fields.documents;
      break;
    case EndpointInfo::Meter::seconds:
      break;
  }
}

}  // namespace gateway
