#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "gateway/catalogue_files.h"
#include "gateway/command_line.h"
#include "gateway/database.h"
#include "gateway/flags.h"
#include "gateway/price_fetching.h"
#include "policy/price_book.h"
#include "proxy/catalogue_watch.h"

namespace gateway::app {
namespace {

struct Flags {
  DatabaseFlags database;
  ListFlags list;
  std::optional<std::string> provider, model;
};

Cell per_million(const std::optional<Money>& price) {
  if (!price) return cell(std::optional<std::int64_t>());
  return cell(MoneySum(price->times_saturated(1'000'000)));
}

Cell per_unit(const std::optional<Money>& price) {
  return price ? cell(MoneySum(*price)) : cell(std::optional<std::int64_t>());
}

class PriceListing {
 public:
  PriceListing(const Flags& flags, Session& session)
      : flags_(flags),
        listing_(session.out, flags.list.format,
                 {{"source"},
                  {"provider"},
                  {"model"},
                  {"input", true},
                  {"output", true},
                  {"cached_input", true},
                  {"cache_write", true},
                  {"reasoning", true},
                  {"request", true},
                  {"image", true},
                  {"audio", true},
                  {"overrides", true}}) {}

  void add(std::string_view source, std::string_view provider, std::string_view model, const Prices& prices) {
    if ((flags_.provider && *flags_.provider != provider) || (flags_.model && *flags_.model != model)) return;
    ++found_;
    if (flags_.list.limit != 0 && found_ > static_cast<std::size_t>(flags_.list.limit)) return;
    listing_.add({cell(source), cell(provider), cell(model), per_million(prices.input), per_million(prices.output),
                  per_million(prices.cached_input), per_million(prices.cache_write), per_million(prices.reasoning),
                  per_unit(prices.request), per_unit(prices.image), per_unit(prices.audio),
                  cell(static_cast<std::int64_t>(prices.overrides.size()))});
  }
  std::size_t found() const { return found_; }
  void end() { listing_.end(); }

 private:
  const Flags& flags_;
  Listing listing_;
  std::size_t found_ = 0;
};

Outcome list(const Flags& flags, Session& session) {
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  PriceListing listing(flags, session);
  for (const RouteConfig& route : workspace->config.routes) {
    for (const TargetConfig& target : route.targets) {
      if (!target.prices) continue;
      listing.add("config", target.provider, target.model.empty() ? route.pattern : target.model, *target.prices);
    }
  }
  for (const FetchedCatalogue& fetched : read_catalogue_files(catalogue_directory(workspace->database))) {
    const auto catalogue = read_catalogue(fetched.provider, fetched.json, fetched.fetched);
    if (!catalogue) return catalogue.error();
    for (const CatalogueModel& model : (*catalogue)->models) {
      listing.add((*catalogue)->version, fetched.provider, model.id, model.prices);
    }
  }
  for (const CatalogueModel& model : builtin_catalogue().models)
    listing.add(builtin_version(), "", model.id, model.prices);
  listing.end();
  tell_cut(session, flags.list, listing.found());
  return kFine;
}

}  // namespace

void add_prices(CLI::App& app, Session& session) {
  auto flags = std::make_shared<Flags>();
  CLI::App* group = app.add_subcommand("prices", "What models cost");
  group->require_subcommand(1);
  CLI::App* command = group->add_subcommand(
      "list",
      "List the prices of the configuration and the built-in ones: USD per million tokens, and per request, image and "
      "audio part. The first that knows a model counts: configuration, the provider's own list as fetched last, "
      "built-in.");
  add_flags(*command, flags->database);
  command->add_option("--provider", flags->provider, "Only this provider's, from the configuration")->type_name("NAME");
  command->add_option("--model", flags->model, "Only this model's")->type_name("NAME");
  add_flags(*command, flags->list);
  add_example(*command, "gateway prices list --model gpt-4o-mini --json");
  command->callback([flags, &session] { finish(session, list(*flags, session)); });
  add_price_fetching(*group, session);
}

}  // namespace gateway::app
