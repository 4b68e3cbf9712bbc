// Tools in namespaces, as Codex has those of its servers. Other shapes have one list of names: a tool's is its
// namespace's and its own together, and calls of it come back as they are in the client's list. For .cc files of this
// folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gateway::responses {

std::string joined_name(std::string_view space, std::string_view name);

class Namespaces {
 public:
  struct Tool {
    std::string full, space, name;
  };
  // `members`: of a response, each behind a comma; `tools` is among them.
  explicit Namespaces(std::string_view members);
  // The one that is called so elsewhere; null: it is in no namespace.
  const Tool* find(std::string_view full) const noexcept;

 private:
  std::vector<Tool> tools_;
};

}  // namespace gateway::responses
