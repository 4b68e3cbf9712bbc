#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <ostream>
#include <string>

#include "app/cli/command_line.h"
#include "app/cli/database.h"
#include "app/cli/flags.h"
#include "app/cli/parser/check.h"
#include "app/cli/parser/command.h"
#include "app/cli/remote.h"
#include "app/cli/server_url.h"
#include "app/first_run.h"
#include "app/listening.h"

namespace gateway::app {
namespace {

struct OpenFlags {
  DatabaseFlags database;
  std::string listen;
  std::optional<std::string> page, name;
};

const std::vector<std::string> kPages{"usage",  "requests",  "projects",  "keys",  "budgets", "models",
                                      "routes", "providers", "reconcile", "start", "system"};

// "requests/req_..."
Result<std::string> page_path(const OpenFlags& flags) {
  std::string path = flags.page.value_or("");
  if (!flags.name) return path;
  if (path != "requests" && path != "projects")
    return usage_error(fmt::format("only requests and projects have pages of their own, found '{}'", *flags.name));
  return path + '/' + percent_encoded(*flags.name);
}

Outcome open(const OpenFlags& flags, Session& session) {
  const auto page = page_path(flags);
  if (!page) return page.error();
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  const Config& config = workspace->config;
  auto url = administration_url(*workspace);
  if (!flags.listen.empty()) url = url_at(flags.listen, !config.server.tls.certificate.empty());
  if (!url) return url.error();
  if (!workspace->config_path.empty() || !config.admin_token.empty()) {
    if (config.admin_token.empty())
      return Error{ErrorCode::refused, "the configuration has no admin_token: there is no dashboard without one"};
    session.out << *url << "/dashboard/" << *page << '\n';
    session.err << "sign in with the configuration's admin_token\n";
    return kFine;
  }
  const auto store = open_store(*workspace, Need::write);
  if (!store) return store.error();
  const auto link = make_sign_in_link(**store, session.now());
  if (!link) return link.error();
  session.out << link_text(*url, *link, *page) << '\n';
  session.err << "the link signs in once, within ten minutes\n";
  return kFine;
}

}  // namespace

void add_open(Command& app, Session& session) {
  auto flags = std::make_shared<OpenFlags>();
  Command* command = app.add_subcommand("open", "Print a link to the dashboard that signs in once");
  add_flags(*command, flags->database);
  command->add_option("page", flags->page, fmt::format("The page: {}", fmt::join(kPages, ", ")), "PAGE")
      ->check(one_of(kPages));
  command->add_option("name", flags->name, "Of requests and projects: the one to show, by its id or name", "NAME");
  command->add_option(
      "--listen", flags->listen,
      "Where the server listens; unless said, where the one on this database does, or the configuration says",
      "ADDRESS");
  add_example(*command, "gateway open usage");
  command->callback([flags, &session] { finish(session, open(*flags, session)); });
}

}  // namespace gateway::app
