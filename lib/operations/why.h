// Why requests of a project were refused or failed, and what can be done about it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "operations/projects.h"

namespace gateway::operations {

struct WhyQuery {
  std::string project;
  std::optional<std::string> model, code;
  WallTime since{};
};

// The names under which requests for a model are counted: its own, and its route's pattern if that is another one,
// since refusals of a route that takes any name are counted together. Empty for a model of no route: those are together
// too.
std::vector<std::string> counted_names(const std::vector<RouteConfig>& routes, const std::string& model);

// All refusals, or all failed attempts, of one code and model.
struct Cause {
  std::string code;
  std::string model;         // or its route's pattern; empty: no route is known for it
  std::string provider;      // of failed attempts; empty: the gateway itself refused
  std::int64_t refused = 0;  // exchanges
  std::int64_t failed = 0;   // attempts, which another one may have followed
};

struct WhyAnswer {
  ProjectConfig project;
  std::vector<Cause> causes;   // the most frequent first
  std::vector<CapState> caps;  // as they are now
};

// Errors: not_found (the project), the store's.
Result<WhyAnswer> why(const Deployment& deployment, const WhyQuery& query);

// What to do about it, in a sentence or two that name the command or the key of the file.
std::string advice(const Cause& cause, const ProjectConfig& project);

}  // namespace gateway::operations
