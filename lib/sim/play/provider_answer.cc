#include "sim/play/provider_answer.h"

namespace gateway::sim {
namespace {

std::string number(std::int64_t n) { return std::to_string(n); }

// OpenAI's usage; embeddings have no output.
void append_usage(std::string& out, const AnswerText& text) {
  out += R"("usage":{"prompt_tokens":)" + number(text.input);
  if (text.operation == Operation::chat) out += R"(,"completion_tokens":)" + number(text.output);
  if (text.cached > 0) out += R"(,"prompt_tokens_details":{"cached_tokens":)" + number(text.cached) + "}";
  out += R"(,"total_tokens":)" + number(text.input + (text.operation == Operation::chat ? text.output : 0)) + "}";
}

// Anthropic counts what its cache had apart from the input.
void append_anthropic_input(std::string& out, const AnswerText& text) {
  out += R"("usage":{"input_tokens":)" + number(text.input - text.cached);
  if (text.cached > 0) out += R"(,"cache_read_input_tokens":)" + number(text.cached);
}

void append_words(std::string& out, std::int64_t words) {
  for (std::int64_t i = 0; i < words; ++i) out += "word ";
}

constexpr std::string_view kChunk = R"(data: {"id":"sim","object":"chat.completion.chunk",)";

std::string_view anthropic_error(int status) {
  switch (status) {
    case 400:
      return "invalid_request_error";
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 529:
      return "overloaded_error";
    default:
      return "api_error";
  }
}

}  // namespace

void AnswerText::document(std::string& out) const {
  if (operation == Operation::embeddings) {
    out += R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5]}],"model":")";
    out.append(model) += "\",";
    append_usage(out, *this);
    out += '}';
  } else if (anthropic) {
    out += R"({"id":"sim","type":"message","role":"assistant","model":")";
    out.append(model) +=
        R"(","content":[{"type":"text","text":"word"}],"stop_reason":"end_turn","stop_sequence":null,)";
    append_anthropic_input(out, *this);
    out += R"(,"output_tokens":)" + number(output) + "}}";
  } else {
    out += R"({"id":"sim","object":"chat.completion","model":")";
    out.append(model) += R"(","choices":[{"index":0,"message":{"role":"assistant","content":"word"},)";
    out += R"("finish_reason":"stop"}],)";
    append_usage(out, *this);
    out += '}';
  }
}

void AnswerText::begin(std::string& out, std::int64_t words) const {
  if (anthropic) {
    out += "event: message_start\ndata: ";
    out += R"({"type":"message_start","message":{"id":"sim","type":"message","role":"assistant","model":")";
    out.append(model) += R"(","content":[],"stop_reason":null,"stop_sequence":null,)";
    append_anthropic_input(out, *this);
    out += R"(,"output_tokens":1}}})";
    out += "\n\nevent: content_block_start\ndata: ";
    out += R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})";
    out += "\n\nevent: content_block_delta\ndata: ";
    out += R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":")";
    append_words(out, words);
    out += "\"}}\n\n";
  } else {
    out.append(kChunk) += R"("model":")";
    out.append(model) += R"(","choices":[{"index":0,"delta":{"role":"assistant","content":")";
    append_words(out, words);
    out += "\"}}]}\n\n";
  }
}

void AnswerText::go_on(std::string& out) const {
  if (anthropic) {
    out += "event: content_block_delta\ndata: ";
    out += R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"word "}})";
    out += "\n\n";
  } else {
    out.append(kChunk) += R"("choices":[{"index":0,"delta":{"content":"word "}}]})";
    out += "\n\n";
  }
}

void AnswerText::end(std::string& out) const {
  if (anthropic) {
    out += "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\nevent: message_delta\n";
    out += R"(data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},)";
    out += R"("usage":{"output_tokens":)" + number(output);
    out += "}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
  } else {
    out.append(kChunk) += R"("choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})";
    out += "\n\n";
    out.append(kChunk) += R"("choices":[],)";
    append_usage(out, *this);
    out += "}\n\ndata: [DONE]\n\n";
  }
}

void AnswerText::error(std::string& out, int status) const {
  if (anthropic) {
    out += R"({"type":"error","error":{"type":")";
    out.append(anthropic_error(status)) += R"(","message":"simulated"}})";
  } else {
    out += R"({"error":{"message":"simulated","type":")";
    out += status == 429 ? "rate_limit_error" : status < 500 ? "invalid_request_error" : "server_error";
    out += R"(","param":null,"code":null}})";
  }
}

}  // namespace gateway::sim
