#include "app/cli/chat_stream.h"

#include <simdjson.h>

namespace gateway::app {

std::string ChatStream::read(std::string_view bytes) {
  std::string text;
  rest_ += bytes;
  std::size_t at = 0;
  for (std::size_t end; (end = rest_.find('\n', at)) != std::string::npos; at = end + 1) {
    std::string_view line = std::string_view(rest_).substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.starts_with("data:")) continue;
    line.remove_prefix(5);
    if (line.starts_with(' ')) line.remove_prefix(1);
    if (line != "[DONE]") read_event(line, text);
  }
  rest_.erase(0, at);
  return text;
}

void ChatStream::read_event(std::string_view data, std::string& text) {
  simdjson::dom::parser parser;
  simdjson::dom::element event;
  if (parser.parse(data.data(), data.size()).get(event) != simdjson::SUCCESS) return;
  std::string_view word;
  if (event["error"]["message"].get(word) == simdjson::SUCCESS) error = word;
  simdjson::dom::element choice;
  if (event["choices"].at(0).get(choice) == simdjson::SUCCESS) {
    if (choice["delta"]["content"].get(word) == simdjson::SUCCESS) text += word;
    if (choice["finish_reason"].get(word) == simdjson::SUCCESS) finish_reason = word;
  }
  std::int64_t count = 0;
  if (event["usage"]["prompt_tokens"].get(count) == simdjson::SUCCESS) input_tokens = count;
  if (event["usage"]["completion_tokens"].get(count) == simdjson::SUCCESS) output_tokens = count;
}

std::string error_message(std::string_view body) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  std::string_view message;
  const bool found = parser.parse(body.data(), body.size()).get(document) == simdjson::SUCCESS &&
                     document["error"]["message"].get(message) == simdjson::SUCCESS;
  return std::string(found ? message : body.substr(0, 500));
}

}  // namespace gateway::app
