// What a caller may query about itself: the models it may use, its key, its limits and its use of them.
#pragma once

#include <string>
#include <string_view>

#include "gateway/config.h"
#include "proxy/snapshot.h"

namespace gateway {

// All append JSON documents.
void append_key_facts(std::string& out, const ApiKey& key, const Project& project, TimePoint now, WallTime wall);
void append_models(std::string& out, const Snapshot& snapshot, const Project& project);
// The same in Anthropic's shape, for those that say which version of its API they speak.
void append_anthropic_models(std::string& out, const Snapshot& snapshot, const Project& project);
// False, and nothing appended: there is no such model, or it is not the project's to see.
bool append_model(std::string& out, const Snapshot& snapshot, const Project& project, std::string_view id);

}  // namespace gateway
