#include "proxy/refusals.h"

namespace gateway {

void Refusals::count(std::string_view project, std::string_view model, std::string_view code) {
  const std::int64_t minute = std::chrono::floor<std::chrono::minutes>(timer_.wall()).time_since_epoch().count();
  name_.assign(project).append(1, '\0').append(model).append(1, '\0').append(code).append(1, '\0').append(
      std::to_string(minute));
  auto found = counts_.find(name_);
  if (found == counts_.end()) {
    if (counts_.size() >= kMostKinds) flush();
    RefusalCount fresh;
    fresh.minute = minute;
    fresh.project = project;
    fresh.model = model;
    fresh.code = code;
    found = counts_.emplace(name_, fresh).first;
  }
  ++found->second.count;
  if (!alarm_.armed()) timer_.arm(alarm_, timer_.now() + std::chrono::seconds(1));
}

void Refusals::flush() {
  for (auto it = counts_.begin(); it != counts_.end();)
    it = journal_.refused(it->second) ? counts_.erase(it) : std::next(it);
  // The ring is tight: what is left waits, unless there is more of it than may wait.
  if (counts_.size() >= kMostKinds) counts_.clear();
  if (!counts_.empty()) timer_.arm(alarm_, timer_.now() + std::chrono::seconds(1));
}

}  // namespace gateway
