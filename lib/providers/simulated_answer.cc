#include "providers/simulated_answer.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "base/buffer.h"
#include "wire/error_body.h"
#include "wire/request_reader.h"

namespace gateway {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kLorem =
    "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore "
    "magna "
    "aliqua. ";
constexpr std::int64_t kCreated = 1'700'000'000;

// The text of a message's content: a string, or the text parts of a list.
void append_text(std::string& out, dom::element content) {
  if (std::string_view text; content.get(text) == simdjson::SUCCESS) {
    out += text;
    return;
  }
  dom::array parts;
  if (content.get(parts) != simdjson::SUCCESS) return;
  for (const dom::element part : parts) {
    if (std::string_view text; part["text"].get(text) == simdjson::SUCCESS) out += text;
  }
}

void read_messages(dom::element root, SimulatedRequest& request) {
  dom::array messages;
  if (root["messages"].get(messages) != simdjson::SUCCESS) return;
  std::size_t bytes = 0;
  for (const dom::element message : messages) {
    dom::element content;
    if (message["content"].get(content) != simdjson::SUCCESS) continue;
    std::string text;
    append_text(text, content);
    bytes += text.size();
    std::string_view role;
    if (message["role"].get(role) == simdjson::SUCCESS && role == "user") request.last_user_text = std::move(text);
  }
  request.prompt_tokens = static_cast<std::int64_t>((bytes + 3) / 4);
}

void read_inputs(dom::element root, SimulatedRequest& request) {
  const auto add_text = [&](std::string_view text) {
    request.inputs.emplace_back(text);
    request.prompt_tokens += static_cast<std::int64_t>((text.size() + 3) / 4);
  };
  const auto add_tokens = [&](dom::array tokens) {
    request.inputs.push_back(simdjson::minify(tokens));
    request.prompt_tokens += static_cast<std::int64_t>(tokens.size());
  };
  dom::element input;
  if (root["input"].get(input) != simdjson::SUCCESS) return;
  if (std::string_view text; input.get(text) == simdjson::SUCCESS) return add_text(text);
  dom::array list;
  if (input.get(list) != simdjson::SUCCESS) return;
  if (list.size() > 0 && list.at(0).is_int64()) return add_tokens(list);
  for (const dom::element each : list) {
    std::string_view text;
    dom::array tokens;
    if (each.get(text) == simdjson::SUCCESS) add_text(text);
    if (each.get(tokens) == simdjson::SUCCESS) add_tokens(tokens);
  }
}

// One step of splitmix64: a fixed, well-mixed sequence for any seed.
std::uint64_t next_random(std::uint64_t& state) noexcept {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

std::vector<float> embed(std::string_view text, int dimensions) {
  std::uint64_t seed = 14695981039346656037ULL;
  for (const char c : text) seed = (seed ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
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

void append_base64(std::string& out, const std::vector<float>& values) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes(values.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t word = 0;
    for (std::size_t k = 0; k < 3; ++k) word = word << 8 | (k < n ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += k <= n ? kDigits[word >> (18 - 6 * k) & 63] : '=';
  }
}

auto back(std::string& out) { return std::back_inserter(out); }

void append_chunk_head(std::string& out, const SimulatedRequest& request) {
  out += R"({"id":"chatcmpl-simulated","object":"chat.completion.chunk","created":)";
  fmt::format_to(back(out), "{}", kCreated);
  out += R"(,"model":)";
  append_json_string(out, request.model);
}

void append_usage_object(std::string& out, const SimulatedRequest& request, std::int64_t completion) {
  fmt::format_to(back(out), R"("usage":{{"prompt_tokens":{},"completion_tokens":{},"total_tokens":{}}})",
                 request.prompt_tokens, completion, request.prompt_tokens + completion);
}

}  // namespace

Result<SimulatedRequest> read_simulated_request(Endpoint endpoint, std::string_view body) {
  PaddedBuffer buffer;
  buffer.append(body);
  RequestReader reader;
  RequestFacts facts;
  BadRequest why;
  if (!reader.read(endpoint, buffer, facts, why)) return Error{ErrorCode::invalid, why.message};
  SimulatedRequest request;
  request.model = facts.model;
  request.stream = facts.stream;
  request.include_usage = facts.include_usage;
  request.choices = facts.n;
  request.max_tokens = facts.max_completion_tokens ? facts.max_completion_tokens : facts.max_tokens;

  dom::parser parser;
  dom::element root;
  if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS) {
    // The one thing the DOM refuses of what the reader passed: a number that fits no machine word.
    return request;
  }
  if (endpoint == Endpoint::chat_completions) {
    read_messages(root, request);
  } else {
    read_inputs(root, request);
    std::string_view format;
    request.base64 = root["encoding_format"].get(format) == simdjson::SUCCESS && format == "base64";
    std::int64_t dimensions = 0;
    if (root["dimensions"].get(dimensions) == simdjson::SUCCESS) {
      if (dimensions < 1 || dimensions > 8192) return Error{ErrorCode::invalid, "dimensions must be 1 to 8192"};
      request.dimensions = static_cast<int>(dimensions);
    }
  }
  return request;
}

SimulatedTokens simulated_tokens(const SimulatedScript& script, const SimulatedRequest& request) {
  const bool echo = script.name == "echo" && !script.chunks;
  const std::string_view source = echo ? std::string_view(request.last_user_text) : kLorem;
  const std::size_t size = std::max<std::size_t>(1, script.size);
  const std::int64_t wanted = echo ? static_cast<std::int64_t>(source.size()) : *script.chunks;

  SimulatedTokens out;
  std::size_t at = 0;
  while (static_cast<std::int64_t>(out.tokens.size()) < wanted && (!echo || at < source.size())) {
    if (request.max_tokens && static_cast<std::int64_t>(out.tokens.size()) >= *request.max_tokens) {
      out.cut = true;
      break;
    }
    std::string token;
    while (token.size() < size && (!echo || at < source.size())) {
      token += source[at % source.size()];
      ++at;
    }
    // Never inside a character.
    while (echo && at < source.size() && (source[at] & '\xC0') == '\x80') token += source[at++];
    out.tokens.push_back(std::move(token));
  }
  return out;
}

void append_simulated_completion(std::string& out, const SimulatedRequest& request, const SimulatedTokens& tokens,
                                 bool usage) {
  std::string text;
  for (const std::string& token : tokens.tokens) text += token;
  out += R"({"id":"chatcmpl-simulated","object":"chat.completion","created":)";
  fmt::format_to(back(out), "{}", kCreated);
  out += R"(,"model":)";
  append_json_string(out, request.model);
  out += R"(,"choices":[)";
  for (std::int64_t i = 0; i < request.choices; ++i) {
    fmt::format_to(back(out), R"({}{{"index":{},"message":{{"role":"assistant","content":)", i > 0 ? "," : "", i);
    append_json_string(out, text);
    fmt::format_to(back(out), R"(,"refusal":null}},"logprobs":null,"finish_reason":"{}"}})",
                   tokens.cut ? "length" : "stop");
  }
  out += ']';
  if (usage) {
    out += ',';
    append_usage_object(out, request, static_cast<std::int64_t>(tokens.tokens.size()) * request.choices);
  }
  out += '}';
}

void append_simulated_chunk(std::string& out, const SimulatedRequest& request, std::int64_t choice, bool first,
                            std::string_view token) {
  out += "data: ";
  append_chunk_head(out, request);
  fmt::format_to(back(out), R"(,"choices":[{{"index":{},"delta":{{)", choice);
  if (first) out += R"("role":"assistant",)";
  out += R"("content":)";
  append_json_string(out, token);
  out += R"(},"logprobs":null,"finish_reason":null}])";
  out += request.include_usage ? ",\"usage\":null}\n\n" : "}\n\n";
}

void append_simulated_finish(std::string& out, const SimulatedRequest& request, std::int64_t choice, bool cut) {
  out += "data: ";
  append_chunk_head(out, request);
  fmt::format_to(back(out), R"(,"choices":[{{"index":{},"delta":{{}},"logprobs":null,"finish_reason":"{}"}}])", choice,
                 cut ? "length" : "stop");
  out += request.include_usage ? ",\"usage\":null}\n\n" : "}\n\n";
}

void append_simulated_usage(std::string& out, const SimulatedRequest& request, const SimulatedTokens& tokens) {
  out += "data: ";
  append_chunk_head(out, request);
  out += R"(,"choices":[],)";
  append_usage_object(out, request, static_cast<std::int64_t>(tokens.tokens.size()) * request.choices);
  out += "}\n\n";
}

void append_simulated_embeddings(std::string& out, const SimulatedRequest& request) {
  out += R"({"object":"list","data":[)";
  for (std::size_t i = 0; i < request.inputs.size(); ++i) {
    fmt::format_to(back(out), R"({}{{"object":"embedding","index":{},"embedding":)", i > 0 ? "," : "", i);
    const std::vector<float> values = embed(request.inputs[i], request.dimensions);
    if (request.base64) {
      out += '"';
      append_base64(out, values);
      out += '"';
    } else {
      fmt::format_to(back(out), "[{}]", fmt::join(values, ","));
    }
    out += '}';
  }
  out += R"(],"model":)";
  append_json_string(out, request.model);
  fmt::format_to(back(out), R"(,"usage":{{"prompt_tokens":{0},"total_tokens":{0}}}}})", request.prompt_tokens);
}

void append_simulated_error(std::string& out, int status, std::string_view message) {
  out += R"({"error":{"message":)";
  append_json_string(out, message);
  fmt::format_to(back(out), R"(,"type":"simulated_error","param":null,"code":{}}}}})", status);
}

void append_simulated_models(std::string& out) {
  out += R"({"object":"list","data":[)";
  const char* comma = "";
  for (const std::string_view id : kSimulatedModels) {
    out += comma;
    out += R"({"id":)";
    append_json_string(out, id);
    fmt::format_to(back(out), R"(,"object":"model","created":{},"owned_by":"simulated"}})", kCreated);
    comma = ",";
  }
  out += "]}";
}

}  // namespace gateway
