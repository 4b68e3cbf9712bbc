#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>
#include <string>

#include "app/cli/command_line.h"
#include "app/cli/database.h"
#include "app/cli/flags.h"
#include "app/first_run.h"

namespace gateway::app {
namespace {

struct OpenFlags {
  DatabaseFlags database;
  std::string listen;
};

Outcome open(const OpenFlags& flags, Session& session) {
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  const auto& listen =
      workspace->config.admin_listen.empty() ? workspace->config.listen : workspace->config.admin_listen;
  const std::string address = !flags.listen.empty() ? flags.listen : listen.empty() ? "127.0.0.1:8080" : listen.front();
  if (!workspace->config_path.empty() || !workspace->config.admin_token.empty()) {
    if (workspace->config.admin_token.empty())
      return Error{ErrorCode::refused, "the configuration has no admin_token: there is no dashboard without one"};
    session.out << "http://" << address << "/dashboard/\n";
    session.err << "sign in with the configuration's admin_token\n";
    return kFine;
  }
  const auto store = open_store(*workspace, Need::write);
  if (!store) return store.error();
  const auto link = make_sign_in_link(**store, session.now());
  if (!link) return link.error();
  session.out << link_text(address, *link) << '\n';
  session.err << "the link signs in once, within ten minutes\n";
  return kFine;
}

}  // namespace

void add_open(CLI::App& app, Session& session) {
  auto flags = std::make_shared<OpenFlags>();
  CLI::App* command = app.add_subcommand("open", "Print a link to the dashboard that signs in once");
  add_flags(*command, flags->database);
  command->add_option("--listen", flags->listen, "Where the server listens, before the configuration's")
      ->type_name("ADDRESS");
  add_example(*command, "gateway open");
  command->callback([flags, &session] { finish(session, open(*flags, session)); });
}

}  // namespace gateway::app
