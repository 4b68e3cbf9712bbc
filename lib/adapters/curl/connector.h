// Connecting to an origin: DNS, TCP, proxies and TLS by libcurl.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "adapters/curl/curl_multi.h"
#include "adapters/curl/trust.h"
#include "adapters/curl/wire.h"
#include "gateway/loop.h"
#include "gateway/result.h"
#include "gateway/upstream.h"

namespace gateway::curl {

class ConnectSink {
 public:
  // A wire, or ErrorCode::unreachable. Never from within connect().
  virtual void on_connected(Result<Wire> wire) = 0;

 protected:
  ~ConnectSink() = default;
};

// A connection being made. Destroying it cancels the attempt.
class Connecting;

class Connector {
 public:
  explicit Connector(Loop& loop);
  ~Connector();

  // The sink outlives what is returned. The origin is needed during the call only.
  std::unique_ptr<Connecting> connect(const Origin& origin, std::chrono::milliseconds limit, ConnectSink& sink);

 private:
  // libcurl looks for a connection among all of its multi, for TLS at each read and write, so multis are kept small.
  struct Multis {
    const std::size_t most;  // members of each
    std::vector<std::unique_ptr<CurlMulti>> all;
  };
  CurlMulti& roomy(Multis& multis);

  Loop& loop_;
  Trust trust_;
  Multis staying_{16, {}};
  Multis leaving_{128, {}};  // for connections that leave libcurl once they are made
};

class Connecting final : private EasyOwner {
 public:
  Connecting(CurlMulti& multi, Trust& trust, const Origin& origin, std::chrono::milliseconds limit, ConnectSink& sink);
  Connecting(const Connecting&) = delete;
  Connecting& operator=(const Connecting&) = delete;
  ~Connecting() = default;

 private:
  // What the TLS callback works on.
  struct Tls {
    x509_store_st* store = nullptr;  // to verify with, instead of what libcurl loaded
    bool used = false;
  };

  static CURLcode on_tls_context(CURL*, void* context, void* tls);
  void set_options(CURL* easy, Trust& trust, const Origin& origin, std::chrono::milliseconds limit);
  void set_trust(CURL* easy, Trust& trust, const Origin& origin);
  void on_done(CURLcode result) override;
  Error failure(CURLcode result) const;

  ConnectSink& sink_;
  Tls tls_;
  char words_[CURL_ERROR_SIZE] = "";
  MultiMember easy_;  // leaves libcurl before what it points to
};

}  // namespace gateway::curl
