// The server's side of TLS: a certificate, its key, and what may be negotiated.
#pragma once

#include <memory>
#include <string>

#include "gateway/result.h"

struct ssl_ctx_st;

namespace gateway::net {

// TLS 1.2 and up, ALPN "http/1.1". Any thread may use it for new streams. To take a renewed certificate, load another
// one: streams hold what they need of the old.
class TlsContext {
 public:
  // PEM files; the certificate's may hold its chain. invalid: which file, and what is wrong with it.
  static Result<std::shared_ptr<TlsContext>> load(const std::string& certificate_file, const std::string& key_file);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  ssl_ctx_st* get() const noexcept { return context_; }

 private:
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}
  ssl_ctx_st* context_;
};

}  // namespace gateway::net
