#include <fmt/format.h>

#include <memory>
#include <ostream>

#include "app/cli/command_line.h"
#include "app/cli/database.h"
#include "app/cli/flags.h"
#include "app/cli/parser/check.h"
#include "app/cli/parser/command.h"
#include "app/cli/remote_views.h"
#include "app/cli/screen.h"
#include "app/render/top_view.h"

namespace gateway::app {
namespace {

struct TopFlags {
  DatabaseFlags database;
  RemoteFlags remote;
  std::string every = "2s", window = "1m", by = "project";
  bool ascii = false;
};

Result<TopInput> read_remotely(const RemoteFlags& remote, std::chrono::seconds window, Session& session) {
  TopInput input;
  input.now = std::chrono::floor<std::chrono::seconds>(session.now());
  input.window = window;
  auto rows = remote_rows(remote, fmt::format("requests?since={}s", window.count()), session);
  if (!rows) return std::move(rows).error();
  auto open = remote_rows(remote, "requests?state=open", session);
  if (!open) return std::move(open).error();
  auto budgets = remote_budgets(remote, {}, session);
  if (!budgets) return std::move(budgets).error();
  input.rows = std::move(*rows);
  input.open = std::move(*open);
  input.budgets = std::move(*budgets);
  return input;
}

Result<TopInput> read_input(const TopFlags& flags, std::chrono::seconds window, Session& session) {
  if (flags.remote.url) return read_remotely(flags.remote, window, session);
  const auto opened = open_deployment(flags.database, Need::read, session);
  if (!opened) return opened.error();
  TopInput input;
  input.now = std::chrono::floor<std::chrono::seconds>(opened->now);
  input.window = window;
  RowQuery query;
  query.since = opened->now - window;
  query.limit = 0;
  const auto read = opened->store->rows(query, [&input](const Row& row) {
    input.rows.push_back(row);
    return true;
  });
  if (!read) return read.error();
  auto open = opened->store->open_rows(0);
  if (!open) return std::move(open).error();
  input.open = std::move(*open);
  auto budgets = operations::list_budgets(opened->deployment(), {.project = {}, .page = {.limit = 0}});
  if (!budgets) return std::move(budgets).error();
  input.budgets = std::move(budgets->budgets);
  return input;
}

Outcome top(const TopFlags& flags, const Command& command, Session& session) {
  if (flags.remote.url) {
    if (auto sound = expect_without(command, {"--config", "--database"}); !sound) return sound.error();
  }
  const auto pause = read_duration("--every", flags.every);
  if (!pause) return pause.error();
  if (*pause < std::chrono::milliseconds(100) || *pause > std::chrono::hours(24))
    return usage_error(fmt::format("--every: expected from 100ms to 24h, found '{}'", flags.every));
  const auto window = read_duration("--window", flags.window);
  if (!window) return window.error();
  if (*window < std::chrono::seconds(1) || *window > std::chrono::hours(24))
    return usage_error(fmt::format("--window: expected from 1s to 24h, found '{}'", flags.window));
  const TopKey key = flags.by == "project" ? TopKey::project : flags.by == "model" ? TopKey::model : TopKey::provider;
  // The first view, so that a mistake is reported on the usual screen.
  auto input = read_input(flags, std::chrono::floor<std::chrono::seconds>(*window), session);
  if (!input) return input.error();
  LiveScreen live(session);
  for (;;) {
    const Screen screen = screen_of(session);
    if (input) {
      std::string text = top_text(*input, key, {screen.columns, screen.colour, flags.ascii});
      live.show(session.is_terminal ? text + "\nq ends\n" : text + '\n');
    } else if (input.error().code != ErrorCode::unavailable && input.error().code != ErrorCode::unreachable) {
      return input.error();
    }
    if (!live.wait(*pause)) return kFine;
    input = read_input(flags, std::chrono::floor<std::chrono::seconds>(*window), session);
  }
}

}  // namespace

void add_top(Command& app, Session& session) {
  auto flags = std::make_shared<TopFlags>();
  Command* command = app.add_subcommand(
      "top", "Show what happens now, again and again: requests, failures, durations, cost, caps; q ends");
  add_flags(*command, flags->database);
  add_flags(*command, flags->remote);
  command->add_option("--by", flags->by, "project, model or provider", "KEY")
      ->check(one_of({"project", "model", "provider"}))
      ->capture_default_str();
  command->add_option("--window", flags->window, "Requests that were accepted so long ago at most", "LENGTH")
      ->capture_default_str();
  command->add_option("--every", flags->every, "How often it is shown", "LENGTH")->capture_default_str();
  command->add_flag("--ascii", flags->ascii, "Draw with ASCII characters alone");
  add_example(*command, "gateway top --by provider --window 5m");
  command->callback([flags, command, &session] { finish(session, top(*flags, *command, session)); });
}

}  // namespace gateway::app
