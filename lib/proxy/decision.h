// Why an exchange went where it went: what was considered, in order, and what became of each. Data alone: logs, tests
// and whoever explains read it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "gateway/time.h"

namespace gateway {

// What became of one target of the route when its turn came.
struct Considered {
  enum class Outcome : std::uint8_t {
    dispatched,
    hedged,           // dispatched beside another attempt, which was slow
    priceless,        // it has no price, and the project's cap needs one; or the request has a part without one
    unsupported,      // its provider has no place for something in the request
    resting,          // its breaker is open, or it cools down
    over_cap,         // a spend cap leaves too little, for good in this period
    waits_for_lease,  // a spend cap may leave enough in a moment
    over_budget,      // the project's retries are used up
    no_room,          // in the journal
  };
  std::uint8_t model = 0;    // that was asked for: see model_at()
  std::uint16_t target = 0;  // its place in the model's route
  Outcome outcome = Outcome::dispatched;
  TimePoint at{};
};
std::string_view to_string(Considered::Outcome outcome) noexcept;

// In order. Allocates nothing; what is more than it has room for is counted only.
class Decision {
 public:
  static constexpr std::size_t kRoom = 8;
  // Waiting for one lease again and again is one entry.
  void add(Considered considered) noexcept;
  std::span<const Considered> all() const noexcept { return {considered_.data(), size_}; }
  std::size_t omitted() const noexcept { return omitted_; }

 private:
  std::array<Considered, kRoom> considered_{};
  std::size_t size_ = 0, omitted_ = 0;
};

}  // namespace gateway
