#include <memory>
#include <ostream>

#include "app/cli/command_line.h"
#include "app/cli/database.h"
#include "app/cli/flags.h"
#include "app/cli/parser/check.h"
#include "app/cli/parser/command.h"
#include "app/cli/server_url.h"
#include "app/render/samples.h"

namespace gateway::app {
namespace {

struct SampleFlags {
  DatabaseFlags database;
  std::string language = "curl";
  std::optional<std::string> model, url;
  bool stream = false;
};

std::vector<std::pair<std::string, std::string>> sample_aliases() {
  std::vector<std::pair<std::string, std::string>> aliases;
  for (const SampleAlias& each : kSampleAliases) aliases.emplace_back(each.name, each.language);
  return aliases;
}

// The first model that has a name of its own.
std::string usual_model(const Config& config) {
  for (const RouteConfig& route : config.routes) {
    if (route.pattern.find('*') == std::string::npos) return route.pattern;
  }
  return "simulated/echo";
}

Outcome print_sample(const SampleFlags& flags, Session& session) {
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  const auto url = server_url(*workspace, flags.url);
  if (!url) return url.error();
  if (url->find_first_of("'\"\\`$ \n") != std::string::npos) return usage_error("--url: expected an http or https URL");
  const std::string base = url->ends_with("/v1") ? *url : *url + "/v1";
  session.out << sample_text(flags.language, base, flags.model.value_or(usual_model(workspace->config)), flags.stream);
  return kFine;
}

}  // namespace

void add_sample(Command& app, Session& session) {
  auto flags = std::make_shared<SampleFlags>();
  Command* command =
      app.add_subcommand("sample", "Print code that uses this gateway; the key is read from GATEWAY_KEY");
  add_flags(*command, flags->database);
  command
      ->add_option("--lang", flags->language,
                   "curl, python, ts, go, swift or kotlin; usual other names too, such as typescript, node", "LANGUAGE")
      ->check(one_of({kSampleLanguages.begin(), kSampleLanguages.end()}, sample_aliases()))
      ->capture_default_str();
  command->add_option("--model", flags->model, "The model; unless said, the configuration's first", "NAME");
  command->add_option(
      "--url", flags->url,
      "Where the server is; unless said, where the one on this database listens, or the configuration says", "URL");
  command->add_flag("--stream", flags->stream, "The answer as it comes");
  add_example(*command, "gateway sample --lang python --model fast");
  command->callback([flags, &session] { finish(session, print_sample(*flags, session)); });
}

}  // namespace gateway::app
