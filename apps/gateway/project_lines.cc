#include "app/project_lines.h"

#include <algorithm>

#include "gateway/yaml_config.h"

namespace gateway::app {

void find_lines(std::span<operations::ProjectView> projects) {
  const auto of_file = std::find_if(projects.begin(), projects.end(), [](const operations::ProjectView& each) {
    return each.project.from_file && !each.source.empty();
  });
  if (of_file == projects.end()) return;
  const auto lines = project_lines(of_file->source);
  for (operations::ProjectView& each : projects) {
    const auto found = lines.find(each.project.name);
    if (each.project.from_file && found != lines.end()) each.line = found->second;
  }
}

}  // namespace gateway::app
