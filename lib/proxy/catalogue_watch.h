// Fetches the model lists and prices of the providers that publish them: at start, then as often as configured. What
// fails is tried again soon; the last good list stays.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gateway/timer.h"
#include "proxy/fetch.h"

namespace gateway {

class CoreState;
struct Snapshot;

// One worker's alone.
class CatalogueWatch {
 public:
  CatalogueWatch(CoreState& core, Timer& timer, Upstream& upstream) : core_(core), timer_(timer), upstream_(upstream) {}
  void begin() { look(); }

 private:
  struct Watched {
    std::unique_ptr<Fetch> fetch;
    TimePoint next{};
    int failures = 0;
  };
  void look();
  void take(const std::string& provider, std::chrono::seconds every, const Result<Fetch::Answer>& answer);

  CoreState& core_;
  Timer& timer_;
  Upstream& upstream_;
  std::unordered_map<std::string, Watched> watched_;
  MemberAlarm<CatalogueWatch, &CatalogueWatch::look> alarm_{*this};
};

}  // namespace gateway
