#include "surfaces/insforge.h"

#include <map>

#include "support/catch.h"
#include "support/json_value.h"
#include "wire/sse/scanner.h"

using namespace gateway;
using gateway::testing::canonical_json;

namespace {

std::string same(std::string_view json) {
  return canonical_json(json, [](std::string_view, std::string&) {});
}

std::string rewritten(std::string_view json, bool (*rewrite)(PaddedBuffer&, BadRequest&) = rewrite_insforge_chat) {
  PaddedBuffer body;
  body.append(json);
  BadRequest why;
  REQUIRE(rewrite(body, why));
  return same(body.view());
}

std::string write(InsforgeAnswer form, const std::vector<ChatEvent>& events) {
  const auto writer = make_insforge_writer(form);
  std::string out;
  for (const ChatEvent& each : events) writer->write(each, out);
  return out;
}

std::vector<std::string> data_of(const std::string& stream) {
  std::vector<std::string> out;
  SseScanner scanner;
  scanner.push(stream);
  SseEvent event;
  while (scanner.next(event)) out.emplace_back(event.data);
  return out;
}

const std::vector<ChatEvent> kTalk{
    chat::Begin{"c1", "m", 5},
    chat::TextDelta{0, "Hel"},
    chat::TextDelta{0, "lo"},
    chat::ToolBegin{0, 0, "t1", "f", false},
    chat::ToolArguments{0, 0, "{\"a\":"},
    chat::ToolArguments{0, 0, "1}"},
    chat::ToolEnd{0, 0, {}},
    chat::Annotation{0,
                     R"({"type":"url_citation","url_citation":{"url":"u","title":"t","start_index":1,"end_index":2}})"},
    chat::Finish{0, chat::FinishReason::tools, "tool_calls", {}},
    chat::UsageReport{{.input = 3, .output = 2}, {}},
    chat::End{}};

constexpr std::string_view kCalls =
    R"([{"id":"t1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}])";
constexpr std::string_view kCited =
    R"([{"type":"url_citation","urlCitation":{"url":"u","title":"t","startIndex":1,"endIndex":2}}])";

}  // namespace

TEST_CASE("InsForge's names become OpenAI's, all else stays", "[surfaces][insforge]") {
  const std::map<std::string, std::string> cases{
      {R"({"model":"m","messages":[{"role":"user","content":"hi"}],"topP":0.5,"maxTokens":7,"stream":true,"seed":3})",
       R"({"model":"m","messages":[{"role":"user","content":"hi"}],"top_p":0.5,"max_tokens":7,"stream":true,"seed":3})"},
      {R"({"systemPrompt":"Be \"brief\"","messages":[{"role":"user","content":"hi"}]})",
       R"({"messages":[{"role":"system","content":"Be \"brief\""},{"role":"user","content":"hi"}]})"},
      {R"({"messages":[],"systemPrompt":"s"})", R"({"messages":[{"role":"system","content":"s"}]})"},
      {R"({"messages":[],"toolChoice":{"type":"auto"},"parallelToolCalls":false,"tools":[{}]})",
       R"({"messages":[],"tool_choice":{"type":"auto"},"parallel_tool_calls":false,"tools":[{}]})"},
      {R"({"messages":[],"thinking":true,"webSearch":{"enabled":false}})",
       R"({"messages":[],"reasoning_effort":"medium"})"},
      {R"({"messages":[],"thinking":false,"maxTokens":null})", R"({"messages":[]})"},
      {R"({"messages":[],"webSearch":{"maxResults":3,"enabled":true,"engine":"exa","searchPrompt":"p"},)"
       R"("fileParser":{"enabled":true,"pdf":{"engine":"native"}}})",
       R"({"messages":[],"plugins":[{"id":"web","max_results":3,"engine":"exa","search_prompt":"p"},)"
       R"({"id":"file-parser","pdf":{"engine":"native"}}]})"},
      {R"({"messages":[{"role":"user","content":"see","images":[{"url":"a"},{"url":"b"}]}]})",
       R"({"messages":[{"role":"user","content":[{"type":"text","text":"see"},)"
       R"({"type":"image_url","image_url":{"url":"a"}},{"type":"image_url","image_url":{"url":"b"}}]}]})"},
      {R"({"messages":[{"role":"user","content":[{"type":"text","text":"x"}],"images":[{"url":"a"}]}]})",
       R"({"messages":[{"role":"user","content":[{"type":"text","text":"x"},)"
       R"({"type":"image_url","image_url":{"url":"a"}}]}]})"},
      {R"({"messages":[{"role":"tool","tool_call_id":"t","content":{"n":[1, "x"]}}]})",
       R"({"messages":[{"role":"tool","tool_call_id":"t","content":"{\"n\":[1, \"x\"]}"}]})"},
      {R"({"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"t"}]}]})",
       R"({"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"t"}]}]})"},
      {R"({"messages":"no list","model":7})", R"({"messages":"no list","model":7})"},
      {R"({"a\"b":1})", R"({"a\"b":1})"},
  };
  for (const auto& [theirs, ours] : cases) {
    CAPTURE(theirs);
    CHECK(rewritten(theirs) == same(ours));
  }
}

TEST_CASE("what InsForge's answers have no place for is refused, by its name", "[surfaces][insforge]") {
  std::string many = R"({"url":"a"})";
  for (int i = 0; i < 1000; ++i) many += R"(,{"url":"a"})";
  const std::map<std::string, std::string> cases{
      {R"({"n":2,"messages":[]})", "n: expected 1"},
      {R"({"messages":[{"role":"user","content":"x","images":[{"url":1}]}]})", "images[].url: expected a string"},
      {R"({"messages":[{"role":"user","content":"x","images":[)" + many + "]}]}", "images: expected at most 1000"},
  };
  for (const auto& [text, said] : cases) {
    PaddedBuffer body;
    body.append(text);
    BadRequest why;
    CHECK_FALSE(rewrite_insforge_chat(body, why));
    CHECK(why.message == said);
  }
  CHECK(rewritten(R"({"n":1,"messages":[{"role":"user","content":[ ],"images":[{"url":"a"}]}]})") ==
        same(R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"a"}}]}]})"));
}

TEST_CASE("pictures are asked of a chat model", "[surfaces][insforge]") {
  CHECK(rewritten(R"({"model":"m","prompt":"a cat","stream":true})", rewrite_insforge_images) ==
        same(R"({"model":"m","messages":[{"role":"user","content":"a cat"}],"modalities":["text","image"]})"));
  CHECK(rewritten(R"({"prompt":"it, red","images":[{"url":"data:x"}]})", rewrite_insforge_images) ==
        same(R"({"messages":[{"role":"user","content":[{"type":"text","text":"it, red"},)"
             R"({"type":"image_url","image_url":{"url":"data:x"}}]}],"modalities":["text","image"]})"));
  for (const char* text : {R"({"model":"m"})", R"({"prompt":7})", "[]", "{"}) {
    CAPTURE(text);
    PaddedBuffer body;
    body.append(text);
    BadRequest why;
    CHECK_FALSE(rewrite_insforge_images(body, why));
    CHECK_FALSE(why.message.empty());
  }
}

TEST_CASE("one document serves all of InsForge's SDKs", "[surfaces][insforge]") {
  const std::string usage =
      R"({"promptTokens":3,"completionTokens":2,"totalTokens":5,"prompt_tokens":3,"completion_tokens":2,"total_tokens":5})";
  CHECK(same(write(InsforgeAnswer::document, kTalk)) ==
        same(R"({"success":true,"text":"Hello","content":"Hello","tool_calls":)" + std::string(kCalls) +
             R"(,"annotations":)" + std::string(kCited) + R"(,"metadata":{"model":"m","usage":)" + usage + "}}"));
  // What they require is there also where nothing is known of it.
  const std::string bare = write(InsforgeAnswer::document, {chat::Begin{"c", "m", 0}, chat::End{}});
  CHECK(bare.find(R"("text":"","content":"")") != bare.npos);
  CHECK(bare.find(R"("promptTokens":0)") != bare.npos);
  CHECK(bare.find("tool_calls") == bare.npos);
}

TEST_CASE("one stream serves all of InsForge's SDKs", "[surfaces][insforge]") {
  const std::vector<std::string> expected{
      R"({"id":"c1","model":"m","choices":[{"index":0,"delta":{"role":"assistant"},"finish_reason":null}]})",
      R"({"chunk":"Hel"})",
      R"({"choices":[{"delta":{"content":"Hel"}}]})",
      R"({"chunk":"lo"})",
      R"({"choices":[{"delta":{"content":"lo"}}]})",
      R"({"choices":[{"delta":{"tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"f","arguments":""}}]}}]})",
      R"({"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}}]}}]})",
      R"({"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]}}]})",
      R"({"tool_calls":)" + std::string(kCalls) + "}",
      R"({"annotations":)" + std::string(kCited) + "}",
      R"({"tokenUsage":{"promptTokens":3,"completionTokens":2,"totalTokens":5}})",
      R"({"choices":[{"delta":{},"finish_reason":"tool_calls"}]})",
      R"({"done":true})",
      "[DONE]"};
  CHECK(data_of(write(InsforgeAnswer::events, kTalk)) == expected);
}

TEST_CASE("Swift's client has the whole stream in one event", "[surfaces][insforge]") {
  const std::string stream = write(InsforgeAnswer::one_event, kTalk);
  const auto events = data_of(stream);
  REQUIRE(events.size() == 1);
  CHECK(
      same(events[0]) ==
      same(R"({"id":"c1","model":"m","choices":[{"delta":{"content":"Hello","tool_calls":[{"index":0,"id":"t1",)"
           R"("type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},"finish_reason":"tool_calls"}]})"));
}

TEST_CASE("no line end that only some readers know is in a stream", "[surfaces][insforge]") {
  const std::vector<ChatEvent> events{chat::Begin{"c", "m", 0},
                                      chat::TextDelta{0,
                                                      "a\xc2\x85"
                                                      "b\xe2\x80\xa8"
                                                      "c\xe2\x80\xa9"
                                                      "d\n"},
                                      chat::End{}};
  for (const InsforgeAnswer form : {InsforgeAnswer::events, InsforgeAnswer::one_event}) {
    const std::string stream = write(form, events);
    CHECK(stream.find("\xe2\x80") == stream.npos);
    CHECK(stream.find("\xc2\x85") == stream.npos);
    CHECK(stream.find(R"(a\u0085b\u2028c\u2029d\n)") != stream.npos);
  }
}

TEST_CASE("pictures are where each SDK looks for them", "[surfaces][insforge]") {
  const std::vector<ChatEvent> events{chat::Begin{"c", "m", 0},
                                      chat::Media{0, R"({"type":"image_url","image_url":{"url":"data:x"}})", false},
                                      chat::TextDelta{0, "here"}, chat::End{}};
  const std::string others = write(InsforgeAnswer::images, events);
  CHECK(others.find(R"("images":[{"type":"imageUrl","imageUrl":"data:x"}],"text":"here","count":1)") != others.npos);
  CHECK(others.find("image_url") == others.npos);
  CHECK(others.find(R"("nextActions":"")") != others.npos);
  CHECK(write(InsforgeAnswer::kotlin_images, events).find(R"("image_url":{"url":"data:x"})") != std::string::npos);
}

TEST_CASE("errors have InsForge's four members and no other", "[surfaces][insforge]") {
  const Surface& surface = insforge_surface(InsforgeCall::chat, "node");
  const auto body = [&](const ApiError& error) {
    std::string out;
    surface.write_error(out, error);
    return out;
  };
  CHECK(body(api_error::invalid_api_key()).starts_with(R"({"error":"AUTH_INVALID_API_KEY","message":")"));
  CHECK(body(api_error::invalid_api_key()).ends_with(R"(,"statusCode":401,"nextActions":null})"));
  CHECK(body(api_error::model_not_found("m")).starts_with(R"({"error":"AI_INVALID_MODEL")"));
  CHECK(body(api_error::model_not_allowed("m")).starts_with(R"({"error":"FORBIDDEN")"));
  CHECK(body(api_error::bad_request("x")).starts_with(R"({"error":"INVALID_INPUT","message":"x")"));
  CHECK(body(api_error::cap_reached({})).starts_with(R"({"error":"BILLING_INSUFFICIENT_BALANCE")"));
  CHECK(body(api_error::provider_timeout()).starts_with(R"({"error":"AI_UPSTREAM_UNAVAILABLE")"));
  const std::string limited = body(api_error::rate_limited("requests", 3, std::chrono::milliseconds(1500)));
  CHECK(limited.starts_with(R"({"error":"RATE_LIMITED")"));
  CHECK(limited.ends_with(R"("nextActions":"Try again in 2 s."})"));
}
