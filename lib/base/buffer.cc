#include "base/buffer.h"

#include <algorithm>
#include <cstring>

namespace gateway {
namespace {

constexpr std::size_t kSmallest = 1024;

}  // namespace

const char PaddedBuffer::kNothing[kPadding] = {};

void PaddedBuffer::reserve(std::size_t capacity) {
  if (capacity <= capacity_) return;
  auto grown = std::make_unique_for_overwrite<char[]>(capacity + kPadding);
  if (size_ > 0) std::memcpy(grown.get(), bytes_.get(), size_);
  // What lies past the end is read, if never used: let it be defined.
  std::memset(grown.get() + capacity, 0, kPadding);
  bytes_ = std::move(grown);
  capacity_ = capacity;
}

void PaddedBuffer::append(std::string_view bytes) {
  if (bytes.empty()) return;
  std::memcpy(room(bytes.size()).data(), bytes.data(), bytes.size());
  size_ += bytes.size();
}

void PaddedBuffer::consume(std::size_t count) noexcept {
  size_ -= count;
  if (size_ > 0 && count > 0) std::memmove(bytes_.get(), bytes_.get() + count, size_);
}

std::span<char> PaddedBuffer::room(std::size_t least) {
  if (capacity_ - size_ < least) reserve(std::max({size_ + least, capacity_ * 2, kSmallest}));
  return {bytes_.get() + size_, capacity_ - size_};
}

BufferPool::BufferPool(Options options) : options_(options) { buffers_.reserve(options_.max_buffers); }

PaddedBuffer BufferPool::take() noexcept {
  if (buffers_.empty()) return {};
  PaddedBuffer buffer = std::move(buffers_.back());
  buffers_.pop_back();
  kept_bytes_ -= buffer.capacity();
  return buffer;
}

void BufferPool::give(PaddedBuffer buffer) noexcept {
  const std::size_t bytes = buffer.capacity();
  if (bytes == 0 || bytes > options_.max_each || buffers_.size() == options_.max_buffers ||
      bytes > options_.max_bytes - kept_bytes_) {
    return;
  }
  buffer.clear();
  kept_bytes_ += bytes;
  buffers_.push_back(std::move(buffer));
}

}  // namespace gateway
