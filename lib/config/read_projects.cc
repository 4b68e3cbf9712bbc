#include <fmt/format.h>

#include "base/names.h"
#include "config/scalars.h"
#include "config/sections.h"
#include "config/text_file.h"
#include "gateway/yaml_config.h"

namespace gateway {
namespace {

constexpr Key kProjectKeys[] = {
    {"models", names::kPatternExpected, "",
     "Which models it may use: a list of names, `prefix/*` or `*`; without it all."},
    {"limits", "a mapping", "", "Rates and lengths."},
    {"spend", "a mapping", "", "A spend cap, or a list of several, one for each period."},
};

constexpr Key kLimitsKeys[] = {
    {"requests_per_minute", "a whole number of at least 1", "",
     "Refilled continuously; the burst is a minute's worth. Without it no limit, as for the others."},
    {"tokens_per_minute", "a whole number of at least 1", "", "The same for tokens of requests and answers."},
    {"concurrent", "a whole number of at least 1", "", "Requests at a time."},
    {"max_output_tokens", "a whole number of at least 1", "", "Written into requests whose answer could be longer."},
};

LimitsConfig read_limits(Reading& reading, const yaml::Node& node, const std::string& name) {
  LimitsConfig limits;
  const Fields fields(reading, node, name, kLimitsSection);
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
  const Fields fields(reading, *entry.value, "project '" + entry.key + "'", kProjectSection);
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

const Section kProjectSection{"projects.NAME", kProjectKeys};
const Section kLimitsSection{"projects.NAME.limits", kLimitsKeys};

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

std::map<std::string, int, std::less<>> project_lines(const std::string& path) {
  std::map<std::string, int, std::less<>> lines;
  const auto text = read_text_file(path);
  const yaml::Document document = text ? yaml::parse(*text) : yaml::Document{};
  const yaml::Node* projects = document.root ? yaml::child(*document.root, "projects") : nullptr;
  if (projects == nullptr) return lines;
  for (const yaml::Entry& entry : projects->entries) lines.emplace(entry.key, entry.place.line);
  return lines;
}

}  // namespace gateway
