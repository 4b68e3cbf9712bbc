// A conversation as dialects write it that have instructions apart from the turns.
#pragma once

#include <vector>

#include "chat/request.h"

namespace gateway {

struct SplitTurns {
  std::vector<const chat::Block*> instructions;
  std::vector<const chat::Turn*> turns;
};

// `system_turns`: instructions between turns stay there. Without any turn the instructions become `only`, the user's,
// which outlives what is returned: these dialects require one.
inline SplitTurns split_turns(const ChatRequest& chat, bool system_turns, chat::Turn& only) {
  SplitTurns split;
  for (const chat::Block& block : chat.system) split.instructions.push_back(&block);
  for (const chat::Turn& turn : chat.turns) {
    if (turn.role != chat::Role::system || system_turns) {
      split.turns.push_back(&turn);
      continue;
    }
    for (const chat::Block& block : turn.blocks) split.instructions.push_back(&block);
  }
  if (!split.turns.empty() || split.instructions.empty()) return split;
  only.role = chat::Role::user;
  for (const chat::Block* block : split.instructions) only.blocks.push_back(*block);
  return {{}, {&only}};
}

}  // namespace gateway
