// Bounds how many lines the refusals of one project are in the store.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "gateway/row.h"

namespace gateway {

// The first dozen kinds (model and code) of a project's minute are counted as what they are, the rest as `other`: a
// project that is refused must not fill the disk for all. One thread.
class RefusalKinds {
 public:
  static constexpr std::size_t kMaxKinds = 12;

  // Returns the same for the same count however often it is called, within a minute.
  void bound(RefusalCount& count);

 private:
  struct Minute {
    std::int64_t minute = 0;
    std::set<std::pair<std::string, std::string>> kinds;
  };
  static constexpr std::size_t kRemembered = 4096;  // projects

  std::unordered_map<std::string, Minute> projects_;
};

}  // namespace gateway
