// The messages of a chat completions body, as turns of a conversation. For .cc files of this folder.
#pragma once

#include "chat/request.h"
#include "surfaces/body_walk.h"

namespace gateway::openai {

// Takes the value of `messages`. False: see BodyWalk.
bool read_messages(BodyWalk& walk, json::Value value, ChatRequest& chat);

}  // namespace gateway::openai
