// One client request and its answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "gateway/headers.h"
#include "gateway/upstream.h"

namespace gateway {

/// Valid during Gateway::open only, but for `peer`.
struct RequestHead {
  std::string_view method;  ///< upper case, as sent
  std::string_view path;    ///< without query and fragment; not decoded
  std::string_view query{};
  HeaderSpan headers{};
  std::optional<std::uint64_t> content_length{};  ///< absent: none, or chunked
  bool has_body = false;
  std::string_view peer{};       ///< the client's address, for the log; valid while the Client is; empty: not known
  bool may_read_metrics = true;  ///< the server decides: by the peer, by a token
};

/// Lives and dies on the thread of the Gateway that opened it, and within the life of its Client. Destroying it before
/// the Client's finish or abort was called means that the client left: the upstream is cancelled in the same turn and
/// what was used is billed.
class Exchange {
 public:
  virtual ~Exchange() = default;
  /// Whether the caller is authenticated: by an API key that is good, or a token. Known once it is opened.
  virtual bool is_authenticated() const { return false; }
  /// False once the answer is under way or done without the body: feed no more, and send no "100 Continue".
  virtual bool wants_body() const = 0;
  /// Whether the body is passed on while it comes, as large ones of forms are: then the time that it takes is bounded
  /// as that of the answer is, and a server need not bound it but for its pauses.
  virtual bool relays_body() const { return false; }
  /// Flow::pause: no more until Client::resume_body(). What comes nevertheless is kept, as long as there is room.
  virtual Flow on_body(std::string_view bytes) = 0;
  /// The body is complete: now the request is judged and dispatched.
  virtual void on_end() = 0;
  /// After Client::send_body returned Flow::pause: there is room again.
  virtual void on_drained() = 0;
};

}  // namespace gateway
