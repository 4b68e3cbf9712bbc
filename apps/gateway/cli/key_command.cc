#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <ostream>

#include "app/cli/command_line.h"
#include "app/cli/flags.h"
#include "app/cli/json_out.h"
#include "app/cli/new_key.h"
#include "app/database.h"
#include "base/key_life.h"
#include "base/time_text.h"

namespace gateway::app {
namespace {

constexpr std::size_t kLongestName = 128;

struct Flags {
  DatabaseFlags database;
  ListFlags list;
  std::optional<std::string> project, name, expires, grace;
  std::string id;
  bool json = false;
};

struct Opened {
  Workspace workspace;
  std::unique_ptr<Store> store;
};

Result<Opened> open(const Flags& flags, Need need, Session& session) {
  auto workspace = find_workspace(flags.database, session);
  if (!workspace) return std::move(workspace).error();
  auto store = open_store(*workspace, need);
  if (!store) return std::move(store).error();
  return Opened{std::move(*workspace), std::move(*store)};
}

// Nobody wants a key's microseconds.
WallTime this_second(const Session& session) { return std::chrono::floor<std::chrono::seconds>(session.now()); }

Error no_key(const Error& error, const std::string& id) {
  if (error.code != ErrorCode::not_found) return error;
  return Error{ErrorCode::not_found, fmt::format("no key with the id '{}'; see 'gateway key list'", id)};
}

Result<ApiKey> find_key(Tenants& stored, const std::string& id) {
  auto tenants = stored.tenants();
  if (!tenants) return std::move(tenants).error();
  for (ApiKey& key : tenants->keys) {
    if (key.id == id) return std::move(key);
  }
  return no_key({ErrorCode::not_found, {}}, id);
}

Result<std::optional<WallTime>> expiry_of(const Flags& flags, WallTime now) {
  if (!flags.expires) return std::optional<WallTime>();
  const auto expires = read_expiry("--expires", *flags.expires, now);
  if (!expires) return expires.error();
  if (*expires <= now) {
    return usage_error(fmt::format("--expires: expected a time to come, found '{}'", *flags.expires));
  }
  return std::optional(*expires);
}

json::Object key_object(const NewKey& made) {
  json::Object object;
  object.add("id", json::text(made.key.id))
      .add("key", json::text(made.text))
      .add("project", json::text(made.key.project))
      .add("name", json::text(made.key.name))
      .add("created", json::time(made.key.created))
      .add("expires", json::optional(made.key.expires, json::time));
  return object;
}

// The key is all there is on standard output, so that a shell can take it.
void print_key(const NewKey& made, Session& session) {
  const std::string expires = made.key.expires ? ", until " + rfc3339(*made.key.expires) : "";
  session.out << made.text << '\n';
  session.err << fmt::format("{} of project {}{}; the key is shown this once\n", made.key.id, made.key.project,
                             expires);
}

Outcome create(const Flags& flags, Session& session) {
  const WallTime now = this_second(session);
  const auto expires = expiry_of(flags, now);
  if (!expires) return expires.error();
  if (flags.name && flags.name->size() > kLongestName) return usage_error("--name: expected at most 128 characters");
  auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  // A project of the file may be the first thing there is; any other is in a database already.
  const bool of_file = project_of_file(*workspace, *flags.project) != nullptr;
  const auto store = open_store(*workspace, of_file ? Need::create : Need::write);
  if (!store) return store.error();
  const auto project = find_project(*workspace, store->get(), *flags.project);
  if (!project) return project.error();
  const NewKey made = make_key(project->name, flags.name.value_or(""), now, *expires);
  if (auto put = (*store)->put_key(made.key, !of_file); !put) return put.error();
  if (flags.json) {
    session.out << key_object(made).str() << '\n';
  } else {
    print_key(made, session);
  }
  return kFine;
}

Outcome list(const Flags& flags, Session& session) {
  const auto opened = open(flags, Need::read_if_there, session);
  if (!opened) return opened.error();
  TenantChange tenants;
  if (opened->store) {
    auto read = opened->store->tenants();
    if (!read) return read.error();
    tenants = std::move(*read);
  }
  std::vector<ApiKey>& keys = tenants.keys;
  if (flags.project) {
    const bool has_keys =
        std::any_of(keys.begin(), keys.end(), [&](const ApiKey& k) { return k.project == *flags.project; });
    const auto project = find_project(opened->workspace, opened->store.get(), *flags.project);
    if (!project && !has_keys) return project.error();  // the keys of a deleted one stay
    keys.erase(std::remove_if(keys.begin(), keys.end(), [&](const ApiKey& k) { return k.project != *flags.project; }),
               keys.end());
  }
  std::sort(keys.begin(), keys.end(), [](const ApiKey& a, const ApiKey& b) {
    return std::tie(a.project, a.created, a.id) < std::tie(b.project, b.created, b.id);
  });
  Listing listing(session.out, flags.list.format,
                  {{"id"}, {"project"}, {"name"}, {"state"}, {"created"}, {"expires"}, {"revoked"}});
  for (const ApiKey& key : keys) {
    if (flags.list.limit != 0 && listing.rows() == static_cast<std::size_t>(flags.list.limit)) break;
    listing.add({cell(key.id), cell(key.project), cell(key.name), cell(state_of(key, session.now())), cell(key.created),
                 cell(key.expires), cell(key.revoked)});
  }
  listing.end();
  tell_cut(session, flags.list, keys.size());
  return kFine;
}

Outcome revoke(const Flags& flags, Session& session) {
  const auto opened = open(flags, Need::write, session);
  if (!opened) return opened.error();
  const WallTime now = this_second(session);
  const auto key = opened->store->end_key(flags.id, now, now);
  if (!key) return no_key(key.error(), flags.id);
  session.out << fmt::format("{} of project {} is revoked since {}\n", key->id, key->project, rfc3339(*key->revoked));
  return kFine;
}

Outcome rotate(const Flags& flags, Session& session) {
  const WallTime now = this_second(session);
  auto expires = expiry_of(flags, now);
  if (!expires) return expires.error();
  std::chrono::milliseconds grace{0};
  if (flags.grace) {
    const auto length = read_duration("--grace", *flags.grace);
    if (!length) return length.error();
    grace = *length;
  }
  const auto opened = open(flags, Need::write, session);
  if (!opened) return opened.error();
  const auto old = find_key(*opened->store, flags.id);
  if (!old) return old.error();
  const auto project = find_project(opened->workspace, opened->store.get(), old->project);
  if (!project && state_of(*old, now) == kActiveKey) return project.error();
  // By default the new key lives as long as the old one was to.
  if (!*expires && old->expires) *expires = now + (*old->expires - old->created);

  const NewKey made = make_key(old->project, flags.name.value_or(old->name), now, *expires);
  const auto ended = opened->store->rotate_key(flags.id, made.key, now + grace, now);
  if (!ended && ended.error().code == ErrorCode::refused) {
    return Error{ErrorCode::refused, ended.error().detail + "; 'gateway key create' makes a new one"};
  }
  if (!ended) return no_key(ended.error(), flags.id);
  const WallTime ends = ended->revoked ? *ended->revoked : *ended->expires;
  if (flags.json) {
    session.out << key_object(made).add("replaces", json::text(ended->id)).add("replaced_until", json::time(ends)).str()
                << '\n';
  } else {
    print_key(made, session);
    session.err << fmt::format("{} ends at {}\n", ended->id, rfc3339(ends));
  }
  return kFine;
}

}  // namespace

void add_key(CLI::App& app, Session& session) {
  auto flags = std::make_shared<Flags>();
  CLI::App* group = app.add_subcommand("key", "Create, list, revoke and rotate API keys");
  group->require_subcommand(1);
  const auto add = [&](const char* name, const char* description, const char* example, auto run_it) {
    CLI::App* command = group->add_subcommand(name, description);
    add_flags(*command, flags->database);
    add_example(*command, example);
    command->callback([flags, &session, run_it] { finish(session, run_it(*flags, session)); });
    return command;
  };
  const auto add_id = [&](CLI::App* command) {
    command->add_option("id", flags->id, "The key's id, as 'gateway key list' shows it")->required()->type_name("ID");
  };
  const auto add_shape = [&](CLI::App* command) {
    command->add_option("--name", flags->name, "What to call the key")->type_name("NAME");
    command->add_option("--expires", flags->expires, "When it ends: 90d, 12h, or a time")->type_name("WHEN");
    command->add_flag("--json", flags->json, "Print one JSON document");
  };

  CLI::App* create_command =
      add("create", "Make a key and show it, once", "gateway key create --project demo --expires 90d", create);
  create_command->add_option("--project", flags->project, "The project it belongs to")->required()->type_name("NAME");
  add_shape(create_command);
  CLI::App* list_command = add("list", "List keys, never the keys themselves", "gateway key list --project demo", list);
  list_command->add_option("--project", flags->project, "Only this project's")->type_name("NAME");
  add_flags(*list_command, flags->list);
  add_id(add("revoke", "End a key at once", "gateway key revoke key_8Zq3x1LmP0aT", revoke));
  CLI::App* rotate_command =
      add("rotate", "Replace a key by a new one", "gateway key rotate key_8Zq3x1LmP0aT --grace 1h", rotate);
  add_id(rotate_command);
  rotate_command
      ->add_option("--grace", flags->grace, "Keep the old key valid this long (e.g. 1h); default: revoked at once")
      ->type_name("LENGTH");
  add_shape(rotate_command);
}

}  // namespace gateway::app
