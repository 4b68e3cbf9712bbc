#include "app/first_run.h"

#include "app/cli/new_key.h"

namespace gateway::app {

Result<std::optional<std::string>> make_default_project(Tenants& tenants, WallTime now) {
  ProjectConfig project;
  project.name = "default";
  if (auto made = tenants.put_project(project, nullptr); !made) {
    if (made.error().code == ErrorCode::exists) return std::optional<std::string>();
    return std::move(made).error();
  }
  const NewKey key = make_key(project.name, "first", now, std::nullopt);
  if (auto kept = tenants.put_key(key.key); !kept) return std::move(kept).error();
  return std::optional<std::string>(key.text);
}

std::string welcome(const std::vector<std::string>& addresses, const std::string& key) {
  std::string text = "The key of project default, shown this once:\n\n  " + key + "\n\n";
  if (addresses.empty()) return text;
  return text + "Try it:\n\n  curl -N http://" + addresses.front() +
         "/v1/chat/completions \\\n    -H 'authorization: Bearer " + key +
         "' \\\n    -H 'content-type: application/json' \\\n    -d '{\"model\": \"simulated/echo\", \"stream\": true, "
         "\"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}'\n\n";
}

}  // namespace gateway::app
