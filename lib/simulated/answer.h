// The simulated provider's words: bodies and chunks in OpenAI's shapes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/row.h"
#include "simulated/script.h"
#include "wire/openai/request_reader.h"

namespace gateway {

// What it reads of a request.
struct SimulatedRequest {
  std::string model;
  bool stream = false;
  bool include_usage = false;
  std::int64_t choices = 1;
  std::int64_t prompt_tokens = 0;
  std::optional<std::int64_t> max_tokens;
  // chat: of the last message, by a user or a tool; images: the prompt; speech: the input; rerank: the query
  std::string last_text;
  std::string tool;     // chat: the function that is to be called; empty: none
  std::string given;    // chat: the tool's arguments, or the answer that fits the response_format
  std::string call_id;  // of the tool's call
  // embeddings, moderations, completions' prompts, rerank's documents; token arrays and objects as their JSON text
  std::vector<std::string> inputs;
  bool base64 = false;
  int dimensions = 64;
  std::string format;                // of a transcript
  std::int64_t audio_ms = 0;         // of what is transcribed
  std::optional<std::size_t> top_n;  // rerank
  bool with_documents = false;       // rerank: in the answer
};
// False: `why` reports what is wrong with it.
bool read_simulated_request(Operation operation, std::string_view body, SimulatedRequest& request, BadRequest& why);
// The same of a body that is a form.
bool read_simulated_form(Operation operation, std::string_view content_type, std::string_view body,
                         SimulatedRequest& request, BadRequest& why);
// Whether the answer stays within the bounds: 16 MiB of text or numbers.
bool fits_simulation(Operation operation, const SimulatedScript& script, const SimulatedRequest& request,
                     BadRequest& why);

// The answer's tokens, in order, for every choice alike: each is made when it is due.
class SimulatedTokens {
 public:
  SimulatedTokens(const SimulatedScript& script, const SimulatedRequest& request);
  // The next one, in place of `token`. False: that was the last.
  bool next(std::string& token);
  std::int64_t count() const noexcept { return count_; }  // of all
  bool cut() const noexcept { return cut_; }              // by max_tokens: finish_reason is "length"

 private:
  std::size_t end_of_token(std::size_t at) const noexcept;

  std::string_view source_;  // the request's or a fixed text
  bool repeats_;
  std::size_t size_;
  std::size_t at_ = 0;
  std::int64_t made_ = 0, count_ = 0;
  bool cut_ = false;
};

// All of these append to `out`. Ids and times are fixed: the same request, the same bytes.
// A completion in one piece: its beginning, and for each choice its own, its text without the quotes, and its end; then
// the document's end.
void append_simulated_completion_head(std::string& out, const SimulatedRequest& request);
void append_simulated_choice_head(std::string& out, const SimulatedRequest& request, std::int64_t choice);
void append_simulated_text(std::string& out, std::string_view token);
void append_simulated_choice_end(std::string& out, const SimulatedRequest& request, bool cut);
void append_simulated_completion_end(std::string& out, const SimulatedRequest& request, const SimulatedTokens& tokens,
                                     bool usage);
void append_simulated_chunk(std::string& out, const SimulatedRequest& request, std::int64_t choice, bool first,
                            std::string_view token);
void append_simulated_finish(std::string& out, const SimulatedRequest& request, std::int64_t choice, bool cut);
void append_simulated_usage(std::string& out, const SimulatedRequest& request, const SimulatedTokens& tokens);
// The document's beginning, the i-th embedding, its end.
void append_simulated_embedding(std::string& out, const SimulatedRequest& request, std::size_t i);
void append_simulated_embeddings_end(std::string& out, const SimulatedRequest& request);
void append_simulated_error(std::string& out, int status, std::string_view message, std::string_view param = {});
void append_simulated_models(std::string& out);

}  // namespace gateway
