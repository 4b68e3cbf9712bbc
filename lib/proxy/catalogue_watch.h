// Fetches model lists: with prices, of the providers that publish them; without, of others whose models a pattern of
// the routes matches. At start, then as often as configured. What fails is tried again; the last good list stays.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gateway/gateway.h"
#include "gateway/timer.h"
#include "policy/pricing/price_book.h"
#include "proxy/fetch.h"

namespace gateway {

class CoreState;
struct Snapshot;

// The catalogue that a provider's model list makes; its version names the provider and the moment.
Result<std::shared_ptr<const Catalogue>> read_catalogue(const FetchedCatalogue& fetched);

// One worker's alone.
class CatalogueWatch {
 public:
  CatalogueWatch(CoreState& core, Timer& timer, Upstream& upstream) : core_(core), timer_(timer), upstream_(upstream) {}
  void start() { poll(); }

 private:
  struct Watched {
    std::unique_ptr<Fetch> fetch;
    TimePoint next{};
    std::string base_url;  // that it was fetched from, or is
    int failures = 0;
  };
  void poll();
  void take(const Provider& provider, const Result<Fetch::Answer>& answer);

  CoreState& core_;
  Timer& timer_;
  Upstream& upstream_;
  std::unordered_map<std::string, Watched> watched_;
  MemberAlarm<CatalogueWatch, &CatalogueWatch::poll> alarm_{*this};
};

}  // namespace gateway
