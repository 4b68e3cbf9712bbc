// What a body says that only some routes look at: who the client's user is, its session, what is requested of the
// model.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/buffer.h"

namespace gateway {

struct RoutingMembers {
  std::string user;     // `user`, else Anthropic's metadata.user_id
  std::string session;  // `session_id`, else `prompt_cache_key`
  std::string prefix;   // what the conversation begins with, as it is written: 1,024 bytes at most
  std::vector<std::pair<std::string, std::string>> metadata;  // its texts, numbers and flags
  std::vector<std::string> tags;  // `tags` in its metadata: a list of texts, or one with commas between them
  bool tools = false, json_schema = false;
};

// Of a body that a RequestReader has accepted, or of Anthropic's messages. What has another type than expected is left
// out.
RoutingMembers read_routing_members(const PaddedBuffer& body);

// "a, b": what is between the commas, without the spaces around it.
void append_tags(std::string_view text, std::vector<std::string>& tags);

}  // namespace gateway
