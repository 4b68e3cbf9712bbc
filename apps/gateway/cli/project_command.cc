#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "app/cli/command_line.h"
#include "app/cli/flags.h"
#include "app/cli/project_flags.h"
#include "app/cli/project_view.h"
#include "app/database.h"
#include "base/names.h"

namespace gateway::app {
namespace {

struct Flags {
  DatabaseFlags database;
  ListFlags list;
  ProjectFlags project;
  std::string name;
  std::optional<std::string> if_match;
  bool json = false;
};

constexpr int kMaxTries = 100;

// The file is the authority for what it names.
Result<void> refuse_of_file(const Workspace& workspace, const std::string& name) {
  if (project_of_file(workspace, name) == nullptr) return {};
  return Error{ErrorCode::refused, fmt::format("project '{}' is defined in {}, under 'projects'; change it there", name,
                                               workspace.config_path)};
}

std::string source_of(const ProjectConfig& project, const Workspace& workspace) {
  return project.from_file ? workspace.config_path : workspace.database;
}

Outcome show(const ProjectConfig& project, const Workspace& workspace, Store* store, bool as_json, Session& session) {
  const auto states = cap_states(project, store, session.now());
  if (!states) return states.error();
  session.out << (as_json ? project_json(project, *states) + "\n"
                          : project_text(project, *states, source_of(project, workspace)));
  return kFine;
}

// Changes what is stored by then: if another changes it in between, the flags are applied to what that one made of it.
Result<ProjectConfig> change(const Flags& flags, const Workspace& workspace, Tenants& tenants) {
  for (int tries = 1;; ++tries) {
    const auto found = find_project(workspace, &tenants, flags.name);
    if (!found) return found.error();
    if (flags.if_match && *flags.if_match != version_of(*found)) {
      return Error{ErrorCode::conflict, fmt::format("project '{}' was changed since it was read: it has version {} now",
                                                    flags.name, version_of(*found))};
    }
    ProjectConfig project = *found;
    if (auto applied = apply(flags.project, project); !applied) return applied.error();
    auto put = tenants.put_project(project, &*found);
    if (put) return project;
    if (put.error().code != ErrorCode::conflict || tries == kMaxTries) return std::move(put).error();
  }
}

Outcome create_or_set(const Flags& flags, bool create, Session& session) {
  if (!names::is_name(flags.name)) {
    return usage_error(fmt::format("a project's name: expected {}, found '{}'", names::kNameExpected, flags.name));
  }
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  if (auto allowed = refuse_of_file(*workspace, flags.name); !allowed) return allowed.error();
  ProjectConfig project;
  project.name = flags.name;
  if (create) {
    if (auto applied = apply(flags.project, project); !applied) return applied.error();
  }
  const auto store = open_store(*workspace, create ? Need::create : Need::write);
  if (!store) return store.error();
  if (!create) {
    auto changed = change(flags, *workspace, **store);
    if (!changed) return changed.error();
    project = std::move(*changed);
  } else if (auto put = (*store)->put_project(project, nullptr); !put) {
    if (put.error().code != ErrorCode::exists) return put.error();
    return Error{ErrorCode::exists,
                 fmt::format("project '{}' exists already; 'gateway project set' changes it", flags.name)};
  }
  return show(project, *workspace, store->get(), flags.json, session);
}

Outcome show_one(const Flags& flags, Session& session) {
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  const auto store = open_store(*workspace, Need::read_if_there);
  if (!store) return store.error();
  const auto project = find_project(*workspace, store->get(), flags.name);
  if (!project) return project.error();
  return show(*project, *workspace, store->get(), flags.json, session);
}

Outcome remove(const Flags& flags, Session& session) {
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  if (auto allowed = refuse_of_file(*workspace, flags.name); !allowed) return allowed.error();
  const auto store = open_store(*workspace, Need::write);
  if (!store) return store.error();
  const auto project = find_project(*workspace, store->get(), flags.name);
  if (!project) return project.error();
  if (auto deleted = (*store)->delete_project(flags.name); !deleted) return deleted.error();
  session.out << fmt::format("project {} is deleted, its keys are revoked; its rows stay in the ledger\n", flags.name);
  return kFine;
}

Outcome list(const Flags& flags, Session& session) {
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  const auto store = open_store(*workspace, Need::read_if_there);
  if (!store) return store.error();
  const auto projects = all_projects(*workspace, store->get());
  if (!projects) return projects.error();
  Listing listing(session.out, flags.list.format, {{"name"}, {"defined"}, {"models"}, {"limits"}, {"caps"}});
  for (const ProjectConfig& project : *projects) {
    if (flags.list.limit != 0 && listing.rows() == static_cast<std::size_t>(flags.list.limit)) break;
    const auto states = cap_states(project, store->get(), session.now());
    if (!states) return states.error();
    listing.add({cell(project.name), cell(source_of(project, *workspace)),
                 cell(project.models.empty() ? "all" : cell(project.models).text), cell(limits_text(project.limits)),
                 cell(caps_text(project.spend))},
                project_json(project, *states));
  }
  listing.end();
  tell_cut(session, flags.list, projects->size());
  return kFine;
}

}  // namespace

void add_project(CLI::App& app, Session& session) {
  auto flags = std::make_shared<Flags>();
  CLI::App* group = app.add_subcommand("project", "Create, list, show, change and delete projects");
  group->require_subcommand(1);
  const auto add = [&](const char* name, const char* description, const char* example, auto run_it) {
    CLI::App* command = group->add_subcommand(name, description);
    add_flags(*command, flags->database);
    add_example(*command, example);
    command->callback([flags, &session, run_it] { finish(session, run_it(*flags, session)); });
    return command;
  };
  const auto add_name = [&](CLI::App* command) {
    command->add_option("name", flags->name, "The project's name")->required()->type_name("NAME");
  };
  const auto add_json = [&](CLI::App* command) { command->add_flag("--json", flags->json, "Print one JSON document"); };

  for (const bool create : {true, false}) {
    CLI::App* command =
        create ? add("create", "Make a project in the database", "gateway project create demo --rpm 600 --cap 25/month",
                     [](const Flags& f, Session& s) { return create_or_set(f, true, s); })
               : add("set", "Change a project of the database", "gateway project set demo --cap 50/month --rpm none",
                     [](const Flags& f, Session& s) { return create_or_set(f, false, s); });
    add_name(command);
    add_flags(*command, flags->project);
    add_json(command);
    if (create) continue;
    command
        ->add_option("--if-match", flags->if_match, "Change it only if it still has this version, as --json printed it")
        ->type_name("VERSION");
  }
  CLI::App* list_command = add("list", "List all projects", "gateway project list --json", list);
  add_flags(*list_command, flags->list);
  CLI::App* show_command =
      add("show", "Show a project, its limits and what it has spent", "gateway project show demo", show_one);
  add_name(show_command);
  add_json(show_command);
  add_name(add("delete", "Delete a project and revoke its keys", "gateway project delete demo", remove));
}

}  // namespace gateway::app
