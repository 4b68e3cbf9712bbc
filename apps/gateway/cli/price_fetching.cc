#include "app/cli/price_fetching.h"

#include <fmt/format.h>

#include <memory>
#include <ostream>

#include "app/background/catalogue_files.h"
#include "app/background/provider_get.h"
#include "app/background/reconcile.h"
#include "app/cli/database.h"
#include "app/cli/flags.h"
#include "app/cli/parser/command.h"
#include "operations/price_differences.h"
#include "proxy/catalogue_watch.h"

namespace gateway::app {
namespace {

struct PriceFetchingFlags {
  DatabaseFlags database;
  ListFlags list{Format::table, 0};
  std::string provider = "openrouter";
};

struct Lists {
  FetchedCatalogue fetched;
  std::shared_ptr<const Catalogue> now;
  std::shared_ptr<const Catalogue> kept;  // null: none was kept
};

Result<Lists> fetch(const Workspace& workspace, const PriceFetchingFlags& flags, Session& session) {
  const auto provider = openrouter_of(workspace.config, flags.provider, "prices");
  if (!provider) return provider.error();
  auto body = provider_get(*provider, "/models?output_modalities=all", Credential::api_key);
  if (!body) return body.error();
  Lists lists;
  lists.fetched = {.provider = flags.provider,
                   .json = std::move(*body),
                   .fetched = session.now(),
                   .base_url = (*provider)->config.base_url};
  auto read = read_catalogue(lists.fetched);
  if (!read) return read.error();
  lists.now = std::move(*read);
  const auto warn = [&session](const std::string& line) { session.err << "gateway: " << line << '\n'; };
  for (KeptCatalogue& kept : read_catalogue_files(catalogue_directory(workspace.database), warn)) {
    const bool same = kept.fetched.provider == flags.provider && kept.fetched.base_url == lists.fetched.base_url;
    if (same) lists.kept = std::move(kept.list);
  }
  return lists;
}

// Prints the differences; returns how many there are.
Result<std::size_t> print_differences(const Lists& lists, const PriceFetchingFlags& flags, Session& session) {
  auto listing = open_listing(session, flags.list,
                              {{"model"}, {"condition"}, {"figure"}, {"kept", true}, {"now", true}, {"unit"}});
  if (!listing) return listing.error();
  for (const operations::PriceDifference& each : operations::differences(lists.kept.get(), *lists.now)) {
    listing->add(
        {cell(each.model), cell(each.condition), cell(each.figure), cell(each.kept), cell(each.now), cell(each.unit)});
  }
  listing->end();
  return listing->rows();
}

Outcome diff(const PriceFetchingFlags& flags, Session& session) {
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  const auto lists = fetch(*workspace, flags, session);
  if (!lists) return lists.error();
  const auto found = print_differences(*lists, flags, session);
  if (!found) return found.error();
  return *found == 0 ? kFine : kFinding;
}

Outcome refresh(const PriceFetchingFlags& flags, Session& session) {
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  const auto lists = fetch(*workspace, flags, session);
  if (!lists) return lists.error();
  if (auto kept = write_catalogue_file(catalogue_directory(workspace->database), lists->fetched); !kept)
    return kept.error();
  if (auto printed = print_differences(*lists, flags, session); !printed) return printed.error();
  session.err << fmt::format("{} models of {} kept as {}; a server that runs fetches for itself\n",
                             lists->now->models.size(), flags.provider, lists->now->version);
  return kFine;
}

}  // namespace

void add_price_fetching(Command& prices, Session& session) {
  auto flags = std::make_shared<PriceFetchingFlags>();
  const auto add = [&](const char* name, const char* description, const char* example, auto run_it) {
    Command* command = prices.add_subcommand(name, description);
    add_flags(*command, flags->database);
    add_flags(*command, flags->list, false);
    command->add_option("--provider", flags->provider, "Our name of the provider", "NAME")->capture_default_str();
    add_example(*command, example);
    command->callback([flags, &session, run_it] { finish(session, run_it(*flags, session)); });
  };
  add("diff",
      "Compare the price list that was kept with the provider's now, override by override; exit 1 if they differ. "
      "Amounts are USD per million tokens, and per request, image and audio part",
      "gateway prices diff --json", diff);
  add("refresh", "Fetch the provider's price list, report what changed as diff does, and store it",
      "gateway prices refresh", refresh);
}

}  // namespace gateway::app
