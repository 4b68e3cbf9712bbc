// The beginning of a stream that says nothing yet, kept back while there is more of the same piece of bytes to be read:
// an error that comes right behind it still has a status, and another target may be asked.
#pragma once

#include <optional>
#include <string_view>

#include "base/buffer.h"
#include "providers/answer_stream.h"

namespace gateway {

class HeldBack {
 public:
  explicit HeldBack(BufferPool& pool) noexcept : pool_(pool) {}
  bool empty() const noexcept { return !bytes_; }
  // Whole frames.
  void add(std::string_view frames) {
    if (!bytes_) bytes_.emplace(pool_);
    (*bytes_)->append(frames);
  }
  void release(AnswerSink& sink) {
    if (!bytes_) return;
    sink.relay((*bytes_)->view());
    bytes_.reset();
  }

 private:
  BufferPool& pool_;
  std::optional<PooledBuffer> bytes_;
};

}  // namespace gateway
