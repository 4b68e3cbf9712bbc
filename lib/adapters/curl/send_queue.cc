#include "adapters/curl/send_queue.h"

#include <utility>

namespace gateway::curl {

Outgoing& SendQueue::add(Sender& sender) {
  if (used_ == entries_.size()) entries_.emplace_back();
  Entry& entry = entries_[used_++];
  entry.sender = &sender;
  loop_.defer(*this);
  return entry.outgoing;
}

void SendQueue::remove(const Sender& sender) noexcept {
  for (std::size_t i = 0; i < used_; ++i) {
    if (entries_[i].sender == &sender) entries_[i].sender = nullptr;
  }
}

void SendQueue::run_deferred() {
  for (std::size_t i = 0; i < used_; ++i) {
    if (Sender* const sender = std::exchange(entries_[i].sender, nullptr)) sender->send(entries_[i].outgoing);
  }
  used_ = 0;
}

}  // namespace gateway::curl
