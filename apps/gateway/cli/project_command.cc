#include <fmt/format.h>

#include <memory>
#include <ostream>

#include "app/cli/command_group.h"
#include "app/cli/command_line.h"
#include "app/cli/database.h"
#include "app/cli/flags.h"
#include "app/cli/parser/command.h"
#include "app/cli/project_flags.h"
#include "app/cli/remote_views.h"
#include "app/project_lines.h"
#include "app/render/project_view.h"
#include "base/names.h"
#include "operations/projects.h"

namespace gateway::app {
namespace {

struct ProjectCommandFlags {
  DatabaseFlags database;
  ListFlags list;
  RemoteFlags remote;
  const Command *list_command = nullptr, *show_command = nullptr;
  ProjectTexts project;
  std::string name;
  std::optional<std::string> if_match;
  bool json = false;
};

Outcome show(const operations::ProjectView& view, bool as_json, Session& session) {
  session.out << (as_json ? project_json(view) + "\n" : project_text(view));
  return kFine;
}

Outcome create_or_set(const ProjectCommandFlags& flags, bool create, Session& session) {
  auto change = read_project_change(flags.project);
  if (!change) return change.error();
  if (!names::is_name(flags.name)) {
    return usage_error(fmt::format("a project's name: expected {}, found '{}'", names::kNameExpected, flags.name));
  }
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  // Before a database is made for it.
  operations::Deployment on{workspace->config, workspace->config_path, workspace->database, nullptr, session.now()};
  if (auto allowed = operations::expect_changeable(on, flags.name); !allowed) return allowed.error();
  const auto store = open_store(*workspace, create ? Need::create : Need::write);
  if (!store) return store.error();
  on.store = store->get();
  const operations::ProjectWrite request{flags.name, std::move(*change), flags.if_match};
  const auto view = create ? operations::create_project(on, request) : operations::set_project(on, request);
  if (!view) return view.error();
  if (!create && is_empty(flags.project) && !flags.json)
    session.err << "gateway: nothing is changed: no flag says what, such as --cap 50/month\n";
  return show(*view, flags.json, session);
}

Outcome show_remotely(const ProjectCommandFlags& flags, Session& session) {
  if (auto sound = expect_without(*flags.show_command, {"--config", "--database"}); !sound) return sound.error();
  const auto document = remote_document(flags.remote, "projects/" + percent_encoded(flags.name), session);
  if (!document) return document.error();
  session.out << (flags.json ? *document + "\n" : project_text(project_view_of(*document)));
  return kFine;
}

Outcome list_all_remotely(const ProjectCommandFlags& flags, Session& session) {
  if (auto sound = expect_without(*flags.list_command, {"--config", "--database"}); !sound) return sound.error();
  const std::int64_t limit = flags.list.limit;
  const auto entries = remote_entries(flags.remote, "projects", limit == 0 ? 0 : limit + 1, session);
  if (!entries) return entries.error();
  auto listing = open_listing(session, flags.list, project_columns());
  if (!listing) return listing.error();
  for (const std::string& each : *entries) {
    if (limit != 0 && static_cast<std::int64_t>(listing->rows()) == limit) break;
    listing->add(project_cells(project_view_of(each)), each);
  }
  listing->end();
  if (entries->size() > listing->rows())
    session.err << fmt::format("gateway: {} shown, there are more; --limit 0 shows all\n", listing->rows());
  return kFine;
}

Outcome show_one(const ProjectCommandFlags& flags, Session& session) {
  if (flags.remote.url) return show_remotely(flags, session);
  const auto opened = open_deployment(flags.database, Need::read_if_there, session);
  if (!opened) return opened.error();
  auto view = operations::show_project(opened->deployment(), flags.name);
  if (!view) return view.error();
  find_lines({&*view, 1});
  return show(*view, flags.json, session);
}

Outcome remove(const ProjectCommandFlags& flags, Session& session) {
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  operations::Deployment on{workspace->config, workspace->config_path, workspace->database, nullptr, session.now()};
  if (auto allowed = operations::expect_changeable(on, flags.name); !allowed) return allowed.error();
  const auto store = open_store(*workspace, Need::write);
  if (!store) return store.error();
  on.store = store->get();
  if (auto deleted = operations::delete_project(on, flags.name); !deleted) return deleted.error();
  session.out << fmt::format("project {} is deleted, its keys are revoked; its rows stay in the ledger\n", flags.name);
  return kFine;
}

Outcome list_projects(const ProjectCommandFlags& flags, Session& session) {
  if (flags.remote.url) return list_all_remotely(flags, session);
  const auto opened = open_deployment(flags.database, Need::read_if_there, session);
  if (!opened) return opened.error();
  auto found = operations::list_projects(opened->deployment(), {.limit = flags.list.limit});
  if (!found) return found.error();
  find_lines(found->projects);
  auto listing = open_listing(session, flags.list, project_columns());
  if (!listing) return listing.error();
  for (const operations::ProjectView& view : found->projects) listing->add(project_cells(view), project_json(view));
  listing->end();
  report_truncation(session, flags.list, found->all);
  return kFine;
}

}  // namespace

void add_project(Command& app, Session& session) {
  auto flags = std::make_shared<ProjectCommandFlags>();
  Command* group = app.add_subcommand("project", "Create, list, show, change and delete projects");
  group->require_subcommand();
  const auto add = adder_to(*group, flags, session);
  const auto add_name = [&](Command* command) {
    command->add_option("name", flags->name, "The project's name", "NAME")->required();
  };
  const auto add_json = [&](Command* command) { command->add_flag("--json", flags->json, "Print one JSON document"); };

  for (const bool create : {true, false}) {
    Command* command =
        create ? add("create", "Make a project in the database", "gateway project create demo --rpm 600 --cap 25/month",
                     [](const ProjectCommandFlags& f, Session& s) { return create_or_set(f, true, s); })
               : add("set", "Change a project of the database", "gateway project set demo --cap 50/month --rpm none",
                     [](const ProjectCommandFlags& f, Session& s) { return create_or_set(f, false, s); });
    add_name(command);
    add_flags(*command, flags->project);
    add_json(command);
    if (create) continue;
    command->add_option("--if-match", flags->if_match,
                        "Change it only if it still has this version, as --json printed it", "VERSION");
  }
  Command* list_command = add("list", "List all projects", "gateway project list --json", list_projects);
  flags->list_command = list_command;
  add_flags(*list_command, flags->remote);
  add_flags(*list_command, flags->list);
  Command* show_command =
      add("show", "Show a project, its limits and what it has spent", "gateway project show demo", show_one);
  flags->show_command = show_command;
  add_flags(*show_command, flags->remote);
  add_name(show_command);
  add_json(show_command);
  add_name(add("delete", "Delete a project and revoke its keys", "gateway project delete demo", remove));
}

}  // namespace gateway::app
