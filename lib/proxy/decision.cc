#include "proxy/decision.h"

namespace gateway {

std::string_view to_string(Considered::Outcome outcome) noexcept {
  using Outcome = Considered::Outcome;
  switch (outcome) {
    case Outcome::dispatched:
      return "dispatched";
    case Outcome::priceless:
      return "priceless";
    case Outcome::unsupported:
      return "unsupported";
    case Outcome::resting:
      return "resting";
    case Outcome::over_cap:
      return "over_cap";
    case Outcome::waits_for_lease:
      return "waits_for_lease";
    case Outcome::over_budget:
      return "over_budget";
    case Outcome::no_room:
      return "no_room";
  }
  return {};
}

void Decision::add(Considered considered) noexcept {
  const bool waits_on = size_ > 0 && considered.outcome == Considered::Outcome::waits_for_lease &&
                        considered_[size_ - 1].outcome == considered.outcome &&
                        considered_[size_ - 1].target == considered.target;
  if (waits_on) return;
  if (size_ == kRoom) {
    ++omitted_;
    return;
  }
  considered_[size_++] = considered;
}

}  // namespace gateway
