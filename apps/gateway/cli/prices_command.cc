#include <CLI/CLI.hpp>
#include <memory>
#include <set>
#include <string>
#include <tuple>

#include "app/background/price_fetching.h"
#include "app/cli/command_line.h"
#include "app/cli/explain.h"
#include "app/cli/flags.h"
#include "app/cli/price_view.h"
#include "app/database.h"
#include "policy/pricing/price_book.h"

namespace gateway::app {
namespace {

struct Flags {
  DatabaseFlags database;
  ListFlags list;
  std::optional<std::string> provider, model;
};

class PriceListing {
 public:
  PriceListing(const Flags& flags, Session& session)
      : flags_(flags), listing_(session.out, flags.list.format, columns()) {}

  // Each provider, model and list once.
  void add(std::string_view provider, std::string_view model, const PriceInForce& price) {
    if (price.prices == nullptr || (flags_.provider && *flags_.provider != provider)) return;
    if (!seen_.emplace(provider, model, price.version).second) return;
    if (flags_.list.limit != 0 && found() > static_cast<std::size_t>(flags_.list.limit)) return;
    const Prices& prices = *price.prices;
    std::vector<Cell> row{cell(price.version), cell(provider), cell(model)};
    add_figures(row, prices);
    row.push_back({tiers_text(prices), tiers_json(prices)});
    row.push_back({overrides_text(prices), overrides_json(prices)});
    listing_.add(std::move(row));
    if (flags_.list.format != Format::table) return;
    for (const PriceOverride& rule : prices.overrides) {
      std::vector<Cell> below{cell(""), cell(""), cell("  " + condition_text(rule))};
      add_figures(below, rule.prices);
      below.emplace_back();
      below.emplace_back();
      listing_.add(std::move(below));
    }
  }
  std::size_t found() const { return seen_.size(); }
  void end() { listing_.end(); }

 private:
  static std::vector<Column> columns() {
    std::vector<Column> out{{"source"}, {"provider"}, {"model"}};
    for (const PriceFigure& each : kPriceFigures)
      out.push_back({std::string(each.name), true, each.in_tables, each.rare});
    out.push_back({"service_tiers", false, false});
    out.push_back({"overrides", false, false});  // in a table they are lines of their own
    return out;
  }

  static void add_figures(std::vector<Cell>& row, const Prices& prices) {
    for (const PriceFigure& each : kPriceFigures) {
      const std::string amount = shown(each, prices);
      row.push_back(amount.empty() ? Cell{"", "null"} : cell(amount));
    }
  }

  const Flags& flags_;
  Listing listing_;
  std::set<std::tuple<std::string, std::string, std::string>> seen_;
};

// What targets cost. A pattern without a model of its own stands for many: one line where the target sets their price.
void add_targets(const Snapshot& snapshot, const Flags& flags, PriceListing& listing) {
  for (const RouteConfig& route : snapshot.router.routes()) {
    for (const TargetConfig& target : route.targets) {
      const std::string_view name = target_model(target, route.pattern);
      if (flags.model && !matches_pattern(name, *flags.model)) continue;
      const bool many = name.ends_with('*');
      if (many && !(target.prices && target.prices->known())) continue;
      listing.add(target.provider, name, snapshot.prices(target, *snapshot.provider(target.provider), name));
    }
  }
}

// What all else costs that a provider is known to have.
void add_catalogues(const Snapshot& snapshot, const Flags& flags, PriceListing& listing) {
  const TargetConfig without_prices;
  for (const auto& [name, provider] : snapshot.providers) {
    const Catalogue* catalogue = snapshot.catalogue(*provider);
    if (catalogue == nullptr) continue;
    const auto add = [&, &name = name, &provider = provider](std::string_view model) {
      listing.add(name, model, snapshot.prices(without_prices, *provider, model));
    };
    if (flags.model) {
      add(*flags.model);
    } else {
      for (const CatalogueModel& model : catalogue->models) add(model.id);
    }
  }
}

std::string narrowed(const Flags& flags) {
  if (flags.model) return " of a model of that name";
  return flags.provider ? " of a provider of that name" : "; 'gateway prices refresh' fetches OpenRouter's";
}

Outcome list(const Flags& flags, Session& session) {
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  const auto snapshot = make_snapshot_of(*workspace, nullptr, session);
  if (!snapshot) return Error{ErrorCode::refused, snapshot.error().detail};
  PriceListing listing(flags, session);
  add_targets(**snapshot, flags, listing);
  add_catalogues(**snapshot, flags, listing);
  listing.end();
  tell_cut(session, flags.list, listing.found());
  if (listing.found() == 0) session.err << "gateway: no prices are known" << narrowed(flags) << '\n';
  return kFine;
}

}  // namespace

void add_prices(CLI::App& app, Session& session) {
  auto flags = std::make_shared<Flags>();
  CLI::App* group = app.add_subcommand("prices", "What models cost");
  group->require_subcommand(1);
  CLI::App* command = group->add_subcommand(
      "list",
      "List the prices in force: of the configured targets, and of all else that their providers list. USD per million "
      "tokens, and per request, image and audio part. The first that knows a model counts: the target's prices in the "
      "configuration, the provider's own list as fetched last, the built-in list. That one is for api.openai.com, "
      "api.anthropic.com, api.mistral.ai and generativelanguage.googleapis.com alone. What has no price is not "
      "listed.");
  add_flags(*command, flags->database);
  command->add_option("--provider", flags->provider, "Only this provider's")->type_name("NAME");
  command->add_option("--model", flags->model, "Only this model's, as its provider names it")->type_name("NAME");
  add_flags(*command, flags->list);
  add_example(*command, "gateway prices list --model gpt-4o-mini --json");
  command->callback([flags, &session] { finish(session, list(*flags, session)); });
  add_price_fetching(*group, session);
}

}  // namespace gateway::app
