#include "gateway/price_fetching.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>
#include <set>

#include "gateway/catalogue_files.h"
#include "gateway/database.h"
#include "gateway/flags.h"
#include "gateway/provider_get.h"
#include "gateway/reconcile.h"
#include "proxy/catalogue_watch.h"

namespace gateway::app {
namespace {

struct Flags {
  DatabaseFlags database;
  ListFlags list{Format::table, 0};
  std::string provider = "openrouter";
};

struct Lists {
  FetchedCatalogue fetched;
  std::shared_ptr<const Catalogue> now;
  std::shared_ptr<const Catalogue> kept;  // null: none was kept
};

Result<Lists> fetch(const Workspace& workspace, const Flags& flags, WallTime now) {
  const auto provider = provider_of(workspace.config, flags.provider);
  if (!provider) return provider.error();
  if ((*provider)->config.type != ProviderType::openrouter) {
    return Error{ErrorCode::refused, "provider '" + flags.provider + "' publishes no prices"};
  }
  auto body = provider_get(*provider, "/models?output_modalities=all", Credential::api_key);
  if (!body) return body.error();
  Lists lists;
  lists.fetched = {flags.provider, std::move(*body), now};
  auto read = read_catalogue(flags.provider, lists.fetched.json, now);
  if (!read) return read.error();
  lists.now = std::move(*read);
  for (const FetchedCatalogue& kept : read_catalogue_files(catalogue_directory(workspace.database))) {
    if (kept.provider != flags.provider) continue;
    if (auto old = read_catalogue(kept.provider, kept.json, kept.fetched)) lists.kept = std::move(*old);
  }
  return lists;
}

std::string shown(const std::optional<Money>& price) {
  return price ? price->times_saturated(1'000'000).to_string() : "";
}

// Prints each figure that is not the same, USD per million units; gives how many.
std::size_t print_differences(const Lists& lists, const Flags& flags, Session& session) {
  using Figure = std::pair<const char*, std::optional<Money> Prices::*>;
  static constexpr Figure kFigures[] = {{"input", &Prices::input},
                                        {"output", &Prices::output},
                                        {"cached_input", &Prices::cached_input},
                                        {"cache_write", &Prices::cache_write},
                                        {"reasoning", &Prices::reasoning},
                                        {"request", &Prices::request},
                                        {"image", &Prices::image},
                                        {"audio", &Prices::audio}};
  Listing listing(session.out, flags.list.format, {{"model"}, {"figure"}, {"kept", true}, {"now", true}});
  std::set<std::string> models;
  for (const CatalogueModel& model : lists.now->models) models.insert(model.id);
  if (lists.kept) {
    for (const CatalogueModel& model : lists.kept->models) models.insert(model.id);
  }
  for (const std::string& id : models) {
    const CatalogueModel* now = lists.now->find(id);
    const CatalogueModel* kept = lists.kept ? lists.kept->find(id) : nullptr;
    if (now == nullptr || kept == nullptr) {
      listing.add({cell(id), cell("model"), cell(kept ? "listed" : ""), cell(now ? "listed" : "")});
      continue;
    }
    for (const auto& [name, figure] : kFigures) {
      const auto& before = kept->prices.*figure;
      const auto& after = now->prices.*figure;
      if (before != after) listing.add({cell(id), cell(name), cell(shown(before)), cell(shown(after))});
    }
    if (now->prices.overrides.size() != kept->prices.overrides.size()) {
      listing.add({cell(id), cell("overrides"), cell(static_cast<std::int64_t>(kept->prices.overrides.size())),
                   cell(static_cast<std::int64_t>(now->prices.overrides.size()))});
    }
  }
  listing.end();
  return listing.rows();
}

Outcome diff(const Flags& flags, Session& session) {
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  const auto lists = fetch(*workspace, flags, session.now());
  if (!lists) return lists.error();
  return print_differences(*lists, flags, session) == 0 ? kFine : kFinding;
}

Outcome refresh(const Flags& flags, Session& session) {
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  const auto lists = fetch(*workspace, flags, session.now());
  if (!lists) return lists.error();
  if (auto kept = write_catalogue_file(catalogue_directory(workspace->database), lists->fetched); !kept)
    return kept.error();
  print_differences(*lists, flags, session);
  session.err << fmt::format("{} models of {} kept as {}; a server that runs fetches for itself\n",
                             lists->now->models.size(), flags.provider, lists->now->version);
  return kFine;
}

}  // namespace

void add_price_fetching(CLI::App& prices, Session& session) {
  auto flags = std::make_shared<Flags>();
  const auto add = [&](const char* name, const char* description, const char* example, auto run_it) {
    CLI::App* command = prices.add_subcommand(name, description);
    add_flags(*command, flags->database);
    add_flags(*command, flags->list, false);
    command->add_option("--provider", flags->provider, "Our name of the provider")
        ->capture_default_str()
        ->type_name("NAME");
    add_example(*command, example);
    command->callback([flags, &session, run_it] { finish(session, run_it(*flags, session)); });
  };
  add("diff", "Compare the price list that was kept with the provider's now; exit 1 where they differ",
      "gateway prices diff --json", diff);
  add("refresh", "Fetch the provider's price list, tell what changed, and keep it", "gateway prices refresh", refresh);
}

}  // namespace gateway::app
