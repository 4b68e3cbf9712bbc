// Byte buffers that are used again and again.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace gateway {

// Growing bytes with room after them that may be read, as simdjson wants it. Keeps its memory on clear().
class PaddedBuffer {
 public:
  static constexpr std::size_t kPadding = 64;  // readable bytes past the end, whatever they hold

  PaddedBuffer() = default;
  PaddedBuffer(PaddedBuffer&& o) noexcept
      : bytes_(std::move(o.bytes_)), size_(std::exchange(o.size_, 0)), capacity_(std::exchange(o.capacity_, 0)) {}
  PaddedBuffer& operator=(PaddedBuffer&& o) noexcept {
    bytes_ = std::move(o.bytes_);
    size_ = std::exchange(o.size_, 0);
    capacity_ = std::exchange(o.capacity_, 0);
    return *this;
  }

  const char* data() const noexcept { return bytes_ ? bytes_.get() : kNothing; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  std::size_t capacity() const noexcept { return capacity_; }  // without the padding
  std::string_view view() const noexcept { return {data(), size_}; }

  void clear() noexcept { size_ = 0; }
  // Leaves the first `size` bytes, if there are more.
  void truncate(std::size_t size) noexcept { size_ = size < size_ ? size : size_; }
  // Room for `capacity` bytes in all. Moves the bytes: views of them end here and in append.
  void reserve(std::size_t capacity);
  // `bytes` may not lie in this buffer.
  void append(std::string_view bytes);
  // Takes bytes off the front.
  void consume(std::size_t count) noexcept;
  // For reading straight into the buffer: at least `least` bytes that may be written past the end; then say how many
  // were with grow().
  std::span<char> room(std::size_t least);
  void grow(std::size_t count) noexcept { size_ += count; }

 private:
  static const char kNothing[kPadding];
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

// Keeps buffers that were returned, so that a large body costs no allocation. One thread.
class BufferPool {
 public:
  struct Options {
    std::size_t max_buffers = 256;            // kept at once
    std::size_t max_each = 1024 * 1024;       // larger ones are freed
    std::size_t max_bytes = 8 * 1024 * 1024;  // kept in all
  };

  BufferPool() : BufferPool(Options{}) {}
  explicit BufferPool(Options options);
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  // Empty, with the memory of the buffer returned last.
  PaddedBuffer take() noexcept;
  void give(PaddedBuffer buffer) noexcept;

  std::size_t kept() const noexcept { return buffers_.size(); }
  std::size_t kept_bytes() const noexcept { return kept_bytes_; }

 private:
  Options options_;
  std::vector<PaddedBuffer> buffers_;
  std::size_t kept_bytes_ = 0;
};

// A buffer that goes back to its pool by itself. The pool outlives it.
class PooledBuffer {
 public:
  explicit PooledBuffer(BufferPool& pool) noexcept : pool_(&pool), buffer_(pool.take()) {}
  ~PooledBuffer() { release(); }
  PooledBuffer(const PooledBuffer&) = delete;
  PooledBuffer& operator=(const PooledBuffer&) = delete;

  // Releases the memory early; the buffer is then empty and may be filled again.
  void release() noexcept { pool_->give(std::exchange(buffer_, PaddedBuffer{})); }
  PaddedBuffer& operator*() noexcept { return buffer_; }
  const PaddedBuffer& operator*() const noexcept { return buffer_; }
  PaddedBuffer* operator->() noexcept { return &buffer_; }
  const PaddedBuffer* operator->() const noexcept { return &buffer_; }

 private:
  BufferPool* pool_;
  PaddedBuffer buffer_;
};

}  // namespace gateway
