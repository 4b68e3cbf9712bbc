// The seam to providers: one HTTP request out, one answer back as it comes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gateway/headers.h"
#include "gateway/result.h"

namespace gateway {

/// What a receiver of bytes says of the next ones: send on, or stop until resumed. Bytes already passed on are kept.
enum class Flow : bool { more, pause };

/// Where a provider is reached. Immutable; an implementation may key its connection pool by `id`.
struct Origin {
  std::string id;      ///< equal ids mean equal origins: "https://openrouter.ai:443", and proxy and CA if set
  std::string scheme;  ///< "http" or "https"
  std::string host;    ///< a name or an address; IPv6 without brackets
  std::uint16_t port = 0;
  std::string authority;  ///< the value of the host field
  std::string proxy;      ///< a proxy URL; empty: as the environment sets it; "direct": none
  std::string ca_file;    ///< PEM; empty: the system's
};

struct UpstreamRequest {
  const Origin* origin = nullptr;
  std::string_view method;
  std::string_view path;  ///< origin form, with the query
  HeaderSpan headers;     ///< without host, connection, content-length: the implementation writes those
  std::span<const std::string_view> body;  ///< pieces, sent one after the other
  /// After them comes what Call::send_body brings, up to Call::end_body. Only if Upstream::lets_bodies_go_on().
  bool body_goes_on = false;
  std::optional<std::uint64_t> rest_length{};  ///< how many bytes that will be; absent: not known yet
  std::chrono::milliseconds connect_timeout{2000};
};

struct UpstreamHead {
  int status = 0;
  HeaderSpan headers;  ///< valid during on_head only
};

/// Hears one answer: on_head once, on_body any number of times, on_end once and last (also without a head).
/// Every call comes from the loop of the thread that started the Call, never from within start().
/// The Call may be destroyed inside any of them; nothing is heard after that.
class UpstreamReply {
 public:
  virtual void on_head(const UpstreamHead& head) = 0;
  /// Decoded body bytes, valid during the call. Flow::pause: no more until resume().
  virtual Flow on_body(std::string_view bytes) = 0;
  /// More of a body that goes on can be sent: once its first pieces have left, and again after each Call::send_body
  /// that took less than it was given.
  virtual void on_room() {}
  /// Success: the answer came completely. Error codes: unreachable, lost, timeout, protocol, too_large.
  virtual void on_end(Result<void> result) = 0;

 protected:
  ~UpstreamReply() = default;
};

/// An answer under way. Destroying it cancels: the connection is closed in the same turn of the loop, and the
/// UpstreamReply is not called again.
class Call {
 public:
  virtual ~Call() = default;
  virtual void resume() = 0;
  /// Of a body that goes on, after UpstreamReply::on_room(): sends as much of `bytes` as can leave now, and returns how
  /// much that was. If it was less, the next call begins with what was left, after the next on_room(). The bytes are
  /// valid during the call; the reply hears nothing within it.
  virtual std::size_t send_body(std::string_view bytes) { return bytes.size(); }
  /// The body is complete: all of it was taken. With a length in advance, it has that. Once, and only after on_room().
  virtual void end_body() {}
  /// False while the provider cannot have seen any of the request: it waits for its turn or for a connection. An
  /// implementation that does not know leaves it true.
  virtual bool sent() const noexcept { return true; }
  /// Whether the bytes of the request's body are still needed. Once false it stays so, and they may go or change. An
  /// implementation that does not know leaves it true.
  virtual bool holds_body() const noexcept { return true; }
};

/// One per thread. Never sends one request twice: a reused connection that breaks after bytes were sent ends the call
/// with ErrorCode::lost. Follows no redirect. Applies no time limit but the one for connecting: others are the
/// caller's.
class Upstream {
 public:
  virtual ~Upstream() = default;
  /// The request and its views are needed during start() only, but for the body's pieces: those stay as they are until
  /// on_end or on_room, until the Call is destroyed or until it reports that it holds them no more. The reply outlives
  /// the Call.
  virtual std::unique_ptr<Call> start(const UpstreamRequest& request, UpstreamReply& reply) = 0;
  /// Whether it sends bodies that are not complete at start(): then large forms go out while they come. Otherwise they
  /// are gathered.
  virtual bool lets_bodies_go_on() const noexcept { return false; }
  /// Takes a call of its own back whose answer is known to be complete although its body has not ended: nothing is
  /// heard of it any more, and the request's body is not looked at again. An implementation may read the short rest, so
  /// that the connection can serve again; here the call is cancelled. Also from within the call's own events.
  virtual void drain(std::unique_ptr<Call> call) { call.reset(); }
};

}  // namespace gateway
