#include "ledger/refusal_kinds.h"

namespace gateway {

void RefusalKinds::bound(RefusalCount& count) {
  if (projects_.size() >= kRemembered && !projects_.contains(std::string(count.project.view()))) projects_.clear();
  Minute& minute = projects_[std::string(count.project.view())];
  if (minute.minute != count.minute) minute = {count.minute, {}};
  std::pair kind(std::string(count.model.view()), std::string(count.code.view()));
  if (minute.kinds.contains(kind)) return;
  if (minute.kinds.size() < kMaxKinds) {
    minute.kinds.insert(std::move(kind));
    return;
  }
  count.model = std::string_view();
  count.code = "other";
}

}  // namespace gateway
