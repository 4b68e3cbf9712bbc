// The simulated provider's words: bodies and chunks in OpenAI's shapes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/result.h"
#include "gateway/row.h"
#include "providers/simulated_script.h"

namespace gateway {

// What it reads of a request.
struct SimulatedRequest {
  std::string model;
  bool stream = false;
  bool include_usage = false;
  std::int64_t choices = 1;
  std::int64_t prompt_tokens = 0;
  std::optional<std::int64_t> max_tokens;
  std::string last_user_text;       // chat
  std::vector<std::string> inputs;  // embeddings; token arrays as their JSON text
  bool base64 = false;
  int dimensions = 64;
};
Result<SimulatedRequest> read_simulated_request(Endpoint endpoint, std::string_view body);

// The answer's tokens, in order, for every choice alike.
struct SimulatedTokens {
  std::vector<std::string> tokens;
  bool cut = false;  // by max_tokens: finish_reason is "length"
};
SimulatedTokens simulated_tokens(const SimulatedScript& script, const SimulatedRequest& request);

// All of these append to `out`. Ids and times are fixed: the same request, the same bytes.
void append_simulated_completion(std::string& out, const SimulatedRequest& request, const SimulatedTokens& tokens,
                                 bool usage);
void append_simulated_chunk(std::string& out, const SimulatedRequest& request, std::int64_t choice, bool first,
                            std::string_view token);
void append_simulated_finish(std::string& out, const SimulatedRequest& request, std::int64_t choice, bool cut);
void append_simulated_usage(std::string& out, const SimulatedRequest& request, const SimulatedTokens& tokens);
void append_simulated_embeddings(std::string& out, const SimulatedRequest& request);
void append_simulated_error(std::string& out, int status, std::string_view message);
void append_simulated_models(std::string& out);

}  // namespace gateway
