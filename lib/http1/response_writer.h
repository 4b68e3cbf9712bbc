// HTTP/1.1 answers into a buffer.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/buffer.h"
#include "gateway/headers.h"
#include "gateway/time.h"

namespace gateway::http1 {

// The date field's value (RFC 9110, 5.6.7), made anew once a second.
class DateText {
 public:
  // Valid until the next call.
  std::string_view at(WallTime now) noexcept;

 private:
  std::int64_t second_ = -1;
  std::array<char, 29> text_{};
};

// How the end of the body is marked.
enum class Framing : std::uint8_t { length, chunked, until_close, none };

struct AnswerHead {
  int status = 200;
  HeaderSpan fields{}, more_fields{};  // none of those that are written from what follows
  Framing framing = Framing::length;
  std::uint64_t length = 0;  // for Framing::length
  bool http_1_0 = false;     // the request was of that version: keeping the connection must be stated, not closing it
  bool keep_alive = true;
  std::string_view date{};
};

// "Too Many Requests"; "Unknown" for a status that has no name.
std::string_view reason_phrase(int status) noexcept;

void write_head(PaddedBuffer& out, const AnswerHead& head);
// One chunk; nothing for no bytes, since that would end the body.
void write_chunk(PaddedBuffer& out, std::string_view bytes);
void write_last_chunk(PaddedBuffer& out);
// "HTTP/1.1 100 Continue".
void write_continue(PaddedBuffer& out);

}  // namespace gateway::http1
