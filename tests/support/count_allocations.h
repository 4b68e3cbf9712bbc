// Counts every operator new of the program. Defines it: to be included by one file of a test program alone. All forms
// but the aligned ones are replaced together, so that sanitizers find each freed as it was made.
#pragma once

#include <cstdlib>
#include <new>

inline long allocations = 0;

// Clang's ThreadSanitizer is linked statically and defines them itself: nothing is counted then.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define GATEWAY_COUNTS_ALLOCATIONS 0
#endif
#endif
#ifndef GATEWAY_COUNTS_ALLOCATIONS
#define GATEWAY_COUNTS_ALLOCATIONS 1
#endif

#if GATEWAY_COUNTS_ALLOCATIONS

namespace counting {
inline void* allocate(std::size_t size) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}
inline void* allocate_or_throw(std::size_t size) {
  if (void* memory = allocate(size)) return memory;
  throw std::bad_alloc();
}
}  // namespace counting

[[gnu::noinline]] void* operator new(std::size_t size) { return counting::allocate_or_throw(size); }
[[gnu::noinline]] void* operator new[](std::size_t size) { return counting::allocate_or_throw(size); }
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return counting::allocate(size);
}
[[gnu::noinline]] void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return counting::allocate(size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
#endif
