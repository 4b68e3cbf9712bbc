#include "app/server/signals.h"

#include <ctime>

namespace gateway::app {

Signals::Signals() {
  sigemptyset(&awaited_);
  for (int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&awaited_, number);
  pthread_sigmask(SIG_BLOCK, &awaited_, &before_);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  for (std::size_t i = 0; i < kIgnored.size(); ++i) sigaction(kIgnored[i], &ignore, &ignored_before_[i]);
}

Signals::~Signals() {
  for (std::size_t i = 0; i < kIgnored.size(); ++i) sigaction(kIgnored[i], &ignored_before_[i], nullptr);
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

int Signals::wait() const {
  int number = 0;
  while (sigwait(&awaited_, &number) != 0) {
  }
  return number;
}

int Signals::wait(std::chrono::milliseconds at_most) const {
  const timespec limit{static_cast<time_t>(at_most.count() / 1000),
                       static_cast<long>(at_most.count() % 1000 * 1'000'000)};
  const int number = sigtimedwait(&awaited_, nullptr, &limit);
  return number > 0 ? number : 0;
}

}  // namespace gateway::app
