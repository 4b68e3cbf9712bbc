// What InsForge's SDKs and its command line read of a key's project, in InsForge's shapes: amounts are numbers there.
#pragma once

#include <string>

#include "gateway/config.h"
#include "proxy/snapshot.h"

namespace gateway {

// All append JSON documents.

// The models that the project may use: a list, without anything around it.
void append_insforge_models(std::string& out, const Snapshot& snapshot, const Project& project);
// The same as the configurations that InsForge once had for them.
void append_insforge_configurations(std::string& out, const Snapshot& snapshot, const Project& project);
// What the project's spending and its cap are now. Of its days and models nothing is known here: it says so.
void append_insforge_overview(std::string& out, const ApiKey& key, const Project& project, WallTime wall);
void append_insforge_credits(std::string& out, const Project& project, WallTime wall);

}  // namespace gateway
