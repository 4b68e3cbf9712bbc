#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "app/cli/command_line.h"
#include "app/cli/database.h"
#include "app/cli/flags.h"
#include "app/cli/screen.h"
#include "app/render/request_view.h"
#include "operations/one_request.h"

namespace gateway::app {
namespace {

struct Flags {
  DatabaseFlags database;
  std::string id;
  bool ascii = false;
  bool json = false;
};

Outcome show(const Flags& flags, Session& session) {
  const auto opened = open_deployment(flags.database, Need::read, session);
  if (!opened) return opened.error();
  const auto view = operations::find_request(opened->deployment(), flags.id);
  if (!view) return view.error();
  const Screen screen = screen_of(session);
  session.out << (flags.json ? request_json(*view) + "\n"
                             : request_text(*view, opened->now, {screen.columns, screen.colour, flags.ascii}));
  return kFine;
}

}  // namespace

void add_request(CLI::App& app, Session& session) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = app.add_subcommand(
      "request", "Show one request: its attempts and their times, what it cost, and why it was retried");
  add_flags(*command, flags->database);
  command->add_option("id", flags->id, "The request's id as in x-request-id, or the client's own")
      ->required()
      ->type_name("ID");
  command->add_flag("--ascii", flags->ascii, "Draw with ASCII characters alone");
  command->add_flag("--json", flags->json, "Print one JSON document");
  add_example(*command, "gateway request req_01M8GN6NM2000PS5HDTWFMMX0E");
  command->callback([flags, &session] { finish(session, show(*flags, session)); });
}

}  // namespace gateway::app
