#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <ostream>

#include "app/background/catalogue_files.h"
#include "app/cli/command_line.h"
#include "app/cli/database.h"
#include "app/cli/flags.h"
#include "app/cli/parser/command.h"
#include "app/cli/remote_views.h"
#include "app/render/project_view.h"
#include "base/time_text.h"
#include "operations/explain.h"
#include "operations/why.h"

namespace gateway::app {
namespace {

struct WhyFlags {
  DatabaseFlags database;
  RemoteFlags remote;
  operations::WhyQuery query;
  std::string since = "24h";
  bool json = false;
};

// What a short request for the model would get now; absent: it would be sent, or no model was named.
Result<std::optional<std::string>> refusal_now(const OpenDeployment& opened, const operations::WhyQuery& query,
                                               Session& session) {
  if (!query.model) return std::optional<std::string>();
  const auto warn = [&session](const std::string& line) { session.err << "gateway: " << line << '\n'; };
  operations::ExplainQuery asked;
  asked.project = query.project;
  asked.model = *query.model;
  asked.now = opened.now;
  auto found = operations::explain(opened.deployment(), kept_catalogues(opened.workspace.database, warn), asked);
  if (!found) return std::move(found).error();
  if (!found->refusal) return std::optional<std::string>();
  const ApiError& refusal = *found->refusal;
  return std::optional(
      fmt::format("{} {}: {}", refusal.status, refusal.code.empty() ? refusal.type : refusal.code, refusal.message));
}

std::string as_json(const operations::WhyAnswer& answer, const operations::WhyQuery& query,
                    const std::optional<std::string>& refusal) {
  std::vector<std::string> causes, caps;
  for (const operations::Cause& cause : answer.causes) {
    causes.push_back(json::Object()
                         .add("code", json::text(cause.code))
                         .add("model", cause.model.empty() ? json::null() : json::text(cause.model))
                         .add("provider", cause.provider.empty() ? json::null() : json::text(cause.provider))
                         .add("refused", json::number(cause.refused))
                         .add("failed", json::number(cause.failed))
                         .add("advice", json::text(operations::advice(cause, answer.project)))
                         .str());
  }
  for (const operations::CapState& state : answer.caps) caps.push_back(cap_object(state).str());
  json::Object now;
  if (query.model) {
    now.add("sent", json::boolean(!refusal)).add("refusal", refusal ? json::text(*refusal) : json::null());
  }
  return json::Object()
             .add("project", json::text(query.project))
             .add("since", json::time(query.since))
             .add("causes", json::list(causes))
             .add("limits", limits_json(answer.project.limits))
             .add("spend", json::list(caps))
             .add("now", query.model ? now.str() : json::null())
             .str() +
         "\n";
}

std::string cause_text(const operations::Cause& cause, const ProjectConfig& project) {
  std::string text = cause.provider.empty() ? fmt::format("{} x {}", cause.refused, cause.code)
                                            : fmt::format("{} x {} of {}", cause.failed, cause.code, cause.provider);
  if (!cause.model.empty()) text += fmt::format(", model {}", cause.model);
  text += cause.provider.empty() ? ": refused by the gateway" : ": attempts that failed";
  return printable(text) + "\n  " + printable(operations::advice(cause, project)) + '\n';
}

std::string as_text(const operations::WhyAnswer& answer, const operations::WhyQuery& query,
                    const std::optional<std::string>& refusal) {
  std::string text;
  for (const operations::Cause& cause : answer.causes) text += cause_text(cause, answer.project);
  if (answer.causes.empty()) {
    text += fmt::format("nothing of project {} was refused or failed since {}{}\n", query.project, rfc3339(query.since),
                        query.code ? fmt::format(" with code {}", printable(*query.code)) : "");
  }
  text += "\nnow\n";
  const std::string limits = limits_text(answer.project.limits);
  text += fmt::format("  limits  {}\n", limits.empty() ? "none" : limits);
  if (answer.caps.empty()) text += "  caps    none\n";
  for (const operations::CapState& state : answer.caps) {
    text += fmt::format("  cap     {} USD/{}: {} spent, {} held, {} left{}\n", state.cap.cap.to_string(),
                        to_string(state.cap.period), state.spent.to_string(), state.held.to_string(),
                        std::max(state.remaining(), MoneySum()).to_string(),
                        state.resets_at == WallTime{} ? "" : ", resets " + rfc3339(state.resets_at));
  }
  if (query.model) {
    text += refusal ? fmt::format("  a short request for {} would be refused: {}\n", printable(*query.model),
                                  printable(*refusal))
                    : fmt::format("  a short request for {} would be sent\n", printable(*query.model));
  }
  return text;
}

// What happened, and what a short request would get now.
struct Found {
  operations::WhyAnswer answer;
  std::optional<std::string> refusal;
};

Result<Found> find_remotely(const WhyFlags& flags, const operations::WhyQuery& query, Session& session) {
  Found found;
  std::vector<std::string> counted;
  if (query.model) {
    auto explained = remote_explanation(flags.remote, {query.project, *query.model, "chat"}, session);
    if (!explained) return std::move(explained).error();
    found.refusal = std::move(explained->refusal);
    counted = {*query.model};
    if (explained->route != *query.model) counted.push_back(explained->route);
  }
  auto project = remote_project(flags.remote, query.project, session);
  if (!project) return std::move(project).error();
  auto causes = remote_causes(flags.remote, query, flags.since, counted, session);
  if (!causes) return std::move(causes).error();
  found.answer = {std::move(project->project), std::move(*causes), std::move(project->caps)};
  return found;
}

Result<Found> find(const WhyFlags& flags, const operations::WhyQuery& query, Session& session) {
  const auto opened = open_deployment(flags.database, Need::read, session);
  if (!opened) return opened.error();
  auto answer = operations::why(opened->deployment(), query);
  if (!answer) return std::move(answer).error();
  auto refusal = refusal_now(*opened, query, session);
  if (!refusal) return std::move(refusal).error();
  return Found{std::move(*answer), std::move(*refusal)};
}

Outcome run_why(const WhyFlags& flags, const Command& command, Session& session) {
  operations::WhyQuery query = flags.query;
  const auto since = read_moment("--since", flags.since, session.now());
  if (!since) return since.error();
  query.since = *since;
  if (flags.remote.url) {
    if (auto sound = expect_without(command, {"--config", "--database"}); !sound) return sound.error();
  }
  if (query.project.empty()) {
    auto own = own_project(flags.remote, session);
    if (!own) return std::move(own).error();
    query.project = std::move(*own);
  }
  const auto found = flags.remote.url ? find_remotely(flags, query, session) : find(flags, query, session);
  if (!found) return found.error();
  session.out << (flags.json ? as_json(found->answer, query, found->refusal)
                             : as_text(found->answer, query, found->refusal));
  return found->refusal ? kFinding : kFine;
}

}  // namespace

void add_why(Command& app, Session& session) {
  auto flags = std::make_shared<WhyFlags>();
  Command* command = app.add_subcommand(
      "why",
      "Show why requests of a project were refused or failed, how its limits are now, and what to do; exit 1 "
      "if a request for --model would be refused now");
  add_flags(*command, flags->database);
  add_flags(*command, flags->remote);
  command->add_option("--project", flags->query.project,
                      "Whose requests; with --url and a project's key: that project's", "NAME");
  command->add_option("--model", flags->query.model, "Only this model, as clients asked for it", "NAME");
  command->add_option("--code", flags->query.code, "Only this code, as in an error's answer", "CODE");
  command->add_option("--since", flags->since, "From this moment on: a time, a day, 24h, 7d", "WHEN")
      ->capture_default_str();
  command->add_flag("--json", flags->json, "Print one JSON document");
  add_example(*command, "gateway why --project demo --model fast");
  command->callback([flags, command, &session] { finish(session, run_why(*flags, *command, session)); });
}

}  // namespace gateway::app
