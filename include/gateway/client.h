// The seam back to whoever asked.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "gateway/headers.h"
#include "gateway/upstream.h"

namespace gateway {

struct ResponseHead {
  int status = 200;
  HeaderSpan headers;                           // without connection, content-length, transfer-encoding, date
  std::optional<std::uint64_t> content_length;  // absent: a stream
};

// Receives one answer: send_head once, send_body any number of times, then finish or abort, once and last.
// Called on the exchange's thread only. An implementation may destroy the Exchange inside finish and abort (they are
// the last thing an Exchange does), never inside send_head and send_body: a client that turns out to be gone there is
// reported by destroying the Exchange later.
class Client {
 public:
  virtual void send_head(const ResponseHead& head) = 0;
  // The bytes are valid during the call. Flow::pause: the exchange stops its upstream until Exchange::on_drained().
  virtual Flow send_body(std::string_view bytes) = 0;
  // The answer is whole. The connection may serve the next request.
  virtual void finish() = 0;
  // The answer broke off: what was sent is flushed, then the connection ends in a way no client takes for a whole
  // answer (HTTP/1.1: closed without the last chunk).
  virtual void abort() = 0;

 protected:
  ~Client() = default;
};

}  // namespace gateway
