#include "app/admin/row_streams.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "app/admin/opened.h"
#include "app/render/row_fields.h"
#include "config/scalars.h"
#include "ledger/usage_value.h"

namespace gateway::app {
namespace {

std::string event_of(const Row& row, const Zone& zone, WallTime found) {
  JsonLines line(row_columns());
  line.add(row_cells(row, zone));
  return fmt::format("id: {}\ndata: {}\n", found.time_since_epoch().count(), line.take());
}

std::string left_out() { return "event: left_out\ndata: {}\n\n"; }

// No event, but clients keep the id: they have all that was found by then.
std::string mark_of(WallTime found) { return fmt::format(":\nid: {}\n\n", found.time_since_epoch().count()); }

}  // namespace

std::optional<WallTime> read_event_id(const std::string& text) {
  const auto micros = scalars::whole(text);
  if (!micros || *micros < 0) return std::nullopt;
  return WallTime(std::chrono::microseconds(*micros));
}

RowStreams::RowStreams(Options options)
    : options_(std::move(options)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

bool RowStreams::has_room() {
  const std::lock_guard lock(mutex_);
  return !stopped_ && count_ < kMaxStreams;
}

bool RowStreams::add(RowSubscription subscription, std::shared_ptr<RowSink> sink) {
  const std::lock_guard lock(mutex_);
  if (stopped_ || count_ >= kMaxStreams) return false;
  ++count_;
  added_.push_back({std::move(subscription), std::move(sink)});
  changed_.notify_one();
  return true;
}

void RowStreams::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void RowStreams::run(const std::stop_token& stop) {
  std::vector<Stream> streams;
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      const auto is_added = [this] { return !added_.empty(); };
      if (streams.empty()) {
        store_.reset();
        follower_.reset();
        changed_.wait(lock, stop, is_added);
      } else {
        const bool is_overrun = follower_ && follower_->is_overrun();
        changed_.wait_for(lock, stop, is_overrun ? options_.when_overrun : options_.every, is_added);
      }
      for (Stream& each : added_) streams.push_back(std::move(each));
      added_.clear();
    }
    if (stop.stop_requested()) break;
    poll(streams);
    const auto over = std::erase_if(streams, [](const Stream& each) { return each.is_over; });
    const std::lock_guard lock(mutex_);
    count_ -= over;
  }
  const std::lock_guard lock(mutex_);
  for (Stream& each : added_) streams.push_back(std::move(each));
  added_.clear();
  for (const Stream& each : streams) each.sink->end();
}

// The follower sees what is closed from its start on.
bool RowStreams::connect() {
  if (store_) return true;
  auto store = options_.connect();
  if (!store) return false;
  store_ = std::move(*store);
  follower_.emplace(*store_, RowQuery{}, kMaxRead);
  if (follower_->start(1, options_.now())) return true;
  follower_.reset();
  store_.reset();
  return false;
}

// What was closed before it came, and is in no poll to come.
void RowStreams::begin(Stream& stream, WallTime now) {
  const auto missed = operations::rows_since(*store_, stream.subscription.query, stream.subscription.since, kMaxMissed);
  if (!missed) {
    stream.is_over = missed.error().code != ErrorCode::unavailable;
    return;
  }
  stream.is_new = false;
  stream.pending = "retry: 2000\n\n";
  for (const Row& row : missed->rows) stream.pending += event_of(row, stream.subscription.zone, now);
  if (missed->is_truncated) stream.pending += left_out();
  stream.pending += mark_of(found_);
}

void RowStreams::write(Stream& stream) const {
  const auto now = std::chrono::steady_clock::now();
  const bool is_complete = !stream.is_new && now - stream.begun >= options_.longest;
  if (stream.pending.empty() && (is_complete || now - stream.last_written >= options_.keep_alive))
    stream.pending = mark_of(found_);
  if (stream.pending.empty()) return;
  if (!stream.sink->take_room()) {
    if (stream.pending.size() <= kMaxPending) return;
    stream.is_over = true;
    return stream.sink->end();
  }
  stream.sink->write(std::exchange(stream.pending, {}));
  stream.last_written = now;
  if (!is_complete) return;
  stream.is_over = true;
  stream.sink->finish();
}

// Most clients want times in the same zone: a row is written once for all of them.
void RowStreams::add_events(const std::vector<Row>& rows, WallTime now, std::vector<Stream>& streams) const {
  std::vector<std::string> events(rows.size());
  const Zone* zone = nullptr;  // of them
  for (Stream& each : streams) {
    if (each.is_new) continue;
    if (zone == nullptr || !(*zone == each.subscription.zone)) events.assign(rows.size(), {});
    zone = &each.subscription.zone;
    std::vector<std::size_t> wanted;  // the latest first
    for (std::size_t i = rows.size(); i-- > 0 && wanted.size() <= kMaxShown;) {
      if (matches(each.subscription.query, rows[i])) wanted.push_back(i);
    }
    const bool are_too_many = wanted.size() > kMaxShown;
    if (are_too_many) wanted.pop_back();
    for (auto at = wanted.rbegin(); at != wanted.rend(); ++at) {
      if (events[*at].empty()) events[*at] = event_of(rows[*at], *zone, now);
      each.pending += events[*at];
    }
    if (are_too_many || follower_->is_overrun()) each.pending += left_out();
  }
}

void RowStreams::poll(std::vector<Stream>& streams) {
  for (Stream& each : streams) each.is_over = each.sink->is_left();
  const WallTime now = options_.now();
  if (connect()) {
    if (const auto rows = follower_->poll(now)) {
      found_ = now;
      add_events(*rows, now, streams);
    }
    for (Stream& each : streams) {
      if (each.is_new && !each.is_over) begin(each, now);
    }
  }
  for (Stream& each : streams) {
    if (each.is_over) {
      each.sink->end();
    } else {
      write(each);
    }
  }
}

}  // namespace gateway::app
