// The seam back to the client.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "gateway/headers.h"
#include "gateway/upstream.h"

namespace gateway {

struct ResponseHead {
  int status = 200;
  HeaderSpan headers;                           ///< without connection, content-length, transfer-encoding, date
  std::optional<std::uint64_t> content_length;  ///< absent: a stream
};

/// The body of an answer whose head is out. Send any number of pieces, then finish or abort, once and last.
class ResponseBody {
 public:
  /// The bytes are valid during the call. Flow::pause: the exchange stops its upstream until Exchange::on_drained().
  virtual Flow send_body(std::string_view bytes) = 0;
  /// The answer is complete. The connection may serve the next request.
  virtual void finish() = 0;
  /// The answer breaks off: what was sent is flushed, then the connection ends in a way that no client takes for a
  /// complete answer (HTTP/1.1: closed without the last chunk).
  virtual void abort() = 0;

 protected:
  ~ResponseBody() = default;
};

/// Receives one answer. Its head is sent once and returns the body, which is all that is left to write: whoever keeps
/// only the body cannot send a second head. Called on the exchange's thread only. An implementation may destroy the
/// Exchange inside finish and abort (they are the last thing an Exchange does), never inside send_head and send_body: a
/// client that turns out to be gone there is reported by destroying the Exchange later.
class Client {
 public:
  /// The body lives as long as the client.
  virtual ResponseBody& send_head(const ResponseHead& head) = 0;
  /// After Exchange::on_body returned Flow::pause: more of the body may come. Feed it later, not within this call.
  virtual void resume_body() {}
  /// Without an answer: the connection ends.
  virtual void abort() = 0;

 protected:
  ~Client() = default;
};

}  // namespace gateway
