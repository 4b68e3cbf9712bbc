#include "app/server/outbox.h"

#include <utility>

namespace gateway::app {

PaddedBuffer& Outbox::buffer() noexcept {
  if (buffer_.capacity() == 0) buffer_ = pool_.take();
  return buffer_;
}

Outbox::Flushed Outbox::flush(Transport& transport) noexcept {
  bool progress = false;
  while (!empty()) {
    const iovec piece{const_cast<char*>(buffer_.data() + sent_), unsent()};
    const net::IoResult written = transport.write({&piece, 1});
    if (written.status == net::IoStatus::again) {
      // Moving what is left to the front costs its size: only when that is the smaller part.
      if (sent_ > unsent()) buffer_.consume(std::exchange(sent_, 0));
      return progress ? Flushed::some : Flushed::none;
    }
    if (written.status != net::IoStatus::done) return Flushed::broken;
    progress = true;
    sent_ += written.bytes;
  }
  drop();
  return Flushed::all;
}

void Outbox::drop() noexcept {
  pool_.give(std::exchange(buffer_, PaddedBuffer{}));
  sent_ = 0;
}

}  // namespace gateway::app
