// The turns of a body of the Messages API, and their blocks. For .cc files of this folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "chat/request.h"
#include "surfaces/body_walk.h"

namespace gateway::anthropic {

// Takes the value of `messages`. False: see BodyWalk.
bool read_turns(BodyWalk& walk, json::Value value, ChatRequest& chat);
// A text, or a list of blocks.
bool read_content(BodyWalk& walk, json::Value value, const std::string& path, std::vector<chat::Block>& out);

}  // namespace gateway::anthropic
