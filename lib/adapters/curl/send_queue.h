// The requests of one turn of a loop, sent at its end one after the other: what the kernel and the processor's caches
// need for sending is then fetched once a turn, and a provider is woken once, not in between other work for each.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/loop.h"

namespace gateway::curl {

// A request as bytes. The body's bytes are the caller's.
struct Outgoing {
  std::string head;
  std::vector<std::string_view> body;
};

class Sender {
 public:
  virtual void send(const Outgoing& outgoing) = 0;  // valid during the call

 protected:
  ~Sender() = default;
};

// One thread. Keeps the memory of its requests from turn to turn.
class SendQueue final : private Loop::Deferred {
 public:
  explicit SendQueue(Loop& loop) : loop_(loop) {}

  // To be filled in now: what was left in it by an earlier request is still there.
  Outgoing& add(Sender& sender);
  // When it is still waiting, it is not called any more.
  void remove(const Sender& sender) noexcept;

 private:
  struct Entry {
    Sender* sender = nullptr;
    Outgoing outgoing;
  };
  void run_deferred() override;

  Loop& loop_;
  std::deque<Entry> entries_;  // those past used_ are spare
  std::size_t used_ = 0;
};

}  // namespace gateway::curl
