// A stream of one provider's shape, translated for a client of another: its beginning, and a chunk that can come as
// often as one likes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "providers/dialect.h"
#include "providers/provider.h"
#include "surfaces/anthropic.h"
#include "surfaces/openai.h"
#include "surfaces/responses.h"

namespace gateway::testing {

struct StreamText {
  std::string beginning, chunk;
};

// Of a chunk some tokens long, as each of these providers writes it.
inline StreamText stream_of(ProviderType type) {
  switch (type) {
    case ProviderType::anthropic:
      return {
          "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_01ABCDEFGHIJKLMNOP\","
          "\"model\":\"claude-x\",\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}\n\nevent: "
          "content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":"
          "\"text\",\"text\":\"\"}}\n\n",
          "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
          "\"text_delta\",\"text\":\"some words of an answer\"}}\n\n"};
    case ProviderType::gemini:
      return {
          "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hi\"}],\"role\":\"model\"},\"index\":0}],"
          "\"responseId\":\"abcdefghijklmnopqrstuv\",\"modelVersion\":\"gemini-x\"}\r\n\r\n",
          "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"some words of an answer\"}],\"role\":"
          "\"model\"},\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":9,\"candidatesTokenCount\":20,"
          "\"totalTokenCount\":29},\"modelVersion\":\"gemini-x\",\"responseId\":\"abcdefghijklmnopqrstuv\"}\r\n\r\n"};
    case ProviderType::responses:
      return {
          "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":"
          "\"resp_0123456789abcdef0123456789\",\"model\":\"gpt-x\",\"created_at\":5,\"output\":[]}}\n\nevent: "
          "response.output_item.added\ndata: {\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":"
          "{\"type\":\"message\",\"content\":[]}}\n\n",
          "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"content_index\":0,"
          "\"delta\":\"some words of an answer\",\"item_id\":\"msg_0123456789abcdef0123456789\",\"logprobs\":[],"
          "\"obfuscation\":\"VBzVxyxJ4bysK\",\"output_index\":0,\"sequence_number\":6}\n\n"};
    default:
      return {
          "data: {\"id\":\"chatcmpl-0123456789abcdef0123\",\"object\":\"chat.completion.chunk\",\"created\":5,"
          "\"model\":\"gpt-x\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},"
          "\"finish_reason\":null}]}\n\n",
          "data: {\"id\":\"chatcmpl-0123456789abcdef0123\",\"object\":\"chat.completion.chunk\",\"created\":5,"
          "\"model\":\"gpt-x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"some words of an answer\"},"
          "\"logprobs\":null,\"finish_reason\":null}]}\n\n"};
  }
}

class TranslatedStream final : public AnswerSink {
 public:
  TranslatedStream(ProviderType provider, Shape client) {
    ProviderConfig config;
    config.name = "p";
    config.type = provider;
    config.base_url = "https://provider.example/v1";
    provider_ = make_provider(config).value();
    facts_.stream = true;
    writer_ = client == Shape::anthropic   ? make_anthropic_writer(true, 1)
              : client == Shape::responses ? make_responses_writer(true, "")
                                           : make_openai_writer(true, true);
    answer_ = &provider_->dialect->open_answer({.tools = tools_,
                                                .request = facts_,
                                                .client = client,
                                                .max_event = 1024 * 1024,
                                                .max_answer = 1024 * 1024,
                                                .provider = provider_.get()},
                                               slot_);
    const HeaderField head[] = {{"content-type", "text/event-stream"}};
    answer_->on_head({.status = 200, .headers = head});
  }
  AnswerStream::Step push(std::string_view bytes) { return answer_->push(bytes, *this); }
  void event(const ChatEvent& event) override {
    out_.clear();
    writer_->write(event, out_);
    written_ += out_.size();
  }
  void relay(std::string_view bytes) override { written_ += bytes.size(); }
  bool has_sent() const noexcept override { return written_ > 0; }
  std::size_t written() const noexcept { return written_; }

 private:
  BufferPool buffers_;
  AnswerTools tools_{{}, {}, {}, buffers_};
  RequestFacts facts_;
  std::shared_ptr<const Provider> provider_;
  std::unique_ptr<AnswerWriter> writer_;
  AnswerSlot slot_{tools_.room};
  AnswerStream* answer_ = nullptr;
  std::string out_;
  std::size_t written_ = 0;
};

// A conversation of some 100 KiB, as a client of chat completions sends it: turns, a tool call and its result in each.
inline std::string large_chat() {
  std::string body = R"({"model":"m","stream":true,"max_tokens":1000,"tools":[)";
  for (int i = 0; i < 20; ++i) {
    body += (i == 0 ? "" : ",");
    body +=
        R"({"type":"function","function":{"name":"tool)" + std::to_string(i) +
        R"(","description":"Does a thing","parameters":{"type":"object","properties":{"path":{"type":"string"}}}}})";
  }
  body += R"(],"messages":[{"role":"system","content":"Be brief."})";
  for (int i = 0; body.size() < 100 * 1024; ++i) {
    const std::string id = "call_" + std::to_string(i);
    body += R"(,{"role":"user","content":"What is in it? )" + std::string(400, 'x') + R"("},{"role":"assistant",)";
    body += R"("content":null,"tool_calls":[{"id":")" + id +
            R"(","type":"function","function":{"name":"tool1","arguments":"{\"path\":\"/src\"}"}}]},)";
    body += R"({"role":"tool","tool_call_id":")" + id + R"(","content":")" + std::string(900, 'y') + R"("})";
  }
  return body += "]}";
}

}  // namespace gateway::testing
