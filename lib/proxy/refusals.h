// Counts requests refused after authentication, per project, model, code and minute, and writes the counts into the
// journal once a second: a flood of refusals costs one record, not one each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gateway/journal.h"
#include "gateway/timer.h"

namespace gateway {

class Refusals {
 public:
  Refusals(Timer& timer, Journal& journal) : timer_(timer), journal_(journal) {}
  ~Refusals() { flush(); }

  // `model` is empty if no route is known for it: clients must not be able to fill tables with invented names.
  void count(std::string_view project, std::string_view model, std::string_view code);
  void flush();

 private:
  static constexpr std::size_t kMostKinds = 256;

  Timer& timer_;
  Journal& journal_;
  std::unordered_map<std::string, RefusalCount> counts_;
  std::string name_;
  MemberAlarm<Refusals, &Refusals::flush> alarm_{*this};
};

}  // namespace gateway
