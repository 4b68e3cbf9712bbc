// A libcurl multi handle driven by a Loop, for connecting.
#pragma once

#include <curl/curl.h>

#include <cstddef>
#include <memory>

#include "gateway/loop.h"

namespace gateway::curl {

// Hears how an easy handle's transfer ended; its address is the handle's CURLOPT_PRIVATE. May free the handle.
class EasyOwner {
 public:
  virtual void on_done(CURLcode result) = 0;

 protected:
  ~EasyOwner() = default;
};

class CurlMulti {
 public:
  explicit CurlMulti(Loop& loop);
  ~CurlMulti();
  CurlMulti(const CurlMulti&) = delete;
  CurlMulti& operator=(const CurlMulti&) = delete;

  std::size_t members() const noexcept { return members_; }

 private:
  friend class MultiMember;
  struct Socket;
  struct Kick final : Loop::Deferred {
    explicit Kick(CurlMulti& m) : multi(m) {}
    void run_deferred() override { multi.on_timeout(); }
    CurlMulti& multi;
  };

  static int on_socket(CURL*, curl_socket_t fd, int what, void* self, void* socket);
  static int on_timer(CURLM*, long milliseconds, void* self);
  void on_timeout();
  void act(curl_socket_t fd, int ready);

  Loop& loop_;
  CURLM* multi_;
  std::size_t members_ = 0;
  MemberAlarm<CurlMulti, &CurlMulti::on_timeout> alarm_{*this};
  Kick kick_{*this};
};

// An easy handle in a multi: leaves it and is freed with this, which closes its connection. Not to be destroyed from
// within libcurl's callbacks.
class MultiMember {
 public:
  MultiMember() = default;
  // Takes the handle over. Its transfer starts at the end of this turn of the loop.
  MultiMember(CurlMulti& multi, CURL* easy);
  MultiMember(MultiMember&& o) noexcept;
  MultiMember& operator=(MultiMember&& o) noexcept;
  ~MultiMember() { leave(); }

  CURL* get() const noexcept { return easy_; }
  explicit operator bool() const noexcept { return easy_ != nullptr; }

 private:
  void leave() noexcept;

  CurlMulti* multi_ = nullptr;
  CURL* easy_ = nullptr;
};

}  // namespace gateway::curl
