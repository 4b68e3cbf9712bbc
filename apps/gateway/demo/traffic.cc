#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "app/demo/demo.h"
#include "app/new_key.h"

namespace gateway::app {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

constexpr int kDemoDays = 30;
constexpr std::uint64_t kSeed = 20'261'128;
constexpr std::uint64_t kProcess = 1;  // never one that serves: see next_process()
constexpr std::size_t kBatch = 500;    // rows

struct DemoModel {
  const char* asked;
  const char* target;
  const char* served;
  const char* provider;
  std::int64_t input, output, cached;  // 10^-12 USD a token
  double prompt, answer;               // tokens, usually
  std::chrono::milliseconds first_byte;
  double tokens_per_second;
};
constexpr std::array<DemoModel, 5> kModels{{
    {"gpt-4o-mini", "gpt-4o-mini", "gpt-4o-mini-2024-07-18", "openai", 150'000, 600'000, 75'000, 900, 260, 380ms, 90},
    {"gpt-4o", "gpt-4o", "gpt-4o-2024-11-20", "openai", 2'500'000, 10'000'000, 1'250'000, 1'400, 420, 620ms, 60},
    {"claude-sonnet", "claude-sonnet-4", "claude-sonnet-4-20250514", "anthropic", 3'000'000, 15'000'000, 300'000, 2'200,
     380, 780ms, 65},
    {"gemini-flash", "gemini-2.0-flash", "gemini-2.0-flash-001", "google", 100'000, 400'000, 25'000, 1'100, 240, 290ms,
     150},
    {"text-embedding", "text-embedding-3-small", "text-embedding-3-small", "openai", 20'000, 0, 20'000, 620, 0, 110ms,
     1},
}};
// Who takes over where the first one fails.
constexpr std::array<std::size_t, 5> kFallback{3, 2, 2, 3, 4};

struct DemoProject {
  const char* name;
  std::array<int, 5> models;  // weights, as kModels
  double requests_a_day;
  bool at_night;  // a batch that runs from one to three
  std::vector<const char*> keys;
};
const std::array<DemoProject, 4> kProjects{{
    {"web-app", {60, 12, 8, 15, 5}, 190, false, {"production", "staging"}},
    {"support-bot", {45, 0, 25, 30, 0}, 95, false, {"production"}},
    {"research", {15, 30, 40, 5, 10}, 45, false, {"notebooks", "anna"}},
    {"nightly-evals", {55, 35, 0, 0, 10}, 80, true, {"ci"}},
}};

struct DemoFailure {
  const char* code;
  std::int32_t status;
};
constexpr std::array<DemoFailure, 4> kFailures{
    {{"provider_rate_limited", 429}, {"provider_unavailable", 503}, {"provider_error", 500}, {"provider_timeout", 0}}};

// The standard's distributions differ from one library to another; these do not.
class Dice {
 public:
  double unit() { return static_cast<double>(engine_() >> 11) * 0x1.0p-53; }
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(unit() * static_cast<double>(count)); }
  bool one_in(double chances) { return unit() * chances < 1; }
  // Around `usual`, now and then several times as much.
  double skewed(double usual, double spread = 0.7) {
    double sum = 0;
    for (int i = 0; i < 12; ++i) sum += unit();
    return usual * std::exp((sum - 6) * spread);
  }
  std::size_t weighted(const std::array<int, 5>& weights) {
    int all = 0;
    for (const int weight : weights) all += weight;
    int at = static_cast<int>(below(static_cast<std::size_t>(all)));
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if ((at -= weights[i]) < 0) return i;
    }
    return 0;
  }
  std::uint64_t bits() { return engine_(); }

 private:
  std::mt19937_64 engine_{kSeed};
};

// How busy a project is at that time of a UTC day, 1 on average.
double rhythm(const DemoProject& project, WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const double hour = std::chrono::duration<double, std::ratio<3600>>(time - day).count();
  if (project.at_night) return hour >= 1 && hour < 3 ? 12 : 0;
  const auto weekday = std::chrono::weekday(day).c_encoding();
  const double weekend = weekday == 0 || weekday == 6 ? 0.35 : 1.25;
  return weekend * (1 - 0.85 * std::cos((hour - 2.5) / 24 * 2 * 3.14159265358979));
}

class Traffic {
 public:
  Traffic(Store& store, WallTime now) : store_(store), now_(now) {}

  Result<void> make_keys() {
    for (const DemoProject& project : kProjects) {
      std::vector<std::string>& ids = keys_.emplace_back();
      for (const char* name : project.keys) {
        const operations::NewKey made =
            make_key(project.name, name, now_ - std::chrono::days(kDemoDays + 12), std::nullopt);
        if (auto put = store_.put_key(made.key); !put) return put;
        ids.push_back(made.key.id);
      }
    }
    const operations::NewKey unused = make_key("research", "old laptop", now_ - std::chrono::days(200), std::nullopt);
    return store_.put_key(unused.key);
  }

  Result<void> fill() {
    constexpr auto kStep = 5min;
    const auto first = std::chrono::floor<std::chrono::days>(now_) - std::chrono::days(kDemoDays - 1);
    for (WallTime step = first; step < now_; step += kStep) {
      for (std::size_t i = 0; i < kProjects.size(); ++i) {
        const double growth =
            0.7 + 0.6 * std::chrono::duration<double, std::ratio<86400>>(step - first).count() / kDemoDays;
        double expected = kProjects[i].requests_a_day / 288 * rhythm(kProjects[i], step) * growth;
        for (; expected > 0; expected -= 1) {
          if (dice_.unit() >= expected) continue;
          const WallTime accepted = step + microseconds(static_cast<std::int64_t>(dice_.unit() * 300e6));
          if (accepted < now_ - 5s) add_request(i, accepted);
        }
        refuse(i, step);
      }
      if (rows_.size() >= kBatch) {
        if (auto written = write(); !written) return written;
      }
    }
    return write();
  }

 private:
  void add_request(std::size_t project, WallTime accepted) {
    const std::size_t model = dice_.weighted(kProjects[project].models);
    Row row;
    row.request = id_at(accepted);
    row.project = kProjects[project].name;
    row.key = keys_[project][dice_.one_in(4) ? keys_[project].size() - 1 : 0];
    row.asked_model = kModels[model].asked;
    row.operation = kModels[model].answer == 0 ? Operation::embeddings : Operation::chat;
    row.process = kProcess;
    row.accepted = accepted;
    row.dispatched = accepted + microseconds(300 + dice_.below(900));
    row.streamed = row.operation == Operation::chat && !dice_.one_in(3);
    const bool bad_hour = std::chrono::floor<std::chrono::days>(now_) - std::chrono::days(6) + 13h < accepted &&
                          accepted < std::chrono::floor<std::chrono::days>(now_) - std::chrono::days(6) + 15h;
    const bool fails = dice_.one_in(bad_hour && std::string_view(kModels[model].provider) == "openai" ? 2.5 : 70);
    if (fails) {
      fail(row, model);
      if (dice_.one_in(12)) return;
      ++row.attempt;
      row.dispatched = row.ended + 40ms;
      answer(row, kFallback[model]);
    } else {
      answer(row, model);
    }
  }

  void set_target(Row& row, const DemoModel& model) {
    row.target_model = model.target;
    row.provider = model.provider;
    row.price_version = "config@demo";
    row.usage = {};
    row.usage.input = std::max<std::int64_t>(8, static_cast<std::int64_t>(dice_.skewed(model.prompt)));
    row.hold = Money::units(row.usage.input * model.input + 1'024 * model.output);
  }

  void fail(Row& row, std::size_t model) {
    set_target(row, kModels[model]);
    const DemoFailure& failure = kFailures[dice_.below(kFailures.size())];
    row.state = RowState::failed;
    row.status = failure.status;
    row.error_code = failure.code;
    row.usage = {};
    row.ended = row.dispatched + microseconds(static_cast<std::int64_t>(dice_.skewed(failure.status == 0 ? 9e6 : 4e5)));
    if (failure.status != 0) row.first_byte = row.ended - 1ms;
    rows_.push_back(row);
    row.first_byte = {};
    row.error_code = std::string_view();
  }

  void answer(Row& row, std::size_t number) {
    const DemoModel& model = kModels[number];
    set_target(row, model);
    row.state = RowState::settled;
    row.status = 200;
    row.cost_source = CostSource::priced;
    row.served_model = model.served;
    if (model.answer > 0) {
      row.usage.output = std::max<std::int64_t>(3, static_cast<std::int64_t>(dice_.skewed(model.answer)));
      row.finish_reason = dice_.one_in(25) ? "length" : dice_.one_in(9) ? "tool_calls" : "stop";
      if (dice_.one_in(3)) row.usage.cached_input = row.usage.input / 2;
    }
    const auto first_us =
        static_cast<std::int64_t>(dice_.skewed(static_cast<double>(model.first_byte.count()) * 1e3, 0.4));
    const double seconds = static_cast<double>(row.usage.output) / dice_.skewed(model.tokens_per_second, 0.25);
    row.first_byte = row.dispatched + microseconds(first_us);
    row.ended = row.first_byte + microseconds(1'000 + static_cast<std::int64_t>(seconds * 1e6));
    if (row.streamed && dice_.one_in(60)) {
      row.flags |= row_flag::client_left;
      row.cost_source = CostSource::estimated;
      row.usage.output /= 2;
      row.finish_reason = std::string_view();
    }
    const std::int64_t fresh = row.usage.input - row.usage.cached_input;
    row.cost =
        Money::units(fresh * model.input + row.usage.cached_input * model.cached + row.usage.output * model.output);
    row.hold = std::max(row.hold, row.cost);
    rows_.push_back(row);
  }

  void refuse(std::size_t project, WallTime step) {
    const bool night = kProjects[project].at_night;
    const double chances = night ? (rhythm(kProjects[project], step) > 0 ? 6 : 1e9) : 400;
    if (!dice_.one_in(chances)) return;
    RefusalCount refusal;
    refusal.minute = std::chrono::floor<std::chrono::minutes>(step).time_since_epoch().count();
    refusal.project = kProjects[project].name;
    refusal.model = kModels[dice_.weighted(kProjects[project].models)].asked;
    refusal.code = night ? "insufficient_quota" : dice_.one_in(2) ? "rate_limit_exceeded" : "model_not_found";
    refusal.count = static_cast<std::int64_t>(1 + dice_.below(night ? 8 : 6));
    refusals_.push_back(refusal);
  }

  RequestId id_at(WallTime accepted) {
    RequestId id;
    auto rest =
        static_cast<std::uint64_t>(std::chrono::floor<std::chrono::milliseconds>(accepted.time_since_epoch()).count());
    for (std::size_t i = 6; i-- > 0; rest >>= 8) id.bytes[i] = static_cast<std::uint8_t>(rest);
    std::uint64_t bits = dice_.bits();
    for (std::size_t i = 16; i-- > 8; bits >>= 8) id.bytes[i] = static_cast<std::uint8_t>(bits);
    return id;
  }

  Result<void> write() {
    auto written = store_.append({rows_, refusals_});
    rows_.clear();
    refusals_.clear();
    return written;
  }

  Store& store_;
  const WallTime now_;
  Dice dice_;
  std::vector<std::vector<std::string>> keys_;  // ids, as kProjects
  std::vector<Row> rows_;
  std::vector<RefusalCount> refusals_;
};

}  // namespace

Result<void> fill_demo(Store& store, WallTime now) {
  Traffic traffic(store, now);
  if (auto made = traffic.make_keys(); !made) return made;
  return traffic.fill();
}

}  // namespace gateway::app
