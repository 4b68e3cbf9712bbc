#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "app/logging/log_lines.h"
#include "app/logging/log_writer.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::app;
using namespace std::chrono_literals;

namespace {

constexpr WallTime kTime{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + std::chrono::milliseconds{1500}};

std::string line_of(const LogEvent& event, LogFormat format) {
  std::string out;
  append_log_line(out, event, format, kTime);
  return out;
}

// Everything written to a pipe until its last writer is gone.
struct Pipe {
  Pipe() { REQUIRE(::pipe(ends) == 0); }
  ~Pipe() { ::close(ends[0]); }
  std::string finish() {
    ::close(ends[1]);
    std::string all;
    char room[65536];
    for (ssize_t n; (n = ::read(ends[0], room, sizeof room)) > 0;) all.append(room, static_cast<std::size_t>(n));
    return all;
  }
  int ends[2];
};

}  // namespace

TEST_CASE("a line has its time, level, message and request in either format", "[server][log]") {
  const LogEvent event{LogLevel::warning, "a \"b\" c\n=", "req_1", nullptr};
  CHECK(line_of(event, LogFormat::logfmt) ==
        "time=2026-11-22T00:00:01.500Z level=warning message=\"a \\\"b\\\" c\\n=\" request_id=req_1\n");
  CHECK(line_of(event, LogFormat::json) ==
        "{\"time\":\"2026-11-22T00:00:01.500Z\",\"level\":\"warning\",\"message\":\"a \\\"b\\\" c\\n=\","
        "\"request_id\":\"req_1\"}\n");
}

TEST_CASE("no line has a character that a terminal obeys", "[server][log]") {
  const LogEvent named{LogLevel::info,
                       "model a\xc2\x9b"
                       "31m",
                       {},
                       nullptr};
  CHECK_THAT(line_of(named, LogFormat::logfmt), Catch::Contains("message=\"model a\\u009b31m\""));
  CHECK_THAT(line_of(named, LogFormat::json), Catch::Contains("\"model a\\u009b31m\""));
  const LogEvent bare{LogLevel::info, "a\x9b\xc2\x85", {}, nullptr};
  for (const LogFormat format : {LogFormat::logfmt, LogFormat::json}) {
    const std::string line = line_of(bare, format);
    CHECK_THAT(line, Catch::Contains("\"a\xef\xbf\xbd\\u0085\""));
    CHECK(line.find('\x9b') == line.npos);
  }
}

TEST_CASE("an exchange's line reports what it cost and how long it took", "[server][log]") {
  ExchangeRecord record;
  record.project = "demo";
  record.path = "/v1/chat/completions";
  record.asked_model = "fast";
  record.status = 200;
  record.attempts = 2;
  record.streamed = true;
  record.usage.input = 7;
  record.cost = Money::parse("0.00012345").value();
  record.cost_source = CostSource::priced;
  record.overhead = 61us;
  record.total = 1234567us;
  const std::string line = line_of({LogLevel::info, "exchange", "req_1", &record}, LogFormat::logfmt);
  CHECK(line ==
        "time=2026-11-22T00:00:01.500Z level=info message=exchange request_id=req_1 project=demo "
        "path=/v1/chat/completions status=200 model=fast attempts=2 streamed=true client_left=false input_tokens=7 "
        "cached_tokens=0 output_tokens=0 reasoning_tokens=0 cost=0.00012345 cost_source=priced overhead_us=61 "
        "total_ms=1234.567\n");
}

TEST_CASE("lines of several threads all arrive, each complete and each thread's in order", "[server][log][threads]") {
  Pipe pipe;
  std::string all;
  std::thread reader;
  {
    LogWriter writer({.fd = pipe.ends[1], .ring = 1 << 20});
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&writer, t] {
        for (int i = 0; i < 200; ++i) {
          writer.log({LogLevel::info, "t" + std::to_string(t) + "n" + std::to_string(i), {}, nullptr});
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    reader = std::thread([&] {
      char room[65536];
      for (ssize_t n; (n = ::read(pipe.ends[0], room, sizeof room)) > 0;) all.append(room, static_cast<std::size_t>(n));
    });
  }
  ::close(pipe.ends[1]);
  reader.join();
  CHECK(std::count(all.begin(), all.end(), '\n') == 800);
  for (int t = 0; t < 4; ++t) {
    std::size_t at = 0;
    for (int i = 0; i < 200; ++i) {
      at = all.find("message=t" + std::to_string(t) + "n" + std::to_string(i) + "\n", at);
      REQUIRE(at != all.npos);
    }
  }
}

TEST_CASE("what nobody reads is dropped, counted and reported", "[server][log][threads]") {
  Pipe pipe;
  std::thread reader;
  std::string all;
  {
    LogWriter writer({.fd = pipe.ends[1], .ring = 4096});
    const std::string message(300, 'x');
    for (int i = 0; i < 2000; ++i) writer.log({LogLevel::info, message, {}, nullptr});
    reader = std::thread([&] {
      char room[65536];
      for (ssize_t n; (n = ::read(pipe.ends[0], room, sizeof room)) > 0;) all.append(room, static_cast<std::size_t>(n));
    });
  }
  ::close(pipe.ends[1]);
  reader.join();
  const std::size_t at = all.find("message=\"");
  REQUIRE(at != all.npos);
  CHECK(all.find("log lines were dropped") != all.npos);
  CHECK(std::count(all.begin(), all.end(), '\n') < 2000);
}

TEST_CASE("a pipe that nobody reads does not keep the writer from its end", "[server][log]") {
  Pipe pipe;
  const auto began = std::chrono::steady_clock::now();
  {
    LogWriter writer({.fd = pipe.ends[1], .ring = 1 << 20});
    const std::string message(500, 'x');
    for (int i = 0; i < 1000; ++i) writer.log({LogLevel::info, message, {}, nullptr});
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(10));
}

TEST_CASE("lines below the least level are not written", "[server][log]") {
  Pipe pipe;
  {
    LogWriter writer({.fd = pipe.ends[1], .least = LogLevel::warning});
    writer.log({LogLevel::info, "low", {}, nullptr});
    writer.log({LogLevel::error, "high", {}, nullptr});
  }
  const std::string all = pipe.finish();
  CHECK(all.find("low") == all.npos);
  CHECK(all.find("message=high") != all.npos);
}
