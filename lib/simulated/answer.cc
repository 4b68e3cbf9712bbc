#include "simulated/answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "base/text_hash.h"
#include "simulated/media.h"
#include "wire/json/text.h"
#include "wire/openai/error_body.h"

namespace gateway {
namespace {

constexpr std::string_view kLorem =
    "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore "
    "magna "
    "aliqua. ";
constexpr std::int64_t kCreated = 1'700'000'000;
constexpr std::size_t kMaxAnswer = 16 * 1024 * 1024;

// One step of splitmix64: a fixed, well-mixed sequence for any seed.
std::uint64_t next_random(std::uint64_t& state) noexcept {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

std::vector<float> embed(std::string_view text, int dimensions) {
  std::uint64_t seed = text_hash(text);
  std::vector<float> out(static_cast<std::size_t>(dimensions));
  double squares = 0;
  for (float& x : out) {
    x = static_cast<float>(static_cast<double>(next_random(seed) >> 11) * 0x1p-52 - 1.0);
    squares += static_cast<double>(x) * static_cast<double>(x);
  }
  const double norm = squares > 0 ? std::sqrt(squares) : 1;
  for (float& x : out) x = static_cast<float>(static_cast<double>(x) / norm);
  return out;
}

void append_numbers(std::string& out, const std::vector<float>& values) {
  std::string bytes(values.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  append_base64(out, bytes);
}

void append_chunk_head(std::string& out, const SimulatedRequest& request) {
  out += R"({"id":"chatcmpl-simulated","object":"chat.completion.chunk","created":)";
  out += fmt::format("{}", kCreated);
  out += R"(,"model":)";
  append_json_string(out, request.model);
}

void append_usage_object(std::string& out, const SimulatedRequest& request, std::int64_t completion) {
  out += fmt::format(R"("usage":{{"prompt_tokens":{},"completion_tokens":{},"total_tokens":{}}})",
                     request.prompt_tokens, completion, request.prompt_tokens + completion);
}

void append_finish_reason(std::string& out, const SimulatedRequest& request, bool cut) {
  out += cut ? "length" : request.tool.empty() ? "stop" : "tool_calls";
}

// A call's beginning: `arguments` follow.
void append_tool_head(std::string& out, const SimulatedRequest& request) {
  out += R"("id":)";
  append_json_string(out, request.call_id);
  out += R"(,"type":"function","function":{"name":)";
  append_json_string(out, request.tool);
  out += R"(,"arguments":)";
}

}  // namespace

bool fits_simulation(Operation operation, const SimulatedScript& script, const SimulatedRequest& request,
                     BadRequest& why) {
  if (operation == Operation::embeddings) {
    const std::size_t bytes = request.inputs.size() * static_cast<std::size_t>(request.dimensions) * sizeof(float);
    if (bytes > kMaxAnswer) {
      why = {"the simulated provider's embeddings have at most 16 MiB together", "input"};
    }
    return bytes <= kMaxAnswer;
  }
  if (operation != Operation::chat && operation != Operation::completions) {
    return true;  // bounded by the request
  }
  const auto choices = static_cast<std::size_t>(request.choices);
  const bool scripted = script.chunks && request.given.empty();
  // Each factor is bounded, so that their product overflows nothing.
  std::size_t longest = request.last_text.size();
  for (const std::string& prompt : request.inputs) longest = std::max(longest, prompt.size());
  const std::size_t text = scripted                ? static_cast<std::size_t>(*script.chunks) * script.size
                           : request.given.empty() ? longest
                                                   : request.given.size();
  if (text * choices <= kMaxAnswer) return true;
  why = {"the simulated provider's answers have at most 16 MiB: chunks x size x n is more", scripted ? "model" : "n"};
  return false;
}

SimulatedTokens::SimulatedTokens(const SimulatedScript& script, const SimulatedRequest& request)
    : source_(!request.given.empty()                    ? std::string_view(request.given)
              : script.name == "echo" && !script.chunks ? std::string_view(request.last_text)
                                                        : kLorem),
      repeats_(request.given.empty() && script.chunks.has_value()),
      size_(std::max<std::size_t>(1, script.size)) {
  if (repeats_) {
    count_ = *script.chunks;
  } else {
    for (std::size_t at = 0; at < source_.size(); at = end_of_token(at)) ++count_;
  }
  if (request.max_tokens && count_ > *request.max_tokens) {
    count_ = *request.max_tokens;
    cut_ = true;
  }
}

// Of a text that is sent once; never inside a character.
std::size_t SimulatedTokens::end_of_token(std::size_t at) const noexcept {
  at = std::min(at + size_, source_.size());
  while (at < source_.size() && (source_[at] & '\xC0') == '\x80') ++at;
  return at;
}

bool SimulatedTokens::next(std::string& token) {
  token.clear();
  if (made_ == count_) return false;
  ++made_;
  if (!repeats_) {
    const std::size_t end = end_of_token(at_);
    token.assign(source_.substr(at_, end - at_));
    at_ = end;
    return true;
  }
  while (token.size() < size_) {
    const std::size_t n = std::min(size_ - token.size(), source_.size() - at_);
    token.append(source_.substr(at_, n));
    at_ = (at_ + n) % source_.size();
  }
  return true;
}

void append_simulated_completion_head(std::string& out, const SimulatedRequest& request) {
  out += R"({"id":"chatcmpl-simulated","object":"chat.completion","created":)";
  out += fmt::format("{}", kCreated);
  out += R"(,"model":)";
  append_json_string(out, request.model);
  out += R"(,"choices":[)";
}

void append_simulated_choice_head(std::string& out, const SimulatedRequest& request, std::int64_t choice) {
  out += fmt::format(R"({}{{"index":{},"message":{{"role":"assistant","content":)", choice > 0 ? "," : "", choice);
  if (!request.tool.empty()) {
    out += R"(null,"tool_calls":[{)";
    append_tool_head(out, request);
  }
  out += '"';
}

void append_simulated_text(std::string& out, std::string_view token) {
  const std::size_t quote = out.size();
  append_json_string(out, token);
  out.erase(quote, 1);
  out.pop_back();
}

void append_simulated_choice_end(std::string& out, const SimulatedRequest& request, bool cut) {
  out += request.tool.empty() ? "\"" : "\"}}]";
  out += R"(,"refusal":null},"logprobs":null,"finish_reason":")";
  append_finish_reason(out, request, cut);
  out += "\"}";
}

void append_simulated_completion_end(std::string& out, const SimulatedRequest& request, const SimulatedTokens& tokens,
                                     bool usage) {
  out += ']';
  if (usage) {
    out += ',';
    append_usage_object(out, request, tokens.count() * request.choices);
  }
  out += '}';
}

void append_simulated_chunk(std::string& out, const SimulatedRequest& request, std::int64_t choice, bool first,
                            std::string_view token) {
  out += "data: ";
  append_chunk_head(out, request);
  out += fmt::format(R"(,"choices":[{{"index":{},"delta":{{)", choice);
  if (first) out += R"("role":"assistant",)";
  if (request.tool.empty()) {
    out += R"("content":)";
    append_json_string(out, token);
  } else {
    out +=
        first ? R"("content":null,"tool_calls":[{"index":0,)" : R"("tool_calls":[{"index":0,"function":{"arguments":)";
    if (first) append_tool_head(out, request);
    append_json_string(out, token);
    out += "}}]";
  }
  out += R"(},"logprobs":null,"finish_reason":null}])";
  out += request.include_usage ? ",\"usage\":null}\n\n" : "}\n\n";
}

void append_simulated_finish(std::string& out, const SimulatedRequest& request, std::int64_t choice, bool cut) {
  out += "data: ";
  append_chunk_head(out, request);
  out += fmt::format(R"(,"choices":[{{"index":{},"delta":{{}},"logprobs":null,"finish_reason":")", choice);
  append_finish_reason(out, request, cut);
  out += "\"}]";
  out += request.include_usage ? ",\"usage\":null}\n\n" : "}\n\n";
}

void append_simulated_usage(std::string& out, const SimulatedRequest& request, const SimulatedTokens& tokens) {
  out += "data: ";
  append_chunk_head(out, request);
  out += R"(,"choices":[],)";
  append_usage_object(out, request, tokens.count() * request.choices);
  out += "}\n\n";
}

void append_simulated_embedding(std::string& out, const SimulatedRequest& request, std::size_t i) {
  out += fmt::format(R"({}{{"object":"embedding","index":{},"embedding":)",
                     i > 0 ? "," : R"({"object":"list","data":[)", i);
  const std::vector<float> values = embed(request.inputs[i], request.dimensions);
  if (request.base64) {
    out += '"';
    append_numbers(out, values);
    out += '"';
  } else {
    out += fmt::format("[{}]", fmt::join(values, ","));
  }
  out += '}';
}

void append_simulated_embeddings_end(std::string& out, const SimulatedRequest& request) {
  if (request.inputs.empty()) out += R"({"object":"list","data":[)";
  out += R"(],"model":)";
  append_json_string(out, request.model);
  out += fmt::format(R"(,"usage":{{"prompt_tokens":{0},"total_tokens":{0}}}}})", request.prompt_tokens);
}

void append_simulated_error(std::string& out, int status, std::string_view message, std::string_view param) {
  out += R"({"error":{"message":)";
  append_json_string(out, message);
  out += R"(,"type":"simulated_error","param":)";
  if (param.empty()) {
    out += "null";
  } else {
    append_json_string(out, param);
  }
  out += fmt::format(R"(,"code":{}}}}})", status);
}

void append_simulated_models(std::string& out) {
  out += R"({"object":"list","data":[)";
  const char* comma = "";
  for (const std::string_view id : kSimulatedModels) {
    out += comma;
    out += R"({"id":)";
    append_json_string(out, id);
    out += fmt::format(R"(,"object":"model","created":{},"owned_by":"simulated"}})", kCreated);
    comma = ",";
  }
  out += "]}";
}

}  // namespace gateway
