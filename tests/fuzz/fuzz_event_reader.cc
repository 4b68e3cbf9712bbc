#include <memory>
#include <string>
#include <vector>

#include "fuzz/fuzz_target.h"
#include "support/chat_log.h"
#include "surfaces/openai.h"
#include "wire/openai/event_reader.h"

namespace gateway::fuzz {
namespace {

// Hears the events of an answer, and writes them in its client's shape.
class Relay final : public ChatEventSink {
 public:
  explicit Relay(bool stream) : writer_(make_openai_writer(stream, true)) {}
  void event(const ChatEvent& event) override {
    log.event(event);
    writer_->write(event, out);
  }
  testing::ChatLog log;
  std::string out;

 private:
  std::unique_ptr<AnswerWriter> writer_;
};

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.starts_with("data: ")) line.remove_prefix(6);
    if (!line.empty()) lines.push_back(line);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return lines;
}

void read(std::string_view answer, bool complete, ChatEventSink& sink) {
  ChatEventReader reader;
  if (complete) {
    PaddedBuffer document;
    document.append(answer);
    reader.read_document(document, sink);
  } else {
    for (const std::string_view chunk : lines_of(answer)) reader.read_chunk(chunk, sink);
  }
  reader.finish(sink);
}

}  // namespace

// Whatever comes, a chunk each line or a document, its events keep their order; and so they do when what was written
// of them is read again, with the same text.
void event_reader(std::string_view input) {
  for (const bool complete : {false, true}) {
    for (const bool stream : {false, true}) {
      Relay relay(stream);
      read(input, complete, relay);
      require(relay.log.fault.empty() && relay.log.ended, "events keep their order");
      testing::ChatLog again;
      read(relay.out, !stream, again);
      require(again.fault.empty() && again.ended, "what was written can be read");
      for (const auto& [number, choice] : relay.log.choices) {
        if (choice.text.empty()) continue;
        require(again.choices[number].text == choice.text, "no text is lost");
      }
    }
  }
}

}  // namespace gateway::fuzz
