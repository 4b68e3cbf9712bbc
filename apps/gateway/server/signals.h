// The signals a server lives by, taken by one thread at its own time.
#pragma once

#include <signal.h>

#include <chrono>

namespace gateway::app {

// While one exists SIGTERM, SIGINT and SIGHUP wait to be asked for, in this thread and in those it starts; SIGPIPE is
// ignored. To be made before any thread is started.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  int wait() const;                                   // the next one
  int wait(std::chrono::milliseconds at_most) const;  // 0: none came

 private:
  sigset_t awaited_, before_;
  struct sigaction pipe_before_;
};

}  // namespace gateway::app
