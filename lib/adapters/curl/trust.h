// What the connections of one thread share: DNS answers, TLS sessions, and the system's certificates, parsed once.
#pragma once

struct x509_store_st;

namespace gateway::curl {

class Trust {
 public:
  Trust();
  ~Trust();
  Trust(const Trust&) = delete;
  Trust& operator=(const Trust&) = delete;

  // CURLSH handles: with the TLS sessions of servers that the system's certificates vouch for, and without sessions.
  void* share_for_system() const noexcept { return with_sessions_; }
  void* share_for_others() const noexcept { return without_sessions_; }
  // The system's certificates; null when they cannot be found, and then libcurl is to look for them itself.
  x509_store_st* system_store();

 private:
  void* with_sessions_;
  void* without_sessions_;
  x509_store_st* store_ = nullptr;
  bool looked_ = false;
};

}  // namespace gateway::curl
