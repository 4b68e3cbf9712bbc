// How much of what all projects share one of them may hold.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/shared_room.h"

namespace gateway {

// A project may hold three times what it leaves free: alone three quarters, beside another that wants as much three
// sevenths each, and so on; something is always left for one that comes new. `own` and `all` are what the project and
// all of them would hold; `least` is allowed to each as long as there is room at all. If there is only one project,
// nobody else wants any.
constexpr bool within_share(std::int64_t own, std::int64_t all, std::int64_t bound, std::int64_t least,
                            bool only_one) noexcept {
  return all <= bound && (only_one || own <= std::max(least, 3 * (bound - all)));
}

// The memory of one exchange: its part of the room that all share, and of its project's part of that.
class ProjectRoom {
 public:
  struct Bound {
    std::int64_t all = 0;
    std::int64_t least = 0;  // one body of the largest kind
    bool only_one = false;
  };
  ProjectRoom(SharedRoom& all, SharedRoom& project) noexcept
      : all_room_(all), project_room_(project), all_(all), project_(project) {}

  // To at least `bytes`, within the project's share. False: nothing has changed.
  [[nodiscard]] bool extend(std::int64_t bytes, const Bound& bound) noexcept {
    const std::int64_t before = all_.bytes();
    if (bytes <= before) return true;
    set(bytes);
    if (within_share(project_room_.taken(), all_room_.taken(), bound.all, bound.least, bound.only_one)) return true;
    set(before);
    return false;
  }
  // Whether `bytes` more would be let in now.
  bool fits(std::int64_t bytes, const Bound& bound) const noexcept {
    return within_share(project_room_.taken() + bytes, all_room_.taken() + bytes, bound.all, bound.least,
                        bound.only_one);
  }
  // To exactly `bytes`, whatever the bounds: for what is there already.
  void set(std::int64_t bytes) noexcept {
    all_.set(bytes);
    project_.set(bytes);
  }
  std::int64_t bytes() const noexcept { return all_.bytes(); }

 private:
  SharedRoom& all_room_;
  SharedRoom& project_room_;
  SharedRoom::Share all_, project_;
};

}  // namespace gateway
