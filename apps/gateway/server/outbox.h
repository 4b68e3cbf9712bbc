// What waits to be sent on a connection. Holds memory only while something waits.
#pragma once

#include <cstddef>
#include <cstdint>

#include "app/server/transport.h"
#include "base/buffer.h"

namespace gateway::app {

class Outbox {
 public:
  explicit Outbox(BufferPool& pool) noexcept : pool_(pool) {}
  ~Outbox() { drop(); }
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  // To append to; until the next flush() or drop().
  PaddedBuffer& buffer() noexcept;
  std::size_t unsent() const noexcept { return buffer_.size() - sent_; }
  bool empty() const noexcept { return unsent() == 0; }
  std::size_t memory() const noexcept { return buffer_.capacity(); }

  enum class Flushed : std::uint8_t { all, some, none, broken };  // none: the socket took nothing
  Flushed flush(Transport& transport) noexcept;
  void drop() noexcept;

 private:
  BufferPool& pool_;
  PaddedBuffer buffer_;
  std::size_t sent_ = 0;  // bytes at its front that are gone
};

}  // namespace gateway::app
