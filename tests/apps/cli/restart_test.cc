// How long the binary takes to be there again after its process was killed, with a long ledger and a full journal.
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <thread>

#include "app/open_store.h"
#include "apps/cli/cli.h"
#include "gateway/mapped_journal.h"
#include "net/fd.h"

using namespace std::chrono_literals;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr double kPromised = 10;  // a sanitizer's own cost
#else
constexpr double kPromised = 1;  // second
#endif
constexpr std::uint64_t kDead = (std::uint64_t{77} << 22) | 4'000'000;  // no pid of this machine

WallTime wall_now() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

// A month of rows, of twenty projects that are never idle, and what a process leaves that was killed at its busiest:
// every slot of its journal taken.
void fill(std::int64_t count) {
  auto store = open_sqlite_store({.path = "gateway.db", .create = true, .read_only = false}).value();
  const WallTime begin = wall_now() - std::chrono::days(30);
  const auto step = std::chrono::microseconds(std::chrono::days(30)) / count;
  std::vector<Row> rows;
  for (std::int64_t n = 0; n < count; ++n) {
    const WallTime accepted = begin + n * step;
    Row row = settled_row(static_cast<int>(n % 60'000), accepted);
    row.project = n % 20 == 0 ? "demo" : "project-" + std::to_string(n % 20);
    row.asked_model = "model-" + std::to_string(n % 20 % 7);
    rows.push_back(row);
    if (rows.size() == 1000 || n + 1 == count) append(*store, rows), rows.clear();
  }
  const auto journals = MappedJournals::create(
      {.directory = app::journal_directory({}, "gateway.db"), .process = kDead, .workers = 2, .capacity = 8192});
  REQUIRE(journals);
  int number = 0;
  for (Journal* journal : (*journals)->journals()) {
    while (journal->reserve()) {
      Row row = settled_row(++number, wall_now());
      row.process = kDead;
      row.client_request_id = "of the dead";
      row.state = RowState::open;
      row.cost = Money{};
      row.cost_source = CostSource::none;
      journal->open(row);
      if (number % 2 == 0) continue;  // never settled
      row.state = RowState::settled;
      row.cost = Money::units(100);
      row.cost_source = CostSource::priced;
      journal->settle(row);
    }
  }
}

bool is_ready(const std::string& socket_path) {
  const net::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket_path.c_str(), sizeof address.sun_path - 1);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return false;
  const std::string_view ask = "GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  if (::send(fd.get(), ask.data(), ask.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(ask.size())) return false;
  char answer[64] = {};
  return ::recv(fd.get(), answer, sizeof answer - 1, 0) > 0 && std::string_view(answer).starts_with("HTTP/1.1 200");
}

struct Start {
  double seconds = 0;  // until it could serve, by the clock: of a machine that does other things too
  double work = 0;     // of processors, its stop included
};

Start start_once(const std::string& socket_path) {
  const auto begin = std::chrono::steady_clock::now();
  const char* const other = std::getenv("GATEWAY_BINARY");
  const char* const binary = other != nullptr ? other : GATEWAY_BINARY;
  const pid_t child = ::fork();
  if (child == 0) {
    const int log = ::open("log", O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(log, 1);
    ::dup2(log, 2);
    ::execl(binary, binary, "serve", nullptr);
    ::_exit(127);
  }
  REQUIRE(child > 0);
  bool ready = false;
  while (!(ready = is_ready(socket_path)) && std::chrono::steady_clock::now() - begin < 60s) {
    std::this_thread::sleep_for(1ms);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  ::kill(child, ready ? SIGTERM : SIGKILL);
  int status = 0;
  rusage used{};
  REQUIRE(::wait4(child, &status, 0, &used) == child);
  REQUIRE(ready);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return {took.count(), seconds(used.ru_utime) + seconds(used.ru_stime)};
}

}  // namespace

// GATEWAY_ROWS=1000000: as long as it is promised for; made in about a minute. GATEWAY_BINARY: another one than the
// build's.
TEST_CASE("after a kill the server is ready within a second, however long its ledger is", "[apps][restart]") {
  const char* const text = std::getenv("GATEWAY_ROWS");
  const std::int64_t rows = text != nullptr ? std::atoll(text) : 20'000;
  Folder folder;
  const std::string socket_path = folder.path() + "/s";
  folder.write("gateway.yaml",
               "listen: 'unix:" + socket_path +
                   "'\nproviders: {sim: {type: simulated}}\nmodels: {'*': {targets: [{provider: sim}]}}\n"
                   "projects: {demo: {spend: [{cap: 100, period: day}, {cap: 900, period: month}, "
                   "{cap: 9000, period: total}]}}\n");
  fill(rows);
  const Start after_kill = start_once(socket_path);
  const Start again = start_once(socket_path);
  std::cout << rows << " rows: ready " << after_kill.seconds << " s (" << after_kill.work
            << " s of work) after a kill with a full journal, " << again.seconds << " s (" << again.work
            << ") after a clean stop\n";
  CHECK(after_kill.work < kPromised);
  CHECK(again.work < kPromised);

  const auto store = open_sqlite_store({.path = "gateway.db", .create = false, .read_only = true}).value();
  CHECK(store->open_rows(0)->empty());
  std::int64_t of_the_dead = 0;
  REQUIRE(store->rows({.since = wall_now() - 1h, .limit = 0}, [&](const Row& row) {
    of_the_dead += row.client_request_id.view() == "of the dead" ? 1 : 0;
    return true;
  }));
  CHECK(of_the_dead >= 8000);
  const auto proof = open_sqlite_store({.path = "gateway.db", .create = false, .read_only = true}).value()->verify();
  REQUIRE(proof);
  CHECK(proof->findings == std::vector<std::string>{});
}
