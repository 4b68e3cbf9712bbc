// Counters and histograms of what the gateway does. Written by each worker into a shard of its own without locks or
// contention, read by any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/log.h"

namespace gateway {

// A counter that one thread writes and any may read.
class MeterCounter {
 public:
  void add(std::int64_t n = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// Buckets grow by powers of two from 64 us to about 9 minutes.
class MeterHistogram {
 public:
  static constexpr int kBuckets = 24;
  void add(Duration duration) noexcept;
  // Upper bound of a bucket, in seconds.
  static double bound(int bucket) noexcept;
  std::int64_t in_bucket(int bucket) const noexcept { return buckets_[static_cast<std::size_t>(bucket)].value(); }
  std::int64_t sum_ns() const noexcept { return sum_.value(); }

 private:
  std::array<MeterCounter, kBuckets + 1> buckets_;  // the last: beyond all bounds
  MeterCounter sum_;
};

// What is counted of exchanges that share their labels.
struct ExchangeMeters {
  std::string project, route, provider, code;
  int status = 0;
  MeterCounter exchanges, attempts, input_tokens, cached_tokens, output_tokens;
  MeterCounter cost_pico;  // wraps after nine million dollars: rates do not mind
  MeterHistogram overhead, first_byte, duration;
};

// One worker's part. add() is the worker's alone.
class MeterShard {
 public:
  void add(const ExchangeRecord& record, std::string_view route);
  template <class F>
  void each(F&& visit) const {
    const std::lock_guard lock(mutex_);
    for (const auto& meters : all_) visit(*meters);
  }

 private:
  // Past these, all else is counted under kOther: of one project, which keeps its name, and of all together.
  static constexpr std::size_t kMostKindsOfProject = 256, kMostKinds = 2048;
  ExchangeMeters& find(const ExchangeRecord& record, std::string_view route);

  std::unordered_map<std::string, ExchangeMeters*> seen_;
  std::unordered_map<std::string, std::size_t> kinds_of_;  // by project
  std::string name_;
  ExchangeMeters* last_ = nullptr;  // what was found by its own labels last
  mutable std::mutex mutex_;        // guards all_: taken by the worker only to add a new kind
  std::vector<std::unique_ptr<ExchangeMeters>> all_;
};

class Metrics {
 public:
  explicit Metrics(unsigned workers) : shards_(workers) {}
  MeterShard& shard(unsigned worker) { return shards_[worker]; }
  // The exchange families, appended in Prometheus text format 0.0.4.
  void write(std::string& out) const;

 private:
  std::vector<MeterShard> shards_;
};

}  // namespace gateway
