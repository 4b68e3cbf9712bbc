// What an answer of Gemini's says that it used.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "gateway/row.h"

namespace gateway::gemini {

// Its figures as they stand: `prompt` includes what was read from caches, `output` is without the thoughts. A stream
// reports them with every chunk, each time all of them so far: the last report that has any counts.
struct AnswerUsage {
  std::int64_t prompt = 0, cached = 0, tool_prompt = 0, output = 0, thoughts = 0;
  std::int64_t rest = 0;  // that the total has beyond all of these
  std::int64_t audio_prompt = 0, cached_audio = 0;
  std::int64_t audio_output = 0, image_output = 0;
  std::string tier;
  bool given = false;
  bool odd = false;  // some figure was negative, absurd or of a wrong type, or the total is not their sum

  // In our arithmetic.
  Usage total() const noexcept;
  // The part of total().input that is audio, and was not read from a cache.
  std::int64_t plain_audio_input() const noexcept;
};

}  // namespace gateway::gemini
