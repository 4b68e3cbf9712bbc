#include <algorithm>
#include <memory>
#include <string>

#include "fuzz/fuzz_target.h"
#include "support/chat_log.h"
#include "support/recorded.h"
#include "surfaces/anthropic.h"
#include "surfaces/openai.h"
#include "surfaces/responses.h"
#include "wire/anthropic/message_reader.h"
#include "wire/gemini/response_reader.h"
#include "wire/openai/event_reader.h"
#include "wire/responses/response_reader.h"

namespace gateway::fuzz {
namespace {

using testing::ChatLog;

enum class Spoken { chat, messages, responses, gemini };

// Each line of the stream that has data, as its provider's or its client's reader takes it.
void read_stream(Spoken shape, std::string_view stream, ChatEventSink& sink) {
  ChatEventReader chat;
  anthropic::MessageReader messages;
  responses::ResponseReader responses(responses::kRawOrigin);
  gemini::ResponseReader gemini;
  for (const std::string_view data : testing::event_data(stream)) {
    switch (shape) {
      case Spoken::chat:
        chat.read_chunk(data, sink);
        break;
      case Spoken::messages:
        messages.read_event(data, &sink);
        break;
      case Spoken::responses:
        responses.read_event(data, &sink);
        break;
      case Spoken::gemini:
        gemini.read_chunk(data, &sink);
        break;
    }
  }
  switch (shape) {
    case Spoken::chat:
      return chat.finish(sink);
    case Spoken::messages:
      return messages.finish(sink);
    case Spoken::responses:
      return responses.finish(sink);
    case Spoken::gemini:
      return gemini.finish(sink);
  }
}

std::unique_ptr<AnswerWriter> writer_of(Spoken shape) {
  if (shape == Spoken::messages) return make_anthropic_writer(true, 1);
  if (shape == Spoken::responses) return make_responses_writer(true, "");
  return make_openai_writer(true, true);
}

// Hears an answer, and writes it for a client of that shape.
class Rewritten final : public ChatEventSink {
 public:
  explicit Rewritten(Spoken client) : writer_(writer_of(client)) {}
  void event(const ChatEvent& event) override {
    log.event(event);
    writer_->write(event, out);
  }
  ChatLog log;
  std::string out;

 private:
  std::unique_ptr<AnswerWriter> writer_;
};

// Without arguments a function is called with an object that is empty.
std::string arguments_of(const ChatLog::Tool& tool) {
  return tool.arguments.empty() && !tool.custom ? "{}" : tool.arguments;
}

void require_same(const ChatLog::Choice& said, const ChatLog::Choice& read, Spoken client) {
  // Messages have refusals among their text, and one at the end explained.
  if (client != Spoken::messages) {
    require(read.refusal == said.refusal, "no refusal is lost");
    require(read.text == said.text, "no text is lost");
  } else if (said.refusal.empty() && said.finish != "refusal") {
    require(read.text == said.text, "no text is lost");
  }
  require(read.reasoning == said.reasoning, "no reasoning is lost");
  require(read.tools.size() == said.tools.size(), "no call is lost");
  for (std::size_t i = 0; i < said.tools.size(); ++i) {
    const ChatLog::Tool &was = said.tools[i], &is = read.tools[i];
    require(is.name == was.name, "calls keep their names");
    require(was.id.empty() || is.id == was.id, "calls keep their ids");
    require(arguments_of(is) == arguments_of(was) || (was.custom && was.arguments.empty()), "no argument is lost");
  }
}

}  // namespace

// Whatever a provider's stream says, a client of any shape reads the same of it.
void pairs(std::string_view input) {
  for (const Spoken provider : {Spoken::chat, Spoken::messages, Spoken::responses, Spoken::gemini}) {
    for (const Spoken client : {Spoken::chat, Spoken::messages, Spoken::responses}) {
      Rewritten said(client);
      read_stream(provider, input, said);
      require(said.log.fault.empty() && said.log.ended, "events keep their order");
      ChatLog read;
      read_stream(client, said.out, read);
      require(read.fault.empty() && read.ended, "what was written can be read");
      for (const auto& [number, choice] : said.log.choices) {
        if (number == 0 || client == Spoken::chat) require_same(choice, read.choices[number], client);
      }
      if (said.log.usage.empty()) continue;
      require(!read.usage.empty(), "usage is not lost");
      const Usage &was = said.log.usage.back().usage, &is = read.usage.back().usage;
      require(is.input == was.input && is.output == was.output && is.cached_input == was.cached_input,
              "usage is the same");
    }
  }
}

}  // namespace gateway::fuzz
