// What a request's head must hold before anything is made of it, checked line by line as the bytes come. Stricter than
// RFC 9112 requires, where leniency has let two readers of one request see two requests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http1/refusal.h"

namespace gateway::http1 {

struct RequestLimits {
  std::size_t max_head = 32 * 1024;  // bytes, the blank line included
  std::size_t max_fields = 100;
  std::size_t max_target = 8 * 1024;
  std::uint64_t max_body = 32 * 1024 * 1024;  // once unchunked
  std::uint64_t max_form = 0;                 // the same of multipart/form-data; less than max_body: that
};

enum class TargetForm : std::uint8_t { origin, absolute, asterisk };

// The value of a host field, or the authority of an absolute target: a name or an address, and perhaps a port.
bool valid_authority(std::string_view text) noexcept;

// Where the lines of a head are. Looks at each byte once, however the head is cut, but for a CR that is the last so
// far.
class HeadScan {
 public:
  void reset() noexcept { *this = {}; }
  // `head` is all that came so far and only grows between calls. Returns the size of the head once its blank line is
  // there, else 0; a refusal ends it.
  std::size_t advance(std::string_view head, const RequestLimits& limits, Refusal& refusal) noexcept;
  // Of the target, once the first line has ended.
  TargetForm form() const noexcept { return form_; }

 private:
  std::size_t seen_ = 0;  // bytes looked at
  std::size_t line_ = 0;  // where the line begins that has not ended
  std::size_t lines_ = 0;
  TargetForm form_ = TargetForm::origin;
};

}  // namespace gateway::http1
