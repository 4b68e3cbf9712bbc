// Ids of tool calls as a client gets them.
#pragma once

#include <string>
#include <string_view>

namespace gateway {

// `given`; or, if the provider gave none, one made of the answer's id and the call's place in it, so that no other call
// of the conversation has the same.
std::string call_id(std::string_view prefix, std::string_view given, std::string_view answer, int choice, int index);

}  // namespace gateway
