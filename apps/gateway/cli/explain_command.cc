#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <memory>
#include <ostream>

#include "app/background/catalogue_files.h"
#include "app/cli/command_line.h"
#include "app/cli/database.h"
#include "app/cli/flags.h"
#include "app/cli/remote_views.h"
#include "app/render/explanation.h"
#include "app/render/price_view.h"
#include "chat/endpoint.h"
#include "operations/explain.h"
#include "policy/routing/strategies.h"

namespace gateway::app {
namespace {

using operations::ExplainedTarget;
using operations::ExplainQuery;
using operations::Explanation;

struct Flags {
  DatabaseFlags database;
  RemoteFlags remote;
  std::string project;
  std::optional<std::string> model, body;
  std::string endpoint = "chat";
  bool json = false;
};

Result<ExplainQuery> make_query(const Flags& flags, WallTime now) {
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

// No more of it than a server would take: it may have no end.
Result<std::string> read_body(const std::string& path, std::int64_t most) {
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
    return Error{ErrorCode::refused, fmt::format("'{}' is larger than server.max_body, {} bytes", path, most)};
  if (!file.is_open() || !file.eof()) return Error{ErrorCode::not_found, fmt::format("'{}' cannot be read", path)};
  return text;
}

std::string price_text(const ExplainedTarget& each) {
  if (each.price.prices == nullptr) return "no price is known";
  const Prices& prices = *each.price.prices;
  std::string text = fmt::format(
      "{} USD per million tokens{} ({})", figures_text(prices),
      prices.request || prices.image || prices.audio || prices.knows_units() ? " or unit" : "", each.price.version);
  for (const PriceOverride& rule : prices.overrides)
    text += fmt::format("\n          {}: {}", condition_text(rule), figures_text(rule.prices));
  return text;
}

void print_refusal(const ApiError& refusal, std::ostream& out) {
  out << fmt::format("refused  {} {}: {}\n", refusal.status, refusal.code.empty() ? refusal.type : refusal.code,
                     refusal.message);
}

std::string_view strategy_text(const RouteConfig& route) {
  return route.strategy == Strategy::ordered ? "in order" : to_string(route.strategy);
}

void print_text(const Explanation& found, const Flags& flags, const RetryConfig& retry, Session& session) {
  std::ostream& out = session.out;
  if (!found.readable) return print_refusal(*found.refusal, out);
  out << fmt::format("project  {}: {} {}\n", flags.project, found.allowed ? "may use" : "may not use", found.model);
  out << fmt::format("route    {}\n", found.route ? fmt::format("'{}', {}, at most {} attempts", found.route->pattern,
                                                                strategy_text(*found.route), retry.max_attempts)
                                                  : "none");
  out << fmt::format("request  at most {} tokens of input; {} tokens charged against tokens_per_minute\n",
                     found.input_bound, found.tokens);
  std::size_t order = 0;
  for (const ExplainedTarget& each : found.targets) {
    out << fmt::format(
        "{}. {} {}{}\n   prices {}\n   holds {} USD for at most {} tokens of output{}\n", ++order,
        each.target->provider, each.model, each.asked == found.model ? "" : fmt::format(", for {}", each.asked),
        price_text(each), each.plan.hold.to_string(), each.plan.output_bound,
        each.plan.write_max_tokens ? fmt::format("; writes max_tokens {} into the request", *each.plan.write_max_tokens)
                                   : "");
    if (!each.rejected.empty()) out << "   rejected: " << each.rejected << '\n';
  }
  if (found.refusal) print_refusal(*found.refusal, out);
}

Outcome explain_remotely(const Flags& flags, const CLI::App& command, Session& session) {
  if (auto sound = expect_without(command, {"--config", "--database", "--body"}); !sound) return sound.error();
  const auto found = remote_explanation(flags.remote, flags.project, flags.model.value_or(""), flags.endpoint, session);
  if (!found) return found.error();
  session.out << (flags.json ? found->json + '\n' : outline(found->json));
  return found->refusal ? kFinding : kFine;
}

Outcome run_explain(const Flags& flags, const CLI::App& command, Session& session) {
  auto query = make_query(flags, session.now());
  if (!query) return query.error();
  if (flags.remote.url) return explain_remotely(flags, command, session);
  auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  if (flags.body) {
    auto body = read_body(*flags.body, workspace->config.server.max_body);
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
  if (flags.json) {
    session.out << explanation_json(*found, flags.project, flags.endpoint, workspace->config.retry) << '\n';
  } else {
    print_text(*found, flags, workspace->config.retry, session);
  }
  return found->refusal ? kFinding : kFine;
}

}  // namespace

void add_explain(CLI::App& app, Session& session) {
  CLI::App& command =
      *app.add_subcommand("explain",
                          "Report where a request would go, in which order, what it would hold, and "
                          "why each other target is rejected; sends nothing; exit 1 if it would be refused");
  auto flags = std::make_shared<Flags>();
  add_flags(command, flags->database);
  add_flags(command, flags->remote);
  command.add_option("--project", flags->project, "Whose request")->required()->type_name("NAME");
  command.add_option("--model", flags->model, "As a client would name it; before the body's")->type_name("NAME");
  command.add_option("--body", flags->body, "The request's JSON; without it a short one is taken")->type_name("FILE");
  command.add_option("--endpoint", flags->endpoint, "chat, embeddings, images, speech ...")
      ->capture_default_str()
      ->type_name("NAME");
  command.add_flag("--json", flags->json, "Print one JSON document");
  add_example(command, "gateway explain --project demo --model fast --body request.json");
  command.callback([flags, &command, &session] { finish(session, run_explain(*flags, command, session)); });
}

}  // namespace gateway::app
