#include <string>

#include "fuzz/fuzz_target.h"
#include "fuzz/json_oracle.h"
#include "wire/json/text.h"
#include "wire/openai/error_body.h"
#include "wire/openai/request_reader.h"
#include "wire/openai/splice.h"

namespace gateway::fuzz {
namespace {

std::string_view slice(std::string_view body, ByteRange range) {
  require(range.begin <= range.end && range.end <= body.size(), "places lie within the body");
  return body.substr(range.begin, range.end - range.begin);
}

void check_facts(std::string_view body, const RequestFacts& facts) {
  require(!facts.model.empty() && facts.model.size() <= 512, "the model's name has a size");
  const std::string_view quoted = slice(body, facts.model_value);
  require(quoted.size() >= 3 && quoted.front() == '"' && quoted.back() == '"', "the model's place is a string");
  for (const ByteRange& place : {facts.max_tokens_value, facts.max_completion_tokens_value}) {
    const std::string_view value = slice(body, place);
    require(value.empty() || value == "null" || value.find_first_not_of("-0123456789") == std::string_view::npos,
            "a limit's place is its number");
  }
  const std::string_view options = slice(body, facts.stream_options_value);
  require(!facts.stream_options_is_object || (options.front() == '{' && options.back() == '}'),
          "the stream options' place is an object");
  const std::string_view wish = slice(body, facts.include_usage_value);
  require(wish.empty() || wish == (facts.include_usage ? "true" : "false"), "include_usage's place is its value");
  require(facts.object_begin > 0 && body[facts.object_begin - 1] == '{', "members go behind the opening brace");
  require(facts.n >= 1 && facts.n <= 128, "n is in range");
  require(facts.max_tokens.value_or(0) >= 0 && facts.max_completion_tokens.value_or(0) >= 0, "limits are not negative");
  require(facts.input_bound > 0 && facts.input_estimate > 0 && facts.input_estimate <= facts.input_bound,
          "the estimate is within the bound");
  require(facts.images >= 0 && facts.audios >= 0 && facts.files >= 0, "counts are not negative");
}

}  // namespace

// What is accepted is valid JSON, its places are right, and it stays valid, with the same facts, when spliced.
void request_reader(std::string_view input) {
  static RequestReader reader;
  for (const Operation operation : {Operation::chat, Operation::embeddings}) {
    PaddedBuffer body;
    body.append(input);
    RequestFacts facts;
    BadRequest why;
    const bool good = reader.read(operation, body, facts, why);
    require(body.view() == input, "the body is not changed");
    bool is_object = false;
    const Verdict verdict = json_verdict(input, is_object);
    if (!good) {
      require(!why.message.empty(), "a refusal says why");
      const bool malformed = why.message.find("not valid JSON") != std::string::npos;
      require(!malformed || verdict != Verdict::valid || !is_object || depth_of(input) > 64,
              "no valid body is called malformed");
      continue;
    }
    require(verdict != Verdict::invalid, "no malformed body is accepted");
    check_facts(input, facts);

    Splice splice;
    std::string model;
    append_json_string(model,
                       "other/m\xc3\xb6"
                       "del");
    splice.replace(facts.model_value, model);
    splice.replace({facts.object_begin, facts.object_begin}, "\"spliced\":[1],");
    PaddedBuffer changed;
    for (const std::string_view piece : splice.pieces(input)) changed.append(piece);
    RequestFacts again;
    require(reader.read(operation, changed, again, why), "a spliced body is accepted");
    require(again.model ==
                "other/m\xc3\xb6"
                "del",
            "a spliced name is read back");
    require(again.stream == facts.stream && again.max_tokens == facts.max_tokens && again.n == facts.n &&
                again.max_completion_tokens == facts.max_completion_tokens && again.images == facts.images,
            "nothing else changes");
  }
}

}  // namespace gateway::fuzz
