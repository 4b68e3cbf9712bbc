// The ledger's rows as they are closed, for any number of clients at once, on one thread: none of them holds a call.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "gateway/ledger.h"
#include "gateway/result.h"
#include "gateway/store.h"
#include "operations/follow.h"

namespace gateway::app {

// What a client wants to see.
struct RowSubscription {
  RowQuery query;  // which rows
  Zone zone;       // in which their times are written
  WallTime since;  // those that were closed later
};

// Where a stream goes. Called on the thread of RowStreams; none of them may block.
class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual bool is_left() = 0;    // the client is gone
  virtual bool take_room() = 0;  // true: one piece may be written now
  virtual void write(std::string piece) = 0;
  // The last calls: it is complete, or breaks off.
  virtual void finish() = 0;
  virtual void end() = 0;
};

// One reading of the ledger serves all clients. Each row is an event: "id: TIME", "data: {...}"; the id says when the
// row was found, so that a client that comes back with it misses none, and may see some twice. Lines that begin with
// ":" come while there is nothing else. Of more rows than anybody could read some are left out, which an event of that
// name says; so a tail costs the same however much is served. A client that does not take its rows is broken off. After
// a minute a stream is complete: its client comes back with the last id, and is judged by the tokens that are valid
// then.
class RowStreams {
 public:
  static constexpr std::size_t kMaxStreams = 32;
  static constexpr std::size_t kMaxMissed = 2'000;             // rows since the last event: the latest
  static constexpr std::size_t kMaxRead = 1000;                // rows that are looked at in a poll, about
  static constexpr std::size_t kMaxShown = 200;                // rows of a poll that are sent: the latest
  static constexpr std::size_t kMaxPending = 4 * 1024 * 1024;  // bytes that one client has not taken

  struct Options {
    std::function<Result<std::unique_ptr<Store>>()> connect;  // to read
    std::function<WallTime()> now;
    std::chrono::milliseconds every{500};
    std::chrono::milliseconds when_overrun{1'000};  // as long as more rows come than are looked at
    std::chrono::milliseconds keep_alive{15'000};
    std::chrono::milliseconds longest{60'000};
  };
  explicit RowStreams(Options options);
  ~RowStreams() { stop(); }
  RowStreams(const RowStreams&) = delete;
  RowStreams& operator=(const RowStreams&) = delete;

  bool has_room();  // for one more, for now; any thread
  // Any thread. False: there are too many already, or it was stopped; then the sink is not called.
  bool add(RowSubscription subscription, std::shared_ptr<RowSink> sink);
  // Breaks off all streams. Any thread; again: nothing.
  void stop();

 private:
  struct Stream {
    RowSubscription subscription;
    std::shared_ptr<RowSink> sink;
    std::string pending{};  // not written yet
    bool is_new = true;
    bool is_over = false;
    std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point last_written{};
  };

  void run(const std::stop_token& stop);
  void poll(std::vector<Stream>& streams);
  void add_events(const std::vector<Row>& rows, WallTime now, std::vector<Stream>& streams) const;
  bool connect();
  void begin(Stream& stream, WallTime now);
  void write(Stream& stream) const;

  const Options options_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Stream> added_;  // under mutex_
  std::size_t count_ = 0;      // under mutex_: of all
  bool stopped_ = false;       // under mutex_
  // The thread's alone.
  std::unique_ptr<Store> store_;
  std::optional<operations::RowFollower> follower_;
  WallTime found_{};     // all that was closed by then was read
  std::jthread thread_;  // last: it uses all of the above
};

// The id of an event, as a client sends it back.
std::optional<WallTime> read_event_id(const std::string& text);

}  // namespace gateway::app
