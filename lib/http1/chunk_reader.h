// A chunked body (RFC 9112, 7.1) as bytes come, by llhttp. What frames the content is bounded against the content.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "http1/refusal.h"

namespace gateway::http1 {

enum class ChunkEvent : std::uint8_t { need_more, bytes, end, refused };

class ChunkReader {
 public:
  ChunkReader();
  ~ChunkReader();
  ChunkReader(const ChunkReader&) = delete;
  ChunkReader& operator=(const ChunkReader&) = delete;

  void reset(std::uint64_t max_body);
  // Takes bytes off the front of `input` up to the next event; `content` is set for ChunkEvent::bytes and lies within
  // it.
  ChunkEvent next(std::string_view& input, std::string_view& content);
  const Refusal& refusal() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gateway::http1
