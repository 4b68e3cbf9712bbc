// The items of a conversation in a body of the Responses API, as turns. For .cc files of this folder.
#pragma once

#include <string>
#include <string_view>

#include "chat/request.h"
#include "surfaces/body_walk.h"

namespace gateway::responses {

// Takes the value of `input`. False: see BodyWalk.
bool read_items(BodyWalk& walk, json::Value value, ChatRequest& chat);

// Reasoning that its provider signed travels in `encrypted_content`, which clients send back unread: whose it is, what
// it is, and the provider's own text.
std::string sealed(std::string_view origin, std::string_view signature, std::string_view redacted);
// False: not one of ours.
bool unseal(std::string_view text, chat::Reasoning& out) noexcept;

}  // namespace gateway::responses
