#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/names.h"
#include "base/time_text.h"
#include "config/scalars.h"
#include "config/scenario_scalars.h"
#include "config/scenario_sections.h"
#include "config/sections.h"
#include "config/text_file.h"
#include "gateway/yaml_scenario.h"

namespace gateway {
namespace {

constexpr const char* kTokens = "a whole number such as 500, or a range such as 100..2000";
constexpr const char* kDurationText = "a duration such as 250ms, 2s, 10m or 1h";
constexpr std::int64_t kMostTokens = 1'000'000;

constexpr Key kScenarioKeys[] = {
    {"name", "text", "", "What it is about."},
    {"config", "the path of a configuration file", "",
     "What is played, relative to this file's folder; `-c` plays another one."},
    {"environment", "a mapping from names to texts", "",
     "The variables that the configurations see, and no others; one that is missing leaves its key out."},
    {"seed", "a whole number of at least 0", "1", "Of everything random."},
    {"start", "a time such as 2026-03-31T22:00:00Z", "2026-01-01T00:00:00Z", "What the calendar says at the start."},
    {"length", "a duration such as 250ms, 2s, 10m or 1h, at least 1ms", "10m",
     "No request is sent after it; those under way end."},
    {"bucket", "a duration such as 250ms, 2s, 10m or 1h, at least 1ms", "",
     "The steps of the timeline; without it a twentieth of the length."},
    {"traffic", "a list of mappings", "", "Required. Who asks for what, and how often."},
    {"providers", "a mapping from names to behaviours", "", "How providers answer."},
    {"changes", "a list of mappings", "", "Reloads of the configuration."},
    {"expect", "a list of mappings", "", "What must come of it."},
    {"never", "a list of mappings", "", "What must not happen, not once."},
};

constexpr Key kTrafficKeys[] = {
    {"name", names::kNameExpected, "", "What `expect` calls it; its requests' `x-client-request-id`."},
    {"project", kProjectExpected, "", "Whose; without it the configuration's first one."},
    {"model", "text", "", "Required. What is asked for."},
    {"models", "a model's name, or a list of names", "", "What may answer instead, in order, as a request names it."},
    {"operation", "chat or embeddings", "chat", "What is done with it."},
    {"input_tokens", kTokens, "100", "Of each request, drawn from the range; what providers report."},
    {"output_tokens", kTokens, "100", "Of each complete answer, likewise."},
    {"max_tokens", "a whole number of at least 1", "", "In the request."},
    {"stream", "true or false", "false", "Whether answers are streamed."},
    {"headers", "a mapping from names to texts", "", "Sent with each request."},
    {"from", kDurationText, "0s", "When the first one is due, after the scenario's start."},
    {"until", kDurationText, "", "None from then on; without it, to the end."},
    {"every", "a duration such as 250ms, 2s, 10m or 1h, at least 1ms", "", "Between two requests."},
    {"per_second", "a whole number from 1 to 1000000", "", "Instead of `every`: requests a second."},
    {"arrivals", "even or random", "even", "`random`: a Poisson process with the mean of `every` or `per_second`."},
    {"at", kDurationText, "", "Instead of them: exactly when, as a list."},
};

constexpr Key kChangeKeys[] = {
    {"at", kDurationText, "", "Required. After the scenario's start."},
    {"config", "the path of a configuration file", "", "Required. What is in force from then on."},
    {"percent", "a whole number from 1 to 100", "100",
     "Less than 100: it serves so large a share beside the one in force, as `gateway reload --percent` has it."},
    {"of", "requests or projects", "requests", "Of what the share is."},
};

std::optional<sim::Between> tokens(std::string_view text) {
  const auto range = scalars::between(text, scalars::whole);
  if (!range || range->least < 0 || range->most > kMostTokens) return std::nullopt;
  return range;
}

std::string folder_of(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  return slash == file.npos ? "" : file.substr(0, slash + 1);
}

struct ScenarioReader {
  Reading& reading;
  std::string file;
  const ConfigLoader& load;
  sim::Scenario& scenario;
  std::vector<ConfigMistake>& of_configs;
  std::map<std::string, std::string> variables{};
  KnownNames known{};

  Config load_config(const std::string& path) {
    const Environment environment = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end()) return std::nullopt;
      return found->second;
    };
    ConfigReading read = load(path, environment);
    std::erase_if(read.mistakes, [](const ConfigMistake& mistake) { return mistake.variable_missing; });
    of_configs.insert(of_configs.end(), read.mistakes.begin(), read.mistakes.end());
    for (const ProviderConfig& provider : read.config.providers) known.providers.push_back(provider.name);
    for (const ProjectConfig& project : read.config.projects) known.projects.push_back(project.name);
    return std::move(read.config);
  }

  void read_texts(const Fields& fields, std::string_view key, auto add) {
    const yaml::Entry* entry = fields.find(key);
    if (entry == nullptr) return;
    const yaml::Node& node = *entry->value;
    if (node.kind == yaml::Kind::scalar || node.kind == yaml::Kind::list)
      reading.unexpected(node, fields.where(key), "a mapping from names to texts", yaml::describe(node.kind));
    for (const yaml::Entry& each : node.entries) {
      const auto text = reading.scalar(*each.value, fmt::format("'{}' of {}", each.key, fields.where(key)), "text");
      if (text) add(each.key, text->text);
    }
  }

  void read_arrivals(const Fields& fields, const yaml::Node& node, sim::Traffic& traffic) {
    std::chrono::milliseconds every{0};
    fields.duration("every", every, std::chrono::milliseconds(1));
    traffic.every = every;
    std::int64_t per_second = 0;
    fields.whole("per_second", per_second, 1, 1'000'000);
    if (per_second > 0) traffic.every = Duration(std::chrono::seconds(1)) / per_second;
    static constexpr Word<bool> kArrivals[] = {{"even", false}, {"random", true}};
    get_word(fields, "arrivals", traffic.random, kArrivals);
    for (const Fields::Item& item : fields.texts("at", kDurationText)) {
      const auto at = scalars::duration(item.text.text);
      if (!at) {
        reading.unexpected(*item.node, fields.where("at"), kDurationText, item.text.shown);
      } else {
        traffic.at.emplace_back(*at);
      }
    }
    std::sort(traffic.at.begin(), traffic.at.end());
    const int ways = (fields.has("every") ? 1 : 0) + (fields.has("per_second") ? 1 : 0) + (fields.has("at") ? 1 : 0);
    if (ways != 1) reading.mistake(node.place, fields.name() + ": expected one of every, per_second and at");
  }

  void read_traffic(const yaml::Node& node, std::size_t number) {
    sim::Traffic& traffic = scenario.traffic.emplace_back();
    const Fields fields(reading, node, fmt::format("item {} of traffic", number), kTrafficSection);
    fields.get("name", traffic.name, names::kNameExpected, [](std::string_view text) {
      return names::is_name(text) ? std::optional(std::string(text)) : std::nullopt;
    });
    read_known(fields, "project", traffic.project, known.projects, kProjectExpected);
    fields.text("model", traffic.model);
    if (!fields.has("model")) reading.mistake(node.place, fields.name() + " has no 'model'");
    for (const Fields::Item& item : fields.texts("models", "a model's name, or a list of names"))
      traffic.models.push_back(item.text.text);
    static constexpr Word<Operation> kOperations[] = {{"chat", Operation::chat}, {"embeddings", Operation::embeddings}};
    get_word(fields, "operation", traffic.operation, kOperations);
    fields.get("input_tokens", traffic.input_tokens, kTokens, tokens);
    fields.get("output_tokens", traffic.output_tokens, kTokens, tokens);
    fields.whole("max_tokens", traffic.max_tokens, 1, kMostWhole);
    fields.flag("stream", traffic.stream);
    read_texts(fields, "headers",
               [&](const std::string& name, const std::string& value) { traffic.headers.emplace_back(name, value); });
    read_offset(fields, "from", traffic.from);
    read_offset(fields, "until", traffic.until);
    read_arrivals(fields, node, traffic);
    if (!traffic.name.empty()) known.traffic.push_back(traffic.name);
  }

  void read_change(const yaml::Node& node, std::size_t number) {
    sim::Change& change = scenario.changes.emplace_back();
    const Fields fields(reading, node, fmt::format("item {} of changes", number), kChangeSection);
    read_offset(fields, "at", change.at);
    fields.text("config", change.name);
    StagedShare share{.percent = 100};
    fields.whole("percent", share.percent, 1, 100);
    static constexpr Word<StagedShare::Of> kOf[] = {{"requests", StagedShare::Of::requests},
                                                    {"projects", StagedShare::Of::projects}};
    get_word(fields, "of", share.of, kOf);
    if (share.percent < 100) change.share = share;
    if (!fields.has("at") || change.name.empty())
      return reading.mistake(node.place, fields.name() + ": expected both at and config");
    change.config = load_config(folder_of(file) + change.name);
  }

  void read(const yaml::Node& root, const std::optional<std::string>& config) {
    const Fields fields(reading, root, "the scenario", kScenarioSection);
    fields.text("name", scenario.name);
    read_texts(fields, "environment",
               [this](const std::string& name, const std::string& value) { variables[name] = value; });
    std::int64_t seed = 1;
    fields.whole("seed", seed, 0, kMostWhole);
    scenario.seed = static_cast<std::uint64_t>(seed);
    fields.get("start", scenario.start, "a time such as 2026-03-31T22:00:00Z", parse_rfc3339);
    const auto length = [&](std::string_view key, Duration& out) {
      std::chrono::milliseconds time{0};
      fields.duration(key, time, std::chrono::milliseconds(1));
      if (time.count() > 0) out = time;
    };
    length("length", scenario.length);
    length("bucket", scenario.bucket);
    std::string path;
    fields.text("config", path);
    if (path.empty() && !config) return reading.mistake(root.place, "the scenario has no 'config'");
    scenario.config = load_config(config ? *config : folder_of(file) + path);
    if (const yaml::Entry* entry = fields.find("changes"))
      each_item(reading, *entry->value, "'changes'", [this](const auto& node, std::size_t n) { read_change(node, n); });
    if (const yaml::Entry* entry = fields.find("traffic"))
      each_item(reading, *entry->value, "'traffic'",
                [this](const auto& node, std::size_t n) { read_traffic(node, n); });
    if (scenario.traffic.empty()) reading.mistake(root.place, "the scenario has no 'traffic'");
    if (const yaml::Entry* entry = fields.find("providers"))
      read_scripts(reading, *entry->value, known, scenario.providers);
    if (const yaml::Entry* entry = fields.find("expect"))
      read_expectations(reading, *entry->value, known, scenario.expectations);
    if (const yaml::Entry* entry = fields.find("never"))
      read_nevers(reading, *entry->value, known, scenario.expectations);
  }
};

}  // namespace

const Section kScenarioSection{"", kScenarioKeys};
const Section kTrafficSection{"traffic[]", kTrafficKeys};
const Section kChangeSection{"changes[]", kChangeKeys};

void read_offset(const Fields& fields, std::string_view key, Duration& out) {
  std::chrono::milliseconds time{0};
  fields.duration(key, time, std::chrono::milliseconds(0));
  if (fields.has(key)) out = time;
}

void read_known(const Fields& fields, std::string_view key, std::string& out, const std::vector<std::string>& known,
                std::string_view expected) {
  fields.get(key, out, expected, [&](std::string_view text) -> std::optional<std::string> {
    if (std::find(known.begin(), known.end(), text) == known.end()) return std::nullopt;
    return std::string(text);
  });
}

ScenarioReading read_scenario_text(std::string_view yaml, const std::string& file_name,
                                   const std::optional<std::string>& config, const ConfigLoader& load) {
  const Environment none = [](const std::string&) { return std::optional<std::string>(); };
  ScenarioReading result;
  Reading reading(yaml, file_name, none);
  const yaml::Document document = yaml::parse(yaml);
  for (const yaml::Mistake& mistake : document.mistakes) reading.mistake(mistake.place, mistake.message);
  std::vector<ConfigMistake> of_configs;
  if (document.root) ScenarioReader{reading, file_name, load, result.scenario, of_configs}.read(*document.root, config);
  if (result.scenario.name.empty()) result.scenario.name = file_name.substr(folder_of(file_name).size());
  result.mistakes = reading.take_mistakes();
  result.mistakes.insert(result.mistakes.end(), of_configs.begin(), of_configs.end());
  return result;
}

ScenarioReading read_scenario_file(const std::string& path, const std::optional<std::string>& config,
                                   const ConfigLoader& load) {
  const auto text = read_text_file(path);
  if (text) return read_scenario_text(*text, path, config, load);
  ScenarioReading result;
  result.mistakes.push_back({path, 0, 0, text.error().detail, false});
  return result;
}

}  // namespace gateway
