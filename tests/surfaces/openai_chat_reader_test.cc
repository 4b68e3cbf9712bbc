#include "support/catch.h"
#include "surfaces/openai.h"

using namespace gateway;

namespace {

struct Read {
  PaddedBuffer body;
  ChatRequest chat;
};

std::unique_ptr<Read> read(std::string_view members) {
  auto out = std::make_unique<Read>();
  out->body.append("{" + std::string(members) + "}");
  const auto done = read_openai_chat(out->body, out->chat);
  INFO((done ? "" : done.error().detail));
  REQUIRE(done.has_value());
  return out;
}

std::string refusal(std::string_view members) {
  PaddedBuffer body;
  body.append("{" + std::string(members) + "}");
  ChatRequest chat;
  const auto done = read_openai_chat(body, chat);
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().code == ErrorCode::unsupported);
  return done.error().detail.substr(0, done.error().detail.find(':'));
}

std::string message(std::string_view json) { return R"("messages":[)" + std::string(json) + "]"; }

template <class Kind>
const Kind& as(const chat::Block& block) {
  return std::get<Kind>(block.value);
}

}  // namespace

TEST_CASE("messages become turns") {
  const auto got = read(message(
      R"({"role":"system","content":"be"},{"role":"developer","content":[{"type":"text","text":"b\u0065",)"
      R"("cache_control":{"type":"ephemeral","ttl":"1h"}}]},{"role":"user","name":"Ann","content":"hi"},)"
      R"({"role":"assistant","reasoning_content":"hm","content":null,"annotations":[],"tool_calls":[{"id":"x","type":)"
      R"("function","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"s"}}},)"
      R"({"id":"y","type":"custom","custom":{"name":"g","input":"z"}}]},{"role":"tool","tool_call_id":"x",)"
      R"("content":"1"},{"role":"tool","tool_call_id":"y","content":[{"type":"text","text":"2"}]},)"
      R"({"role":"system","content":"later"},{"content":"bye","role":"user"})"));
  const ChatRequest& chat = got->chat;
  REQUIRE(chat.system.size() == 2);
  CHECK(as<chat::Text>(chat.system[0]).text == "be");
  CHECK(as<chat::Text>(chat.system[1]).text == "be");
  CHECK(chat.system[1].cache == "1h");
  REQUIRE(chat.turns.size() == 5);
  CHECK(chat.turns[0].name == "Ann");
  const auto& calls = chat.turns[1].blocks;
  REQUIRE(calls.size() == 3);
  CHECK(as<chat::Reasoning>(calls[0]).text == "hm");
  CHECK(as<chat::ToolCall>(calls[1]).signature == "s");
  CHECK(as<chat::ToolCall>(calls[2]).custom);
  CHECK(as<chat::ToolCall>(calls[2]).arguments == "z");
  const auto& results = chat.turns[2].blocks;
  REQUIRE(results.size() == 2);
  CHECK(chat.turns[2].role == chat::Role::user);
  CHECK(as<chat::ToolResult>(results[1]).call_id == "y");
  CHECK(as<chat::Text>(as<chat::ToolResult>(results[1]).blocks.at(0)).text == "2");
  CHECK(chat.turns[3].role == chat::Role::system);
  CHECK(as<chat::Text>(chat.turns[4].blocks.at(0)).text == "bye");
}

TEST_CASE("parts of a content become blocks") {
  const auto got = read(message(
      R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA==","detail":"low"}},)"
      R"({"type":"image_url","image_url":"https://x/y.png"},{"type":"input_audio","input_audio":{"data":"BB","format":)"
      R"("wav"}},{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,CC"}},)"
      R"({"type":"image_url","image_url":{"url":"data:image/png;x=1;base64,DD"}}]})"));
  const auto& blocks = got->chat.turns.at(0).blocks;
  REQUIRE(blocks.size() == 5);
  CHECK(as<chat::Image>(blocks[0]).bytes == "AA==");
  CHECK(as<chat::Image>(blocks[0]).media_type == "image/png");
  CHECK(as<chat::Image>(blocks[0]).detail == "low");
  CHECK(as<chat::Image>(blocks[1]).url == "https://x/y.png");
  CHECK(as<chat::Audio>(blocks[2]).format == "wav");
  CHECK(as<chat::Document>(blocks[3]).media_type == "application/pdf");
  CHECK(as<chat::Document>(blocks[3]).name == "a.pdf");
  CHECK(as<chat::Image>(blocks[4]).media_type == "image/png");
  CHECK(as<chat::Image>(blocks[4]).bytes == "DD");
}

TEST_CASE("options have their places, numbers as they were written") {
  const auto got = read(
      R"("model":"m","stream":true,"messages":[],"temperature":0.70,"top_p":1.0,"seed":12345678901234567890123,)"
      R"("stop":"END","n":2,"max_tokens":5,"max_completion_tokens":7,"logprobs":true,"top_logprobs":3,)"
      R"("logit_bias":{"1":-100},"presence_penalty":null,"reasoning_effort":"high","parallel_tool_calls":false,)"
      R"("modalities":["text","audio"],"metadata":{"a":"b"},"user":"u\u0031","service_tier":"flex",)"
      R"("prediction":{"type":"content","content":"x"},"stream_options":{"include_usage":true},"store":true,)"
      R"("response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{"type":"object"},"strict":true}})");
  const ChatRequest& chat = got->chat;
  CHECK(chat.stream);
  CHECK(chat.sampling.temperature == "0.70");
  CHECK(chat.sampling.seed == "12345678901234567890123");
  CHECK(chat.sampling.stop == std::vector<std::string_view>{"END"});
  CHECK(chat.sampling.n == 2);
  CHECK(chat.sampling.max_output == 7);
  CHECK(chat.sampling.logprobs == true);
  CHECK(chat.sampling.logit_bias == R"({"1":-100})");
  CHECK(chat.reasoning.effort == "high");
  CHECK(chat.tool_choice.parallel == false);
  CHECK(chat.output.modalities.size() == 2);
  CHECK(chat.output.kind == chat::Output::Kind::schema);
  CHECK(chat.output.schema == R"({"type":"object"})");
  CHECK(chat.output.strict == true);
  CHECK(chat.metadata == R"({"a":"b"})");
  CHECK(chat.user == "u1");
  REQUIRE(chat.extra.size() == 1);
  CHECK(chat.extra[0].name == "store");
  CHECK(chat.extra[0].json == "true");
}

TEST_CASE("members of the root that do not fit are handed on as they came") {
  const auto got = read(
      R"("messages":[],"logprobs":1,"stop":[1],"response_format":{"type":"grammar","x":[1, 2]},"thinking":{"type":)"
      R"("enabled"},"tool_choice":{"type":"web_search"},"temperature":"hot","min_p":0.10)");
  std::string all;
  for (const chat::Extra& extra : got->chat.extra) all += std::string(extra.name) + "=" + std::string(extra.json) + " ";
  CHECK(all == R"(logprobs=1 stop=[1] response_format={"type":"grammar","x":[1, 2]} thinking={"type":"enabled"} )"
               R"(tool_choice={"type":"web_search"} temperature="hot" min_p=0.10 )");
  CHECK(got->chat.sampling.stop.empty());
  CHECK(got->chat.output.kind == chat::Output::Kind::text);
}

TEST_CASE("tools and the choice among them") {
  const auto got = read(
      R"("messages":[],"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"a":1},)"
      R"("strict":true},"cache_control":{"type":"ephemeral"}},{"type":"custom","custom":{"name":"g","format":{"b":2}}},)"
      R"({"type":"web_search","size":"low"}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required",)"
      R"("tools":[{"type":"function","function":{"name":"f"}},{"type":"custom","custom":{"name":"g"}}]}})");
  const auto& tools = got->chat.tools;
  REQUIRE(tools.size() == 3);
  CHECK(tools[0].schema == R"({"a":1})");
  CHECK(tools[0].strict == true);
  CHECK(tools[0].cache == "5m");
  CHECK(tools[1].kind == chat::Tool::Kind::custom);
  CHECK(tools[1].schema == R"({"b":2})");
  CHECK(tools[2].kind == chat::Tool::Kind::server);
  CHECK(tools[2].schema == R"({"type":"web_search","size":"low"})");
  const auto& choice = got->chat.tool_choice;
  CHECK(choice.kind == chat::ToolChoice::Kind::allowed);
  CHECK(choice.must_call);
  CHECK(choice.names == std::vector<std::string_view>{"f", "g"});
  CHECK(read(R"("messages":[],"tool_choice":"required")")->chat.tool_choice.kind == chat::ToolChoice::Kind::required);
  const auto old = read(R"("messages":[],"functions":[{"name":"f","parameters":{}}],"function_call":{"name":"f"})");
  CHECK(old->chat.tools.at(0).name == "f");
  CHECK(old->chat.tool_choice.kind == chat::ToolChoice::Kind::named);
}

TEST_CASE("what has no place is refused by its name") {
  const std::string user = R"({"role":"user","content":"a"},)";
  CHECK(refusal(message(user + R"({"role":"assistant","audio":{"id":"x"}})")) == "messages[1].audio");
  CHECK(refusal(message(R"({"role":"judge","content":"a"})")) == "messages[0].role");
  CHECK(refusal(message(R"({"role":"user","content":[{"type":"text","text":"a"},{"type":"video"}]})")) ==
        "messages[0].content[1]");
  CHECK(refusal(message(R"({"role":"user","content":[{"type":"file","file":{"file_id":"f"}}]})")) ==
        "messages[0].content[0].file.file_id");
  CHECK(refusal(message(R"({"role":"user","content":5})")) == "messages[0].content");
  CHECK(refusal(message("5")) == "messages[0]");
  CHECK(refusal(R"("tools":[{"type":"function","function":{"name":"f","cost":1}}])") == "tools[0].function.cost");
  CHECK(refusal(R"("tool_choice":"perhaps")") == "tool_choice");
}
