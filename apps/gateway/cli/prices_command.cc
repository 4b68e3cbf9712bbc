#include <memory>
#include <ostream>
#include <string>

#include "app/background/catalogue_files.h"
#include "app/cli/command_line.h"
#include "app/cli/database.h"
#include "app/cli/flags.h"
#include "app/cli/parser/command.h"
#include "app/cli/price_fetching.h"
#include "app/cli/remote.h"
#include "app/render/prices.h"
#include "operations/prices.h"

namespace gateway::app {
namespace {

struct PricesFlags {
  DatabaseFlags database;
  ListFlags list;
  RemoteFlags remote;
  std::optional<std::string> provider, model;
};

std::string narrowed(const PricesFlags& flags) {
  if (flags.model) return " of a model of that name";
  return flags.provider ? " of a provider of that name" : "; 'gateway prices refresh' fetches OpenRouter's";
}

Outcome list(const PricesFlags& flags, const Command& command, Session& session) {
  if (flags.remote.url)
    return list_remotely(command, operations::Id::list_prices, flags.remote, flags.list, price_columns(), session);
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  const auto warn = [&session](const std::string& line) { session.err << "gateway: " << line << '\n'; };
  const auto found = operations::list_prices(
      {workspace->config, workspace->config_path, workspace->database, nullptr, session.now()},
      kept_catalogues(workspace->database, warn), {flags.provider, flags.model, {.limit = flags.list.limit}});
  if (!found) return found.error();
  auto listing = open_listing(session, flags.list, price_columns());
  if (!listing) return listing.error();
  for (const operations::ListedPrice& each : found->prices) {
    listing->add(price_cells(each));
    if (flags.list.format != Format::table) continue;
    for (const PriceOverride& rule : each.price.prices->overrides) listing->add(override_cells(rule));
  }
  listing->end();
  report_truncation(session, flags.list, found->all);
  if (found->all == 0) session.err << "gateway: no prices are known" << narrowed(flags) << '\n';
  return kFine;
}

}  // namespace

void add_prices(Command& app, Session& session) {
  auto flags = std::make_shared<PricesFlags>();
  Command* group = app.add_subcommand("prices", "What models cost");
  group->require_subcommand();
  Command* command = group->add_subcommand(
      "list",
      "List the prices in force: of the configured targets, and of all else that their providers list. USD per million "
      "tokens, and per request, image, audio part, web search, second of audio and character, in columns that are "
      "shown "
      "where a price has them. The first that knows a model counts: the target's prices in the "
      "configuration, the provider's own list as fetched last, the built-in list. That one is for api.openai.com, "
      "api.anthropic.com, api.mistral.ai and generativelanguage.googleapis.com alone. What has no price is not "
      "listed.");
  add_flags(*command, flags->database);
  add_flags(*command, flags->remote);
  command->add_option("--provider", flags->provider, "Only this provider's", "NAME");
  command->add_option("--model", flags->model, "Only this model's, as its provider names it", "NAME");
  add_flags(*command, flags->list);
  add_example(*command, "gateway prices list --model gpt-4o-mini --json");
  command->callback([flags, command, &session] { finish(session, list(*flags, *command, session)); });
  add_price_fetching(*group, session);
}

}  // namespace gateway::app
