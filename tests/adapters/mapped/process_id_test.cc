#include "gateway/process_id.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "support/catch.h"

namespace gateway {
namespace {

TEST_CASE("a process knows itself, and keeps its number", "[mapped][process]") {
  const std::uint64_t self = current_process();
  CHECK(self != 0);
  CHECK((self & 0x3fffff) == static_cast<std::uint64_t>(::getpid()));
  CHECK(current_process() == self);
  CHECK(is_running(self));
}

TEST_CASE("a process that was taken for dead has other ids, each its own, and runs under all of them", "[mapped]") {
  const std::uint64_t first = current_process(), second = next_process(), third = next_process();
  CHECK(first != second);
  CHECK(second != third);
  CHECK(first != third);
  for (const std::uint64_t id : {first, second, third}) CHECK(is_running(id));
  CHECK(current_process() == first);
}

TEST_CASE("another process that has the same pid is not the same", "[mapped][process]") {
  const std::uint64_t self = current_process();
  CHECK_FALSE(is_running(self ^ (std::uint64_t{1} << 40)));
  CHECK_FALSE(is_running(static_cast<std::uint64_t>(::getpid())));
  CHECK_FALSE(is_running(0));
}

TEST_CASE("a child has a number of its own, and is gone once it was killed, reaped or not", "[mapped][process]") {
  int pipe_ends[2];
  REQUIRE(::pipe(pipe_ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::uint64_t mine = current_process();
    if (::write(pipe_ends[1], &mine, sizeof mine) != sizeof mine) ::_exit(1);
    for (;;) ::pause();
  }
  REQUIRE(child > 0);
  std::uint64_t process = 0;
  REQUIRE(::read(pipe_ends[0], &process, sizeof process) == sizeof process);
  CHECK(process != current_process());
  CHECK(is_running(process));
  ::kill(child, SIGKILL);
  siginfo_t info{};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) == 0);
  CHECK_FALSE(is_running(process));
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  CHECK_FALSE(is_running(process));
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
}

}  // namespace
}  // namespace gateway
