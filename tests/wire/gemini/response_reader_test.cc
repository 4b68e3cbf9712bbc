#include "wire/gemini/response_reader.h"

#include <simdjson.h>

#include "support/catch.h"
#include "support/chat_log.h"
#include "support/recorded.h"
#include "wire/gemini/model_list.h"

using namespace gateway;
using gateway::gemini::ResponseReader;
using gateway::testing::ChatLog;
using gateway::testing::event_data;
using gateway::testing::gemini_recorded;
using simdjson::dom::element;

namespace {

using Piece = ResponseReader::Piece;

struct Heard {
  ChatLog log;
  ResponseReader reader;
  Piece last = Piece::broken;

  void stream(std::string_view bytes) {
    for (const std::string_view each : event_data(bytes)) last = reader.read_chunk(each, &log);
    reader.finish(log);
  }
  void document(std::string_view text) {
    PaddedBuffer json;
    json.append(text);
    last = reader.read_document(json, &log);
    if (last == Piece::part) reader.finish(log);
  }
};

std::string text_at(element root, const std::string& pointer) {
  std::string_view text;
  return root.at_pointer(pointer).get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}
std::int64_t whole_at(element root, const std::string& pointer) {
  std::int64_t number = 0;
  return root.at_pointer(pointer).get(number) == simdjson::SUCCESS ? number : 0;
}

// What an answer says, found by other means.
struct Expected {
  std::string text, thoughts, reason;
  std::vector<std::string> calls, signatures;
  std::int64_t prompt = 0, cached = 0, tool_prompt = 0, output = 0, thought_tokens = 0, audio = 0;

  void take(std::string_view json) {
    simdjson::dom::parser parser;
    element root;
    REQUIRE(parser.parse(std::string(json)).get(root) == simdjson::SUCCESS);
    if (root.is_array()) {
      const simdjson::dom::array list = root.get_array().value_unsafe();
      for (const element each : list) take(each);
    } else {
      take(root);
    }
  }
  void take(element root) {
    for (int i = 0; i < 20; ++i) {
      const std::string at = "/candidates/0/content/parts/" + std::to_string(i);
      element part;
      if (root.at_pointer(at).get(part) != simdjson::SUCCESS) break;
      bool thought = false;
      if (part["thought"].get(thought) != simdjson::SUCCESS) thought = false;
      (thought ? thoughts : text) += text_at(part, "/text");
      if (const auto name = text_at(part, "/functionCall/name"); !name.empty()) calls.push_back(name);
      if (const auto sign = text_at(part, "/thoughtSignature"); !sign.empty()) signatures.push_back(sign);
    }
    if (const auto word = text_at(root, "/candidates/0/finishReason"); !word.empty()) reason = word;
    element usage;
    if (root.at_pointer("/usageMetadata/promptTokenCount").get(usage) != simdjson::SUCCESS) return;
    prompt = whole_at(root, "/usageMetadata/promptTokenCount");
    cached = whole_at(root, "/usageMetadata/cachedContentTokenCount");
    tool_prompt = whole_at(root, "/usageMetadata/toolUsePromptTokenCount");
    output = whole_at(root, "/usageMetadata/candidatesTokenCount");
    thought_tokens = whole_at(root, "/usageMetadata/thoughtsTokenCount");
    audio = 0;
    for (int i = 0; i < 8; ++i) {
      const std::string at = "/usageMetadata/promptTokensDetails/" + std::to_string(i);
      if (text_at(root, at + "/modality") == "AUDIO") audio += whole_at(root, at + "/tokenCount");
    }
  }
};

void check(const Heard& heard, const Expected& expected) {
  CHECK(heard.log.fault == "");
  REQUIRE(heard.log.ended);
  CHECK(heard.reader.facts().finished);
  const ChatLog::Choice& choice = heard.log.choices.at(0);
  CHECK(choice.text == expected.text);
  CHECK(choice.reasoning == expected.thoughts);
  CHECK(choice.finish_text == expected.reason);
  REQUIRE(choice.tools.size() == expected.calls.size());
  for (std::size_t i = 0; i < choice.tools.size(); ++i) {
    const ChatLog::Tool& tool = choice.tools[i];
    CHECK(tool.name == expected.calls[i]);
    CHECK(tool.id.starts_with("call_"));
    simdjson::dom::parser parser;
    element arguments;
    CHECK(parser.parse(tool.arguments).get(arguments) == simdjson::SUCCESS);
  }
  if (!choice.tools.empty() && expected.reason == "STOP") CHECK(choice.finish == "tools");
  if (heard.reader.facts().usage.given) {
    REQUIRE_FALSE(heard.log.usage.empty());
    const Usage& usage = heard.log.usage.back().usage;
    CHECK(usage.input == expected.prompt + expected.tool_prompt);
    CHECK(usage.cached_input == expected.cached);
    CHECK(usage.output == expected.output + expected.thought_tokens);
    CHECK(usage.reasoning == expected.thought_tokens);
    CHECK(heard.reader.facts().usage.plain_audio_input() == expected.audio);
    CHECK_FALSE(heard.reader.facts().usage.odd);
  } else {
    CHECK(expected.prompt == 0);
  }
}

Heard hear(std::initializer_list<const char*> chunks) {
  Heard heard;
  for (const char* each : chunks) heard.last = heard.reader.read_chunk(each, &heard.log);
  heard.reader.finish(heard.log);
  CHECK(heard.log.fault == "");
  return heard;
}

}  // namespace

TEST_CASE("every recorded stream of Gemini is read whole, in order", "[wire][gemini][fixtures]") {
  const auto all = gemini_recorded(".sse");
  if (all.empty()) return;
  CHECK(all.size() >= 14);
  for (const auto& each : all) {
    CAPTURE(each.name);
    Heard heard;
    heard.stream(each.text);
    Expected expected;
    for (const std::string_view data : event_data(each.text)) expected.take(data);
    check(heard, expected);
    if (each.name.find("code-exec") == std::string::npos) {
      CHECK(heard.log.choices.at(0).signatures.size() <= expected.signatures.size());
    }
  }
}

TEST_CASE("every recorded document of Gemini is read whole", "[wire][gemini][fixtures]") {
  const auto all = gemini_recorded(".response.json");
  if (all.empty()) return;
  CHECK(all.size() >= 20);
  for (const auto& each : all) {
    CAPTURE(each.name);
    Heard heard;
    heard.document(each.text);
    if (each.name.find("error") != std::string::npos) {
      CHECK((heard.last == Piece::error));
      continue;
    }
    REQUIRE((heard.last == Piece::part));
    Expected expected;
    expected.take(each.text);
    check(heard, expected);
  }
}

TEST_CASE("arguments that come in parts are put together", "[wire][gemini]") {
  const Heard heard =
      hear({R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","willContinue":true},)"
            R"("thoughtSignature":"S"}]}}],"responseId":"r"})",
            R"({"candidates":[{"content":{"parts":[{"functionCall":{"partialArgs":[)"
            R"({"jsonPath":"$.a","stringValue":"x","willContinue":true}],"willContinue":true}}]}}]})",
            R"({"candidates":[{"content":{"parts":[{"functionCall":{"partialArgs":[)"
            R"({"jsonPath":"$.a","stringValue":"y"},{"jsonPath":"$.b[0]['c d']","numberValue":2},)"
            R"({"jsonPath":"$.b[1].e","boolValue":true}],"willContinue":true}}]}}]})",
            R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":"g"}}]}}]})",
            R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":"h","willContinue":true}}]},)"
            R"("finishReason":"STOP"}]})"});
  const auto& tools = heard.log.choices.at(0).tools;
  REQUIRE(tools.size() == 3);
  CHECK(tools[0].arguments == R"({"a":"xy","b":[{"c d":2},{"e":true}]})");
  CHECK(tools[0].signature == "S");
  CHECK(tools[1].arguments == "{}");
  CHECK(tools[2].arguments == "{}");
  CHECK(tools[0].id != tools[1].id);
}

TEST_CASE("why an answer stopped", "[wire][gemini]") {
  const auto finish = [](const std::string& word) {
    const std::string chunk = R"({"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":")" + word + "\"}]}";
    return hear({chunk.c_str()}).log.choices.at(0).finish;
  };
  CHECK(finish("STOP") == "stop");
  CHECK(finish("MAX_TOKENS") == "length");
  for (const char* word : {"SAFETY", "RECITATION", "SPII", "IMAGE_SAFETY", "MODEL_ARMOR"}) {
    CHECK(finish(word) == "filter");
  }
  CHECK(finish("MALFORMED_FUNCTION_CALL") == "stop");
  CHECK(finish("NEWS") == "stop");
  const Heard blocked =
      hear({R"({"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":9,)"
            R"("totalTokenCount":9},"modelVersion":"m"})"});
  CHECK(blocked.log.choices.at(0).finish == "filter");
  CHECK(blocked.reader.facts().finished);
  CHECK(blocked.log.usage.back().usage.input == 9);
}

TEST_CASE("a call is one wherever its STOP comes", "[wire][gemini]") {
  const Heard heard = hear({R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"a":1}}}]}}]})",
                            R"({"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3,)"
                            R"("candidatesTokenCount":2,"totalTokenCount":5},"modelVersion":"m"})"});
  CHECK(heard.log.choices.at(0).finish == "tools");
  CHECK(heard.log.usage.back().usage.output == 2);
}

TEST_CASE("the last counts of a stream are its usage, and what is odd in them is said", "[wire][gemini]") {
  const Heard falling = hear({R"({"candidates":[{"content":{"parts":[{"text":"x"}]}}],"usageMetadata":)"
                              R"({"promptTokenCount":46,"candidatesTokenCount":85,"totalTokenCount":131}})",
                              R"({"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":40,)"
                              R"("candidatesTokenCount":5,"toolUsePromptTokenCount":7,"thoughtsTokenCount":3,)"
                              R"("cachedContentTokenCount":30,"totalTokenCount":55,"trafficType":"ON_DEMAND_FLEX"}})"});
  const Usage& usage = falling.log.usage.back().usage;
  CHECK(usage.input == 47);
  CHECK(usage.cached_input == 30);
  CHECK(usage.output == 8);
  CHECK(usage.reasoning == 3);
  CHECK(falling.reader.facts().usage.tier == "flex");
  CHECK_FALSE(falling.reader.facts().usage.odd);

  const Heard last = hear({R"({"candidates":[{"finishReason":"STOP"}]})",
                           R"({"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":5,"totalTokenCount":9}})"});
  REQUIRE_FALSE(last.log.usage.empty());
  CHECK(last.log.usage.back().usage.output == 5);

  const Heard more = hear({R"({"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":4,)"
                           R"("candidatesTokenCount":5,"totalTokenCount":19}})"});
  CHECK(more.log.usage.back().usage.output == 15);
  CHECK(more.reader.facts().usage.odd);
  const Heard negative = hear({R"({"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":-4}})"});
  CHECK(negative.reader.facts().usage.odd);
  CHECK(negative.log.usage.empty());
}

TEST_CASE("images, probabilities and sources come in OpenAI's forms", "[wire][gemini]") {
  const Heard heard = hear(
      {R"({"candidates":[{"content":{"parts":[{"text":"Grüße"},{"inlineData":{"mimeType":"image/png","data":"QUJD"}}]},)"
       R"("groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a.b","title":"A"}}]},"logprobsResult":)"
       R"({"chosenCandidates":[{"token":"Gr","logProbability":-0.5}],"topCandidates":[{"candidates":[)"
       R"({"token":"Gr","logProbability":-0.5},{"token":"x","logProbability":-2}]}]},"finishReason":"STOP"}]})"});
  const ChatLog::Choice& choice = heard.log.choices.at(0);
  REQUIRE(choice.media.size() == 1);
  CHECK(choice.media[0] == R"({"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD"}})");
  REQUIRE(choice.annotations.size() == 1);
  CHECK(choice.annotations[0] ==
        R"({"type":"url_citation","url_citation":{"start_index":0,"end_index":5,"url":"https://a.b","title":"A"}})");
  REQUIRE(choice.log_probs.size() == 1);
  CHECK(choice.log_probs[0] ==
        R"({"content":[{"token":"Gr","logprob":-0.5,"bytes":null,"top_logprobs":[{"token":"Gr","logprob":-0.5,)"
        R"("bytes":null},{"token":"x","logprob":-2,"bytes":null}]}],"refusal":null})");
}

TEST_CASE("candidates are choices", "[wire][gemini]") {
  const Heard heard = hear({R"({"candidates":[{"index":0,"content":{"parts":[{"text":"a"}]}},)"
                            R"({"index":1,"content":{"parts":[{"text":"b"}]},"finishReason":"STOP"}]})",
                            R"({"candidates":[{"index":0,"finishReason":"MAX_TOKENS"},{"index":-7}]})"});
  CHECK(heard.log.choices.at(0).text == "a");
  CHECK(heard.log.choices.at(0).finish == "length");
  CHECK(heard.log.choices.at(1).finish == "stop");
}

TEST_CASE("Google's list of models", "[wire][gemini]") {
  const auto models = gemini::read_model_list(
      R"({"models":[{"name":"models/gemini-x","displayName":"X","inputTokenLimit":1000,"outputTokenLimit":20},{"name":1}]})");
  REQUIRE(models.has_value());
  REQUIRE(models->size() == 1);
  CHECK(models->front().id == "gemini-x");
  CHECK(models->front().context_length == 1000);
  CHECK(models->front().max_output_tokens == 20);
  CHECK_FALSE(gemini::read_model_list(R"({"data":[]})"));
}
