#include <fmt/format.h>

#include "base/names.h"
#include "config/scalars.h"
#include "config/sections.h"

namespace gateway {
namespace {

LimitsConfig read_limits(Reading& reading, const yaml::Node& node, const std::string& name) {
  LimitsConfig limits;
  const Fields fields(reading, node, name,
                      {"requests_per_minute", "tokens_per_minute", "concurrent", "max_output_tokens"});
  fields.whole("requests_per_minute", limits.requests_per_minute, 1, kMostWhole);
  fields.whole("tokens_per_minute", limits.tokens_per_minute, 1, kMostWhole);
  fields.whole("concurrent", limits.concurrent, 1, kMostWhole);
  fields.whole("max_output_tokens", limits.max_output_tokens, 1, kMostWhole);
  return limits;
}

ProjectConfig read_project(Reading& reading, const yaml::Entry& entry) {
  ProjectConfig project;
  project.name = entry.key;
  project.from_file = true;
  const Fields fields(reading, *entry.value, "project '" + entry.key + "'", {"models", "limits", "spend"});
  for (const Fields::Item& item : fields.texts("models", names::kPatternExpected)) {
    if (!names::is_pattern(item.text.text)) {
      reading.unexpected(*item.node, fields.where("models"), names::kPatternExpected, item.text.shown);
    }
    project.models.push_back(item.text.text);
  }
  if (const yaml::Entry* limits = fields.find("limits")) {
    project.limits = read_limits(reading, *limits->value, "'limits' of project '" + entry.key + "'");
  }
  if (const yaml::Entry* spend = fields.find("spend")) read_spend(reading, *spend->value, entry.key, project.spend);
  return project;
}

}  // namespace

void read_projects(Reading& reading, const yaml::Node& node, std::vector<ProjectConfig>& projects) {
  if (node.kind == yaml::Kind::scalar || node.kind == yaml::Kind::list) {
    reading.unexpected(node, "'projects'", "a mapping from names to projects", yaml::describe(node.kind));
  }
  for (const yaml::Entry& entry : node.entries) {
    if (!names::is_name(entry.key)) {
      reading.mistake(entry.place,
                      fmt::format("a project's name: expected {}, found '{}'", names::kNameExpected, entry.key));
    }
    projects.push_back(read_project(reading, entry));
  }
}

}  // namespace gateway
