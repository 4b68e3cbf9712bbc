// The signals a server lives by, taken by one thread at its own time.
#pragma once

#include <signal.h>

#include <array>
#include <chrono>

namespace gateway::app {

// While one exists SIGTERM, SIGINT and SIGHUP wait to be read, in this thread and in those it starts. Ignored are
// SIGPIPE, and SIGUSR1 and SIGUSR2, which log rotation sends to servers and which would end this one. To be made before
// any thread is started.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  int wait() const;                                   // the next one
  int wait(std::chrono::milliseconds at_most) const;  // 0: none came

 private:
  static constexpr std::array kIgnored{SIGPIPE, SIGUSR1, SIGUSR2};

  sigset_t awaited_, before_;
  std::array<struct sigaction, kIgnored.size()> ignored_before_{};
};

}  // namespace gateway::app
