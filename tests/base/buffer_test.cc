#include "base/buffer.h"

#include <algorithm>
#include <random>
#include <string>

#include "support/catch.h"

using namespace gateway;

namespace {

// Reads every byte that a parser may: a sanitizer sees it if one is missing.
unsigned read_all(const PaddedBuffer& buffer) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < buffer.size() + PaddedBuffer::kPadding; ++i) {
    sum += static_cast<unsigned char>(buffer.data()[i]);
  }
  return sum;
}

}  // namespace

TEST_CASE("a buffer holds what was appended and can be read beyond its end", "[base][buffer]") {
  std::mt19937_64 random(1);
  PaddedBuffer buffer;
  std::string want;
  CHECK(read_all(buffer) == 0);
  for (int i = 0; i < 500; ++i) {
    if (random() % 4 == 0) {
      const std::size_t n = random() % (want.size() + 1);
      buffer.consume(n);
      want.erase(0, n);
    } else {
      const std::string piece(random() % 3000, static_cast<char>('a' + random() % 26));
      buffer.append(piece);
      want += piece;
    }
    REQUIRE(buffer.view() == want);
    read_all(buffer);
  }
}

TEST_CASE("a cleared buffer keeps its memory", "[base][buffer]") {
  PaddedBuffer buffer;
  buffer.append(std::string(100'000, 'x'));
  const char* const place = buffer.data();
  const std::size_t capacity = buffer.capacity();
  buffer.clear();
  CHECK(buffer.empty());
  buffer.append(std::string(100'000, 'y'));
  CHECK(buffer.data() == place);
  CHECK(buffer.capacity() == capacity);
}

TEST_CASE("bytes can be read straight into a buffer", "[base][buffer]") {
  PaddedBuffer buffer;
  const auto room = buffer.room(10);
  REQUIRE(room.size() >= 10);
  std::copy_n("0123456789", 10, room.begin());
  buffer.grow(4);
  CHECK(buffer.view() == "0123");
}

TEST_CASE("a moved-from buffer is empty and can be used again", "[base][buffer]") {
  PaddedBuffer a;
  a.append("abc");
  const PaddedBuffer b = std::move(a);
  CHECK(b.view() == "abc");
  CHECK(a.empty());
  CHECK(a.capacity() == 0);
  read_all(a);
  a.append("def");
  CHECK(a.view() == "def");
}

TEST_CASE("a pool returns the same memory again", "[base][buffer]") {
  BufferPool pool;
  const char* place = nullptr;
  {
    PooledBuffer buffer(pool);
    buffer->append(std::string(100'000, 'x'));
    place = buffer->data();
  }
  CHECK(pool.kept() == 1);
  PooledBuffer again(pool);
  CHECK(pool.kept() == 0);
  CHECK(again->empty());
  again->append("y");
  CHECK(again->data() == place);
  again.release();
  CHECK(pool.kept() == 1);
  again->append("usable after it was given back");
  CHECK(again->size() == 30);
}

TEST_CASE("a pool keeps no more buffers and bytes than configured", "[base][buffer]") {
  const auto of_size = [](std::size_t n) {
    PaddedBuffer buffer;
    buffer.reserve(n);
    return buffer;
  };
  BufferPool pool({.max_buffers = 3, .max_each = 1000, .max_bytes = 2500});
  pool.give(of_size(1001));
  CHECK(pool.kept() == 0);
  pool.give(PaddedBuffer{});
  CHECK(pool.kept() == 0);
  pool.give(of_size(1000));
  pool.give(of_size(1000));
  pool.give(of_size(1000));
  CHECK(pool.kept() == 2);
  CHECK(pool.kept_bytes() == 2000);
  pool.give(of_size(10));
  pool.give(of_size(10));
  CHECK(pool.kept() == 3);
  pool.take();
  pool.take();
  pool.take();
  CHECK(pool.take().capacity() == 0);
  CHECK(pool.kept_bytes() == 0);
}
