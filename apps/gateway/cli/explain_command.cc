#include <fmt/format.h>

#include <fstream>
#include <memory>
#include <ostream>

#include "app/background/catalogue_files.h"
#include "app/cli/command_line.h"
#include "app/cli/database.h"
#include "app/cli/explanation_text.h"
#include "app/cli/flags.h"
#include "app/cli/parser/command.h"
#include "app/cli/remote_views.h"
#include "app/render/explanation.h"
#include "chat/endpoint.h"
#include "operations/explain.h"

namespace gateway::app {
namespace {

using operations::ExplainQuery;

struct ExplainFlags {
  DatabaseFlags database;
  RemoteFlags remote;
  std::string project;
  std::optional<std::string> model, body;
  std::string endpoint = "chat";
  bool json = false;
};

Result<ExplainQuery> make_query(const ExplainFlags& flags, WallTime now) {
  ExplainQuery query;
  query.project = flags.project;
  query.model = flags.model.value_or("");
  query.now = now;
  const bool known = parse(flags.endpoint, query.operation);
  if (!known)
    return usage_error(
        fmt::format("--endpoint: expected chat, embeddings, images, speech ..., found '{}'", flags.endpoint));
  if (!flags.body && query.model.empty())
    return usage_error("--model: expected a model's name, or --body with a request");
  return query;
}

// No more of it than a server would take: it may have no end. `limit` is what says so.
Result<std::string> read_body(const std::string& path, std::int64_t most, std::string_view limit) {
  constexpr std::size_t kPiece = 64 * 1024;
  std::ifstream file(path, std::ios::binary);
  std::string text;
  std::size_t size = 0;
  while (file && size <= static_cast<std::size_t>(most)) {
    text.resize(size + kPiece);
    file.read(text.data() + size, static_cast<std::streamsize>(kPiece));
    size += static_cast<std::size_t>(file.gcount());
  }
  text.resize(size);
  if (size > static_cast<std::size_t>(most))
    return Error{ErrorCode::refused, fmt::format("'{}' is larger than {}, {} bytes", path, limit, most)};
  if (!file.is_open() || !file.eof()) return Error{ErrorCode::not_found, fmt::format("'{}' cannot be read", path)};
  return text;
}

Outcome explain_remotely(const ExplainFlags& flags, const Command& command, Session& session) {
  if (auto sound = expect_without(command, {"--config", "--database"}); !sound) return sound.error();
  const auto project = flags.project.empty() ? own_project(flags.remote, session) : Result<std::string>(flags.project);
  if (!project) return project.error();
  constexpr std::int64_t kMostPosted = 1024 * 1024;
  std::string body;
  if (flags.body) {
    auto text = read_body(*flags.body, kMostPosted, "what the administration takes");
    if (!text) return text.error();
    body = std::move(*text);
  }
  const auto found =
      remote_explanation(flags.remote, {*project, flags.model.value_or(""), flags.endpoint, std::move(body)}, session);
  if (!found) return found.error();
  session.out << (flags.json ? found->json + '\n' : explanation_text(found->json));
  return found->refusal ? kFinding : kFine;
}

Outcome run_explain(const ExplainFlags& flags, const Command& command, Session& session) {
  auto query = make_query(flags, session.now());
  if (!query) return query.error();
  if (flags.project.empty() && !flags.remote.url) return usage_error("--project: expected a project's name");
  if (flags.remote.url) return explain_remotely(flags, command, session);
  auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  if (flags.body) {
    auto body = read_body(*flags.body, workspace->config.server.max_body, "server.max_body");
    if (!body) return body.error();
    query->body = std::move(*body);
  }
  const auto store = open_store(*workspace, Need::read_if_there);
  if (!store) return store.error();
  const auto warn = [&session](const std::string& line) { session.err << "gateway: " << line << '\n'; };
  const auto found =
      operations::explain({workspace->config, workspace->config_path, workspace->database, store->get(), query->now},
                          kept_catalogues(workspace->database, warn), *query);
  if (!found) return found.error();
  const std::string json = explanation_json(*found, flags.project, flags.endpoint, workspace->config.retry);
  session.out << (flags.json ? json + '\n' : explanation_text(json));
  return found->refusal ? kFinding : kFine;
}

}  // namespace

void add_explain(Command& app, Session& session) {
  Command& command =
      *app.add_subcommand("explain",
                          "Report where a request would go, in which order, what it would hold, and "
                          "why each other target is rejected; sends nothing; exit 1 if it would be refused");
  auto flags = std::make_shared<ExplainFlags>();
  add_flags(command, flags->database);
  add_flags(command, flags->remote);
  command.add_option("--project", flags->project, "Whose request; with --url and a project's key: that project's",
                     "NAME");
  command.add_option("--model", flags->model, "As a client would name it; before the body's", "NAME");
  command.add_option("--body", flags->body, "The request's JSON; without it a short one is taken", "FILE");
  command.add_option("--endpoint", flags->endpoint, "chat, embeddings, images, speech ...", "NAME")
      ->capture_default_str();
  command.add_flag("--json", flags->json, "Print one JSON document");
  add_example(command, "gateway explain --project demo --model fast --body request.json");
  command.callback([flags, &command, &session] { finish(session, run_explain(*flags, command, session)); });
}

}  // namespace gateway::app
