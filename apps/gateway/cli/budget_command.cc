#include <fmt/format.h>

#include <memory>
#include <ostream>

#include "app/cli/command_line.h"
#include "app/cli/database.h"
#include "app/cli/flags.h"
#include "app/cli/parser/command.h"
#include "app/cli/remote_views.h"
#include "app/cli/screen.h"
#include "app/cli/watch.h"
#include "app/render/budgets.h"
#include "app/render/live.h"
#include "operations/budgets.h"
#include "operations/catalogue.h"

namespace gateway::app {
namespace {

struct BudgetFlags {
  DatabaseFlags database;
  ListFlags list;
  RemoteFlags remote;
  std::optional<std::string> project;
  WatchFlag watch;
  bool fail = false;
};

// There is no cap: how one is set, for a project that there is.
std::string hint(const operations::Deployment& deployment, const BudgetFlags& flags) {
  const auto projects = operations::all_projects(deployment);
  if (!projects || projects->empty())
    return "there is no project; 'gateway project create NAME --cap 25/month' makes one";
  const std::string& name = flags.project ? *flags.project : projects->front().name;
  const std::string subject = flags.project ? "project " + name + " has" : "no project has";
  return fmt::format("{} {} spend cap; {}", subject, flags.project ? "no" : "a",
                     operations::project_of_file(deployment, name) != nullptr
                         ? "'spend' of a project in the configuration file sets one"
                         : fmt::format("'gateway project set {} --cap 25/month' sets one", name));
}

// True: a cap is exhausted before its reset. One that is not shown counts too.
Result<bool> print_budgets(const std::vector<operations::Budget>& budgets, const BudgetFlags& flags, Session& session,
                           Changes* changes) {
  auto listing = open_listing(session, flags.list, budget_columns());
  if (!listing) return listing.error();
  bool exhausted = false;
  if (changes != nullptr) changes->next();
  const bool colour = screen_of(session).colour;
  for (const operations::Budget& budget : budgets) {
    const bool is_shown = flags.list.limit == 0 || listing->rows() < static_cast<std::size_t>(flags.list.limit);
    std::vector<Cell> cells = budget_cells(budget);
    if (changes != nullptr)
      changes->mark({budget.project, std::string(to_string(budget.state.cap.period))}, cells, colour);
    if (is_shown) listing->add(std::move(cells), budget_json(budget));
    exhausted = exhausted || is_exhausted_before_reset(budget);
  }
  listing->end();
  report_truncation(session, flags.list, budgets.size());
  return exhausted;
}

// `changes` is null unless views follow each other.
Outcome show_budgets(const BudgetFlags& flags, Session& session, Changes* changes) {
  if (flags.remote.url) {
    const auto budgets = remote_budgets(flags.remote, flags.project, session);
    if (!budgets) return budgets.error();
    const auto exhausted = print_budgets(*budgets, flags, session, changes);
    if (!exhausted) return exhausted.error();
    return flags.fail && *exhausted ? kFinding : kFine;
  }
  const auto opened = open_deployment(flags.database, Need::read_if_there, session);
  if (!opened) return opened.error();
  const auto found = operations::list_budgets(opened->deployment(), {flags.project, {.limit = 0}});
  if (!found) return found.error();
  const auto exhausted = print_budgets(found->budgets, flags, session, changes);
  if (!exhausted) return exhausted.error();
  if (found->all == 0) session.err << "gateway: " << hint(opened->deployment(), flags) << '\n';
  return flags.fail && *exhausted ? kFinding : kFine;
}

Outcome run_budget(const BudgetFlags& flags, const Command& command, Session& session) {
  if (flags.remote.url) {
    if (auto sound = expect_without(command, {"--config", "--database"}); !sound) return sound.error();
  }
  if (!flags.watch.every) return show_budgets(flags, session, nullptr);
  if (flags.list.format == Format::json) return usage_error("--watch: expected --format table, jsonl, csv or markdown");
  Changes changes;
  return watch(*flags.watch.every, session, [&](Session& inner) { return show_budgets(flags, inner, &changes); });
}

}  // namespace

void add_budget(Command& app, Session& session) {
  auto flags = std::make_shared<BudgetFlags>();
  Command* command = app.add_subcommand("budget", "Show what each spend cap has spent, holds and has left");
  add_flags(*command, flags->database);
  add_flags(*command, flags->remote);
  command->add_option("--project", flags->project,
                      std::string(operations::parameter_of(operations::Id::list_budgets, "project").help), "NAME");
  command->add_flag(
      "--fail-if-exhausted-before-reset", flags->fail,
      "Exit with 1 if a cap has nothing left before it resets, now or as forecast; with --watch: as soon as "
      "one has");
  add_flags(*command, flags->watch);
  add_flags(*command, flags->list);
  add_example(*command, "gateway budget --project demo");
  command->callback([flags, command, &session] { finish(session, run_budget(*flags, *command, session)); });
}

}  // namespace gateway::app
