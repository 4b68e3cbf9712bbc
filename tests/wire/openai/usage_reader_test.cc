// What of a usage is counted apart, and where else than in a usage object it may be told.
#include <string>

#include "support/catch.h"
#include "wire/openai/answer_reader.h"

namespace gateway {
namespace {

AnswerFacts read(std::string_view json) {
  AnswerReader reader;
  AnswerFacts facts;
  reader.read(json, facts);
  return facts;
}
AnswerFacts with_usage(const std::string& usage) { return read(R"({"choices":[],"usage":)" + usage + "}"); }

TEST_CASE("audio and images are counted apart, in all shapes that say so", "[wire][usage]") {
  for (const char* details : {"prompt_tokens_details", "input_tokens_details", "input_token_details"}) {
    const AnswerFacts f = with_usage(R"({"input_tokens":100,"output_tokens":5,")" + std::string(details) +
                                     R"(":{"text_tokens":10,"audio_tokens":60,"image_tokens":30}})");
    INFO(details);
    CHECK_FALSE(f.usage_odd);
    CHECK(f.audio_input == 60);
    CHECK(f.image_input == 30);
  }
  for (const char* details : {"completion_tokens_details", "output_tokens_details", "output_token_details"}) {
    const AnswerFacts f = with_usage(R"({"input_tokens":1,"output_tokens":50,")" + std::string(details) +
                                     R"(":{"audio_tokens":20,"image_tokens":30}})");
    INFO(details);
    CHECK(f.audio_output == 20);
    CHECK(f.image_output == 30);
  }
  // Some of the audio came from the cache: what is left may be audio, and not more.
  const AnswerFacts f = with_usage(
      R"({"prompt_tokens":100,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":70,"audio_tokens":60}})");
  CHECK(f.audio_input == 30);
  CHECK_FALSE(f.usage_odd);
  CHECK(
      with_usage(R"({"prompt_tokens":1,"completion_tokens":1,"prompt_tokens_details":{"audio_tokens":2}})").usage_odd);
}

TEST_CASE("Cohere's meta counts where there is no usage, billed units first", "[wire][usage]") {
  const std::string tokens = R"("tokens":{"input_tokens":9,"output_tokens":3})";
  const std::string billed = R"("billed_units":{"input_tokens":7,"search_units":2})";
  const AnswerFacts both = read(R"({"results":[{}],"meta":{)" + tokens + "," + billed + "}}");
  CHECK(both.has_usage);
  CHECK(both.usage == Usage{.input = 7, .cached_input = 0, .cache_write = 0, .output = 0, .reasoning = 0});
  CHECK(both.searches == 2);
  const AnswerFacts counted = read(R"({"results":[{}],"meta":{)" + tokens + "}}");
  CHECK(counted.usage == Usage{.input = 9, .cached_input = 0, .cache_write = 0, .output = 3, .reasoning = 0});
  CHECK_FALSE(counted.searches);
  const AnswerFacts images =
      read(R"({"embeddings":{},"meta":{"billed_units":{"input_tokens":4,"images":1,"image_tokens":80}}})");
  CHECK(images.usage.input == 84);
  CHECK(images.image_input == 80);
  for (const char* usage : {R"("usage":{"prompt_tokens":5,"completion_tokens":1},)", ""}) {
    const std::string last = *usage == 0 ? R"(,"usage":{"prompt_tokens":5,"completion_tokens":1})" : "";
    const AnswerFacts f = read("{" + std::string(usage) + R"("meta":{)" + billed + "}" + last + "}");
    CHECK(f.usage.input == 5);  // in either order
    CHECK_FALSE(f.usage_odd);
    CHECK(f.searches == 2);
  }
  const AnswerFacts odd = read(R"({"results":[{}],"meta":{"billed_units":{"search_units":-1,"input_tokens":"7"}}})");
  CHECK_FALSE(odd.has_usage);
  CHECK_FALSE(odd.searches);
  CHECK(read(R"({"results":[{}],"meta":[1]})").has_results);
}

}  // namespace
}  // namespace gateway
