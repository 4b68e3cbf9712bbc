#include <algorithm>
#include <memory>
#include <string>

#include "fuzz/fuzz_target.h"
#include "support/chat_log.h"
#include "surfaces/openai.h"
#include "wire/gemini/model_list.h"
#include "wire/gemini/response_reader.h"
#include "wire/openai/event_reader.h"

namespace gateway::fuzz {
namespace {

// Hears the events of an answer, and writes them in OpenAI's shape.
class GeminiRelay final : public ChatEventSink {
 public:
  GeminiRelay() : writer_(make_openai_writer(false, true)) {}
  void event(const ChatEvent& event) override {
    log.event(event);
    writer_->write(event, out);
  }
  testing::ChatLog log;
  std::string out;

 private:
  std::unique_ptr<AnswerWriter> writer_;
};

void read_answer(std::string_view input, bool complete, ChatEventSink& sink, gemini::ResponseReader& reader) {
  if (complete) {
    PaddedBuffer document;
    document.append(input);
    reader.read_document(document, &sink);
  } else {
    for (std::size_t at = 0; at < input.size();) {
      const std::size_t end = std::min(input.find('\n', at), input.size());
      reader.read_chunk(input.substr(at, end - at), &sink);
      at = end + 1;
    }
  }
  reader.finish(sink);
}

}  // namespace

// Whatever comes, a chunk each line or a document, its events keep their order, its counts are none below zero, and
// what is written of it is read again with the same text and the same calls.
void gemini_reader(std::string_view input) {
  (void)gemini::read_model_list(input);
  for (const bool complete : {false, true}) {
    GeminiRelay relay;
    gemini::ResponseReader reader;
    read_answer(input, complete, relay, reader);
    require(relay.log.fault.empty() && relay.log.ended, "events keep their order");
    const Usage usage = reader.facts().usage.total();
    for (const auto count : kUsageCounts) require(usage.*count >= 0, "no count is negative");
    require(usage.cached_input <= usage.input && usage.reasoning <= usage.output, "parts are within their sum");
    require(reader.facts().usage.plain_audio_input() >= 0, "no count is negative");
    testing::ChatLog again;
    ChatEventReader back;
    PaddedBuffer document;
    document.append(relay.out);
    back.read_document(document, again);
    back.finish(again);
    require(again.fault.empty() && again.ended, "what was written can be read");
    for (const auto& [number, choice] : relay.log.choices) {
      require(again.choices[number].text == choice.text, "no text is lost");
      require(again.choices[number].tools.size() == choice.tools.size(), "no call is lost");
    }
  }
}

}  // namespace gateway::fuzz
