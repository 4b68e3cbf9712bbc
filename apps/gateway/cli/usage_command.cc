#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <ostream>

#include "app/cli/command_line.h"
#include "app/cli/flags.h"
#include "app/cli/row_fields.h"
#include "app/database.h"
#include "config/nearest.h"

namespace gateway::app {
namespace {

struct KeyName {
  std::string_view name;
  UsageKey key;
};
constexpr std::array<KeyName, 10> kKeys{{{"day", UsageKey::day},
                                         {"hour", UsageKey::hour},
                                         {"project", UsageKey::project},
                                         {"key", UsageKey::key},
                                         {"model", UsageKey::model},
                                         {"served_model", UsageKey::served_model},
                                         {"provider", UsageKey::provider},
                                         {"endpoint", UsageKey::operation},
                                         {"state", UsageKey::state},
                                         {"code", UsageKey::code}}};

struct Flags {
  DatabaseFlags database;
  ListFlags list;
  std::optional<std::string> project, key, model, provider, since, until;
  std::vector<std::string> by{"project,model"};
};

Result<std::vector<KeyName>> read_keys(const std::vector<std::string>& texts) {
  std::vector<KeyName> keys;
  const std::vector<std::string> names = split_list(texts);
  if (names == std::vector<std::string>{"none"}) return keys;
  for (const std::string& name : names) {
    const auto same = [&name](const KeyName& known) { return known.name == name; };
    const auto found = std::find_if(kKeys.begin(), kKeys.end(), same);
    if (found != kKeys.end()) {
      if (std::none_of(keys.begin(), keys.end(), same)) keys.push_back(*found);
      continue;
    }
    std::vector<std::string_view> known;
    for (const KeyName& k : kKeys) known.push_back(k.name);
    const std::string_view meant = nearest(name, known);
    return usage_error(
        fmt::format("--by: expected day, hour, project, key, model, served_model, provider, endpoint, state, "
                    "code or none, found '{}'{}",
                    name, meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant)));
  }
  return keys;
}

Result<UsageQuery> make_query(const Flags& flags, const std::vector<KeyName>& keys, WallTime now) {
  UsageQuery query;
  query.project = flags.project;
  query.key = flags.key;
  query.model = flags.model;
  query.provider = flags.provider;
  for (const KeyName& key : keys) query.by.push_back(key.key);
  if (flags.since) {
    const auto since = read_moment("--since", *flags.since, now);
    if (!since) return since.error();
    query.since = *since;
  }
  if (flags.until) {
    const auto until = read_moment("--until", *flags.until, now);
    if (!until) return until.error();
    query.until = *until;
  }
  return query;
}

void add(UsageSum& total, const UsageSum& sum) {
  total.requests += sum.requests;
  total.attempts += sum.attempts;
  total.failed += sum.failed;
  total.open += sum.open;
  total.refused += sum.refused;
  total.usage += sum.usage;
  total.cost += sum.cost;
  total.upstream_cost += sum.upstream_cost;
  total.held += sum.held;
}

std::vector<Cell> cells_of(const UsageSum& sum) {
  std::vector<Cell> cells;
  for (const std::string& key : sum.key) cells.push_back(cell(key));
  for (const std::int64_t number :
       {sum.requests, sum.attempts, sum.failed, sum.open, sum.refused, sum.usage.input, sum.usage.cached_input,
        sum.usage.cache_write, sum.usage.output, sum.usage.reasoning}) {
    cells.push_back(cell(number));
  }
  cells.push_back(cell(sum.cost));
  cells.push_back(cell(sum.upstream_cost));
  cells.push_back(cell(sum.held));
  for (const UnitName& unit : kUnitNames) cells.push_back(unit_cell(sum.usage.*unit.count));
  return cells;
}

Outcome usage(const Flags& flags, Session& session) {
  const auto keys = read_keys(flags.by);
  if (!keys) return keys.error();
  const auto query = make_query(flags, *keys, session.now());
  if (!query) return query.error();
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  const auto store = open_store(*workspace, Need::read);
  if (!store) return store.error();
  if (flags.project) {
    if (auto known = expect_project(*workspace, **store, *flags.project); !known) return known.error();
  }
  const auto sums = (*store)->usage(*query);
  if (!sums) return sums.error();

  std::vector<Column> columns;
  for (const KeyName& key : *keys) columns.push_back({std::string(key.name)});
  for (const char* name :
       {"requests", "attempts", "failed", "open", "refused", "input_tokens", "cached_input_tokens"}) {
    columns.push_back({name, true});
  }
  columns.push_back({"cache_write_tokens", true, false});
  for (const char* name : {"output_tokens", "reasoning_tokens", "cost"}) columns.push_back({name, true});
  columns.push_back({"upstream_cost", true, false});
  columns.push_back({"held", true});
  for (const UnitName& unit : kUnitNames) columns.push_back({std::string(unit.name), true, false, true});
  Listing listing(session.out, flags.list.format, std::move(columns));
  UsageSum total;
  for (const UsageSum& sum : *sums) {
    add(total, sum);
    if (flags.list.limit == 0 || listing.rows() < static_cast<std::size_t>(flags.list.limit))
      listing.add(cells_of(sum));
  }
  total.key.assign(keys->size(), "");
  if (!total.key.empty()) total.key.front() = "total";
  const std::vector<Cell> total_cells = cells_of(total);
  listing.end(sums->size() > 1 ? &total_cells : nullptr);
  tell_cut(session, flags.list, sums->size());
  return kFine;
}

}  // namespace

void add_usage(CLI::App& app, Session& session) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = app.add_subcommand("usage", "Sum the ledger: requests, tokens, cost; today included");
  add_flags(*command, flags->database);
  command->add_option("--project", flags->project, "Only this project")->type_name("NAME");
  command->add_option("--key", flags->key, "Only this key, by its id")->type_name("ID");
  command->add_option("--model", flags->model, "Only this model, as clients asked for it")->type_name("NAME");
  command->add_option("--provider", flags->provider, "Only this provider")->type_name("NAME");
  command->add_option("--since", flags->since, "From this moment on, in quarters of an hour: a time, a day, 24h, 7d")
      ->type_name("WHEN");
  command->add_option("--until", flags->until, "Before this moment, likewise")->type_name("WHEN");
  command
      ->add_option("--by", flags->by,
                   "What to sum by: day, hour, project, key, model, served_model, provider, endpoint, "
                   "state, code; none: one sum")
      ->type_name("LIST")
      ->allow_extra_args(false)
      ->capture_default_str();
  add_flags(*command, flags->list);
  add_example(*command, "gateway usage --since 7d --by day,project --format csv");
  command->callback([flags, &session] { finish(session, usage(*flags, session)); });
}

}  // namespace gateway::app
