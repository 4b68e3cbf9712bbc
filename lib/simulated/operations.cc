#include "simulated/operations.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>

#include "simulated/media.h"
#include "simulated/moderation.h"
#include "wire/json/text.h"

namespace gateway {
namespace {

constexpr std::int64_t kMadeAt = 1'700'000'000;
constexpr std::size_t kSoundPiece = 8 * 1024;

std::string json_text(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string base64(std::string_view bytes) {
  std::string out;
  append_base64(out, bytes);
  return out;
}

std::string data_event(std::string_view data) { return fmt::format("data: {}\n\n", data); }
std::string named_event(std::string_view name, std::string_view data) {
  return fmt::format("event: {}\ndata: {}\n\n", name, data);
}

// --- completions ----------------------------------------------------------------------------------------------------

class Completions {
 public:
  Completions(const SimulatedScript& script, const SimulatedRequest& request) : script_(script), request_(request) {}

  SimulatedAnswer document() {
    std::string body = head();
    for (std::int64_t i = 0; i < request_.choices; ++i) {
      SimulatedTokens tokens = tokens_of(i);
      std::string text, token;
      while (tokens.next(token)) text += token;
      body += choice(i, text, tokens.cut() ? "\"length\"" : "\"stop\"");
      completion_ += tokens.count();
    }
    body += ']';
    if (script_.fault != SimulatedFault::no_usage) body += usage();
    return {.content_type = "application/json", .pieces = {body + "}"}, .breaks_at_end = false};
  }

  SimulatedAnswer stream() {
    SimulatedAnswer out;
    out.content_type = "text/event-stream";
    for (std::int64_t i = 0; i < request_.choices; ++i) {
      SimulatedTokens tokens = tokens_of(i);
      std::string token;
      while (tokens.next(token)) out.pieces.push_back(data_event(head() + choice(0, token, "null", i) + "]}"));
      finish_ += data_event(head() + choice(0, "", tokens.cut() ? "\"length\"" : "\"stop\"", i) + "]}");
      completion_ += tokens.count();
    }
    const SimulatedFault fault = script_.fault;
    const bool stops_early =
        fault == SimulatedFault::error_mid_stream || fault == SimulatedFault::cut || fault == SimulatedFault::no_finish;
    if (stops_early) {
      out.pieces.resize((out.pieces.size() + 1) / 2);
      return out;
    }
    if (request_.include_usage && fault != SimulatedFault::no_usage)
      finish_ += data_event(head() + "]" + usage() + "}");
    out.pieces.push_back(finish_ + (fault != SimulatedFault::no_done ? "data: [DONE]\n\n" : ""));
    out.breaks_at_end = fault == SimulatedFault::no_done;
    return out;
  }

 private:
  SimulatedTokens tokens_of(std::int64_t index) {
    const auto prompts = static_cast<std::int64_t>(std::max<std::size_t>(request_.inputs.size(), 1));
    const std::int64_t each = std::max<std::int64_t>(request_.choices / prompts, 1);
    one_.max_tokens = request_.max_tokens;
    const auto prompt = static_cast<std::size_t>(index / each);
    one_.last_text = prompt < request_.inputs.size() ? request_.inputs[prompt] : std::string();
    return {script_, one_};
  }
  std::string head() const {
    return fmt::format(R"({{"id":"cmpl-simulated","object":"text_completion","created":{},"model":{},"choices":[)",
                       kMadeAt, json_text(request_.model));
  }
  // `place` in its list; its index is the same, or another in a chunk.
  static std::string choice(std::int64_t place, std::string_view text, std::string_view why, std::int64_t index = -1) {
    return fmt::format(R"({}{{"index":{},"text":{},"logprobs":null,"finish_reason":{}}})", place > 0 ? "," : "",
                       index < 0 ? place : index, json_text(text), why);
  }
  std::string usage() const {
    return fmt::format(R"(,"usage":{{"prompt_tokens":{},"completion_tokens":{},"total_tokens":{}}})",
                       request_.prompt_tokens, completion_, request_.prompt_tokens + completion_);
  }

  const SimulatedScript& script_;
  const SimulatedRequest& request_;
  SimulatedRequest one_;
  std::string finish_;
  std::int64_t completion_ = 0;
};

// --- images ---------------------------------------------------------------------------------------------------------

SimulatedAnswer image_answer(Operation operation, const SimulatedRequest& request) {
  SimulatedAnswer out;
  const auto picture = [&request](std::int64_t i) {
    return base64(simulated_picture(request.last_text + std::string(static_cast<std::size_t>(i), '.')));
  };
  if (request.stream) {
    const std::string kind = operation == Operation::images ? "image_generation" : "image_edit";
    out.content_type = "text/event-stream";
    const auto add = [&](std::string_view what, std::int64_t i, std::string_view more) {
      const std::string type = kind + "." + std::string(what);
      out.pieces.push_back(named_event(
          type, fmt::format(R"({{"type":"{}","b64_json":"{}","created_at":{},"size":"32x32","quality":"low",)"
                            R"("background":"opaque","output_format":"png"{}}})",
                            type, picture(i), kMadeAt, more)));
    };
    for (std::int64_t i = 0; i < request.choices; ++i) {
      add("partial_image", i, R"(,"partial_image_index":0)");
      add("completed", i, "");
    }
    return out;
  }
  std::string body = fmt::format(R"({{"created":{},"output_format":"png","size":"32x32","data":[)", kMadeAt);
  for (std::int64_t i = 0; i < request.choices; ++i) {
    body += fmt::format(R"({}{{"b64_json":"{}"}})", i > 0 ? "," : "", picture(i));
  }
  out.pieces = {body + "]}"};
  return out;
}

// --- speech ---------------------------------------------------------------------------------------------------------

SimulatedAnswer speech_answer(const SimulatedRequest& request) {
  SimulatedAnswer out;
  const std::string sound = simulated_sound(request.last_text);
  out.content_type = request.stream ? "text/event-stream" : "audio/wav";
  for (std::size_t at = 0; at < sound.size(); at += kSoundPiece) {
    const std::string_view piece = std::string_view(sound).substr(at, kSoundPiece);
    out.pieces.push_back(request.stream
                             ? data_event(fmt::format(R"({{"type":"speech.audio.delta","audio":"{}"}})", base64(piece)))
                             : std::string(piece));
  }
  if (request.stream) {
    const std::int64_t spoken = simulated_sound_ms(request.last_text.size()) / 50;
    out.pieces.push_back(data_event(fmt::format(
        R"({{"type":"speech.audio.done","usage":{{"input_tokens":{},"output_tokens":{},"total_tokens":{}}}}})",
        request.prompt_tokens, spoken, request.prompt_tokens + spoken)));
  }
  return out;
}

// --- transcripts ----------------------------------------------------------------------------------------------------

constexpr std::string_view kTranscript = "Lorem ipsum dolor sit amet.";

std::string subtitle_time(std::int64_t ms, char point) {
  return fmt::format("{:02}:{:02}:{:02}{}{:03}", ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60, point, ms % 1000);
}

SimulatedAnswer transcript_events(std::string_view usage) {
  SimulatedAnswer out;
  out.content_type = "text/event-stream";
  for (std::size_t at = 0; at < kTranscript.size();) {
    const std::size_t end = std::min(kTranscript.find(' ', at + 1), kTranscript.size());
    out.pieces.push_back(data_event(
        fmt::format(R"({{"type":"transcript.text.delta","delta":"{}"}})", kTranscript.substr(at, end - at))));
    at = end;
  }
  out.pieces.push_back(
      data_event(fmt::format(R"({{"type":"transcript.text.done","text":"{}","usage":{}}})", kTranscript, usage)));
  return out;
}

SimulatedAnswer transcript_answer(Operation operation, const SimulatedRequest& request) {
  const std::int64_t ms = request.audio_ms;
  const std::string usage = fmt::format(R"({{"type":"duration","seconds":{}.{:03}}})", ms / 1000, ms % 1000);
  if (request.stream) return transcript_events(usage);
  SimulatedAnswer out;
  const std::string_view task = operation == Operation::translations ? "translate" : "transcribe";
  if (request.format == "text") {
    out.content_type = "text/plain; charset=utf-8";
    out.pieces = {std::string(kTranscript) + "\n"};
  } else if (request.format == "srt") {
    out.content_type = "text/plain; charset=utf-8";
    out.pieces = {fmt::format("1\n{} --> {}\n{}\n\n", subtitle_time(0, ','), subtitle_time(ms, ','), kTranscript)};
  } else if (request.format == "vtt") {
    out.content_type = "text/vtt";
    out.pieces = {
        fmt::format("WEBVTT\n\n{} --> {}\n{}\n\n", subtitle_time(0, '.'), subtitle_time(ms, '.'), kTranscript)};
  } else if (request.format == "verbose_json") {
    out.pieces = {
        fmt::format(R"({{"task":"{}","language":"latin","duration":{}.{:03},"text":"{}","segments":[],"usage":{}}})",
                    task, ms / 1000, ms % 1000, kTranscript, usage)};
  } else {
    out.pieces = {fmt::format(R"({{"text":"{}","usage":{}}})", kTranscript, usage)};
  }
  return out;
}

// --- moderations and rerank -----------------------------------------------------------------------------------------

SimulatedAnswer moderation_answer(const SimulatedRequest& request) {
  std::string body = fmt::format(R"({{"id":"modr-simulated","model":{},"results":[)", json_text(request.model));
  for (std::size_t i = 0; i < request.inputs.size(); ++i) {
    if (i > 0) body += ',';
    append_moderation(body, request.inputs[i]);
  }
  body += fmt::format(R"(],"usage":{{"prompt_tokens":{0},"total_tokens":{0}}}}})", request.prompt_tokens);
  return {.content_type = "application/json", .pieces = {std::move(body)}, .breaks_at_end = false};
}

// The share of the query's words that the document has.
double relevance(std::string_view query, std::string_view document) {
  std::size_t words = 0, found = 0;
  while (!query.empty()) {
    const std::string_view word = query.substr(0, query.find(' '));
    query.remove_prefix(std::min(word.size() + 1, query.size()));
    if (word.empty()) continue;
    ++words;
    if (document.find(word) != std::string_view::npos) ++found;
  }
  return words == 0 ? 0 : static_cast<double>(found) / static_cast<double>(words);
}

SimulatedAnswer rerank_answer(const SimulatedRequest& request) {
  std::vector<std::size_t> order(request.inputs.size());
  std::iota(order.begin(), order.end(), 0);
  std::vector<double> scores;
  for (const std::string& document : request.inputs) scores.push_back(relevance(request.last_text, document));
  std::stable_sort(order.begin(), order.end(), [&scores](auto a, auto b) { return scores[a] > scores[b]; });
  if (request.top_n && *request.top_n < order.size()) order.resize(*request.top_n);
  std::string body = fmt::format(R"({{"id":"rerank-simulated","model":{},"results":[)", json_text(request.model));
  for (std::size_t i = 0; i < order.size(); ++i) {
    body += fmt::format(R"({}{{"index":{},"relevance_score":{})", i > 0 ? "," : "", order[i], scores[order[i]]);
    if (request.with_documents) body += ",\"document\":{\"text\":" + json_text(request.inputs[order[i]]) + "}";
    body += '}';
  }
  const std::size_t searches = std::max<std::size_t>(1, (request.inputs.size() + 99) / 100);
  body += fmt::format(R"(],"meta":{{"billed_units":{{"search_units":{}}}}}}})", searches);
  return {.content_type = "application/json", .pieces = {std::move(body)}, .breaks_at_end = false};
}

SimulatedAnswer make_answer(Operation operation, const SimulatedScript& script, const SimulatedRequest& request) {
  switch (operation) {
    case Operation::completions:
      return request.stream ? Completions(script, request).stream() : Completions(script, request).document();
    case Operation::images:
    case Operation::image_edits:
      return image_answer(operation, request);
    case Operation::speech:
      return speech_answer(request);
    case Operation::transcriptions:
    case Operation::translations:
      return transcript_answer(operation, request);
    case Operation::moderations:
      return moderation_answer(request);
    default:
      return rerank_answer(request);
  }
}

}  // namespace

SimulatedAnswer make_simulated_answer(Operation operation, const SimulatedScript& script,
                                      const SimulatedRequest& request) {
  SimulatedAnswer out = make_answer(operation, script, request);
  const bool is_events = out.content_type == "text/event-stream";
  if (script.fault == SimulatedFault::error_mid_stream && is_events) {
    std::string error;
    append_simulated_error(error, 502, "the simulated provider failed in the middle");
    if (operation != Operation::completions) out.pieces.resize(out.pieces.size() / 2);
    out.pieces.push_back(data_event(error));
  } else if (script.fault == SimulatedFault::cut) {
    out.breaks_at_end = true;
    if (out.pieces.size() == 1) out.pieces[0].resize(out.pieces[0].size() / 2);
    if (operation != Operation::completions && out.pieces.size() > 1) out.pieces.resize(out.pieces.size() / 2);
  }
  return out;
}

}  // namespace gateway
