// What is kept of recorded rows.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/replay.h"
#include "gateway/simulate.h"
#include "sim/play/provider_answer.h"
#include "sim/play/random.h"

namespace gateway::sim {

// Texts that are many times the same, as numbers.
class Texts {
 public:
  std::uint32_t number_of(std::string_view text) {
    const auto known = numbers_.find(text);
    if (known != numbers_.end()) return known->second;
    const auto number = static_cast<std::uint32_t>(texts_.size());
    texts_.emplace_back(text);
    numbers_.emplace(texts_.back(), number);
    return number;
  }
  const std::string& text(std::uint32_t number) const { return texts_[number]; }

 private:
  std::deque<std::string> texts_;
  std::map<std::string, std::uint32_t, std::less<>> numbers_;
};

// How a target's attempts went: a fair sample of them.
class Sample {
 public:
  void add(const ProviderAnswer& answer, Random& random) {
    ++seen_;
    if (answers_.size() < kMost) {
      answers_.push_back(answer);
    } else if (const std::int64_t place = random.below(seen_); place < static_cast<std::int64_t>(kMost)) {
      answers_[static_cast<std::size_t>(place)] = answer;
    }
  }
  const ProviderAnswer& draw(Random& random) const {
    return answers_[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(answers_.size())))];
  }
  bool empty() const noexcept { return answers_.empty(); }

 private:
  static constexpr std::size_t kMost = 1024;
  std::vector<ProviderAnswer> answers_;
  std::int64_t seen_ = 0;
};

struct RecordedRequest {
  std::int64_t at = 0;  // microseconds after the first one
  Money cost{};
  std::uint32_t traffic = 0;
  std::uint32_t outcome = 0;  // in State::texts
  std::int32_t input = 0, cached = 0, output = 0;
  bool answered = false;
};

struct Recording::State {
  std::deque<Traffic> traffic;  // each kind of request once
  std::map<std::string, std::uint32_t, std::less<>> kinds;
  std::vector<RecordedRequest> requests;
  Texts texts;
  std::map<std::string, Sample, std::less<>> targets;  // by "PROVIDER MODEL"
  Sample answered;                                     // by any
  Random random{1};
  RequestId last{};
  WallTime first_accepted{}, last_accepted{};
  std::size_t left_out = 0;
  std::string name;  // being made
};

}  // namespace gateway::sim
