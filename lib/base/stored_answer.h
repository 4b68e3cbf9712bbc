// Answers that their clients may name later, by the id that the provider gave them.
#pragma once

#include "gateway/row.h"

namespace gateway {

// Whether it may be one: the provider decides what it stores.
inline bool may_be_stored(const Row& row) noexcept {
  return row.surface == SurfaceKind::responses && row.state != RowState::open && row.entry == 0 &&
         !row.generation_id.empty();
}

}  // namespace gateway
