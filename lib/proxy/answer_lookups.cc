#include "proxy/answer_lookups.h"

#include <utility>

namespace gateway {

std::shared_ptr<const AnswerLookups::Lookup> AnswerLookups::start(std::string_view project, std::string_view id) {
  auto lookup = std::make_shared<Lookup>(project, id);
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= kMostWaiting) return nullptr;
  waiting_.push_back(lookup);
  return lookup;
}

void AnswerLookups::serve(Ledger& ledger) {
  std::vector<std::shared_ptr<Lookup>> waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting.swap(waiting_);
  }
  for (const auto& each : waiting) {
    if (each.use_count() == 1) continue;
    each->provider = ledger.provider_of_answer(each->project, each->id);
    each->done.store(true, std::memory_order_release);
  }
}

}  // namespace gateway
