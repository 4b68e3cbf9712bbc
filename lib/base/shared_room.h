// A bound on how many bytes are kept at once by many holders, whichever thread they are on.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace gateway {

class SharedRoom {
 public:
  // All that is taken, by everyone.
  std::int64_t taken() const noexcept { return taken_.load(std::memory_order_relaxed); }

  // What one holder has of the room; released when it is destroyed. The room outlives it.
  class Share {
   public:
    explicit Share(SharedRoom& room) noexcept : room_(&room) {}
    ~Share() { room_->taken_.fetch_sub(bytes_, std::memory_order_relaxed); }
    Share(Share&& o) noexcept : room_(o.room_), bytes_(std::exchange(o.bytes_, 0)) {}
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    Share& operator=(Share&&) = delete;

    // To at least `bytes`. False, and nothing changes: then more than `most` would be taken in all.
    [[nodiscard]] bool extend(std::int64_t bytes, std::int64_t most) noexcept {
      const std::int64_t more = bytes - bytes_;
      if (more <= 0) return true;
      // Who is refused may for a moment block another: that one is asked to come again, too.
      if (room_->taken_.fetch_add(more, std::memory_order_relaxed) + more > most) {
        room_->taken_.fetch_sub(more, std::memory_order_relaxed);
        return false;
      }
      bytes_ = bytes;
      return true;
    }
    // To exactly `bytes`, however much is taken in all: for what is there already.
    void set(std::int64_t bytes) noexcept {
      if (bytes == bytes_) return;
      room_->taken_.fetch_add(bytes - bytes_, std::memory_order_relaxed);
      bytes_ = bytes;
    }
    std::int64_t bytes() const noexcept { return bytes_; }

   private:
    SharedRoom* room_;
    std::int64_t bytes_ = 0;
  };

 private:
  std::atomic<std::int64_t> taken_{0};
};

}  // namespace gateway
