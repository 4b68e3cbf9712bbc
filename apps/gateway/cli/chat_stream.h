// A streamed chat completion, read as it comes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gateway::app {

class ChatStream {
 public:
  // Bytes of the stream, cut anywhere; returns the text that they complete.
  std::string read(std::string_view bytes);

  std::optional<std::int64_t> input_tokens, output_tokens;
  std::string finish_reason;
  std::string error;  // that the stream ended with

 private:
  void read_event(std::string_view data, std::string& text);

  std::string rest_;  // of a line that has not ended
};

// The message of an error's body {"error":{"message":...}}; the body itself if it is none.
std::string error_message(std::string_view body);

}  // namespace gateway::app
