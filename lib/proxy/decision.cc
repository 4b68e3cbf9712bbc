#include "proxy/decision.h"

namespace gateway {

std::string_view to_string(Considered::Outcome outcome) noexcept {
  switch (outcome) {
    case Considered::Outcome::dispatched:
      return "dispatched";
    case Considered::Outcome::hedged:
      return "hedged";
    case Considered::Outcome::priceless:
      return "priceless";
    case Considered::Outcome::unsupported:
      return "unsupported";
    case Considered::Outcome::resting:
      return "resting";
    case Considered::Outcome::over_cap:
      return "over_cap";
    case Considered::Outcome::waits_for_lease:
      return "waits_for_lease";
    case Considered::Outcome::over_budget:
      return "over_budget";
    case Considered::Outcome::no_room:
      return "no_room";
  }
  return {};
}

void Decision::add(Considered considered) noexcept {
  const bool waits_on = size_ > 0 && considered.outcome == Considered::Outcome::waits_for_lease &&
                        considered_[size_ - 1].outcome == considered.outcome &&
                        considered_[size_ - 1].model == considered.model &&
                        considered_[size_ - 1].target == considered.target;
  if (waits_on) return;
  if (size_ == kRoom) {
    ++omitted_;
    return;
  }
  considered_[size_++] = considered;
}

}  // namespace gateway
