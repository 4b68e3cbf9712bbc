// Lines from any thread to one descriptor, without anyone waiting for it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "app/serve.h"
#include "gateway/log.h"

namespace gateway::app {

// Each thread that logs has a ring of its own, which the writer's thread empties; what does not fit is dropped and
// counted, and the next line that is written reports how many.
class LogWriter {
 public:
  struct Options {
    int fd = 2;  // stays the caller's
    LogFormat format = LogFormat::logfmt;
    LogLevel least = LogLevel::info;
    std::size_t ring = 256 * 1024;  // bytes for each thread
  };
  explicit LogWriter(Options options);
  // Writes what is there, as long as somebody takes it: after a second of waiting the rest is dropped. Nobody may log
  // any more.
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  void log(const LogEvent& event);
  // For CoreOptions::log; the writer outlives it.
  LogCallback callback();

 private:
  class Ring;
  Ring& own_ring();
  void run();
  bool write_batch();
  void write_all(std::string_view bytes);

  const Options options_;
  const bool to_file_;      // a regular one, which always accepts what is written
  const std::uint64_t id_;  // distinguishes this writer's rings in a thread from those of another one, gone or not
  std::mutex registering_;
  std::vector<std::unique_ptr<Ring>> rings_;
  std::string batch_;
  std::chrono::milliseconds waited_{0};  // for a reader, since it was to stop; the writer's thread only
  bool given_up_ = false;                // likewise
  std::atomic<std::uint32_t> asleep_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace gateway::app
