#include "gateway/timer.h"

namespace gateway {

Alarm::~Alarm() { disarm(); }

void Alarm::disarm() {
  if (hook.owner) hook.owner->disarm(*this);
}

}  // namespace gateway
