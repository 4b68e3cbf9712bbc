// Decodes a request's body that came compressed: RFC 9110, 8.4.1, and zstd (RFC 8878).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace gateway::http1 {

enum class Coding : std::uint8_t { identity, gzip, deflate, zstd, unsupported };
// Of a content-encoding field's value; several codings on top of each other are not supported.
Coding coding_of(std::string_view content_encoding) noexcept;

// Streaming: it keeps no body, only the coding's window (at most 8 MiB).
class BodyDecoder {
 public:
  virtual ~BodyDecoder() = default;
  // Decodes from `input`, which is advanced, into `room`. Returns how much of that was filled; 0: `input` is used up,
  // or the data are damaged.
  virtual std::size_t decode(std::string_view& input, std::span<char> room) = 0;
  bool damaged() const noexcept { return damaged_; }
  // Whether the input ended where the compressed data do.
  bool complete() const noexcept { return complete_; }

 protected:
  bool damaged_ = false;
  bool complete_ = false;
};

// Not for identity and unsupported ones.
std::unique_ptr<BodyDecoder> make_body_decoder(Coding coding);

}  // namespace gateway::http1
