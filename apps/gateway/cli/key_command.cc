#include <fmt/format.h>

#include <memory>
#include <ostream>

#include "app/cli/command_group.h"
#include "app/cli/command_line.h"
#include "app/cli/database.h"
#include "app/cli/env_file.h"
#include "app/cli/flags.h"
#include "app/cli/parser/command.h"
#include "app/cli/remote.h"
#include "app/new_key.h"
#include "app/render/keys.h"
#include "app/values/queries.h"
#include "base/time_text.h"
#include "operations/catalogue.h"
#include "operations/keys.h"

namespace gateway::app {
namespace {

struct KeyFlags {
  DatabaseFlags database;
  ListFlags list;
  RemoteFlags remote;
  const Command* list_command = nullptr;
  std::optional<std::string> project, name, expires, grace, order, unused_for;
  std::string id;
  std::optional<std::string> env_file;
  std::string variable = "GATEWAY_KEY";
  bool json = false;
};

Result<std::optional<WallTime>> expiry_of(const KeyFlags& flags, WallTime now) {
  if (!flags.expires) return std::optional<WallTime>();
  const auto expires = read_later("--expires", *flags.expires, now);
  if (!expires) return expires.error();
  return std::optional(*expires);
}

// The key goes into the file, and is not shown.
Result<void> put_into_file(const operations::NewKey& made, const KeyFlags& flags, Session& session) {
  const auto done = write_env_file(*flags.env_file, flags.variable, made.text);
  if (!done) return done.error();
  for (const std::string& line : *done) session.err << line << '\n';
  if (const std::string_view prefix = public_prefix(flags.variable); !prefix.empty()) {
    session.err << fmt::format(
        "gateway: warning: what begins with {} is put into what browsers load: everybody can read "
        "the key there\n",
        prefix);
  }
  return {};
}

// Nobody wants a key's microseconds.
WallTime this_second(const Session& session) { return std::chrono::floor<std::chrono::seconds>(session.now()); }

// The key is all there is on standard output, so that a shell can take it.
void print_key(const operations::NewKey& made, Session& session) {
  const std::string expires = made.key.expires ? ", until " + rfc3339(*made.key.expires) : "";
  session.out << made.text << '\n';
  session.err << fmt::format("{} of project {}{}; the key is shown this once\n", made.key.id, made.key.project,
                             expires);
}

Outcome create(const KeyFlags& flags, Session& session) {
  const auto expires = expiry_of(flags, this_second(session));
  if (!expires) return expires.error();
  if (auto named = operations::expect_key_name("--name", flags.name.value_or("")); !named) return named.error();
  if (flags.env_file) {
    if (auto sound = expect_variable(flags.variable); !sound) return sound.error();
    if (auto writable = expect_writable(*flags.env_file); !writable) return writable.error();
  }
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  operations::Deployment on{workspace->config, workspace->config_path, workspace->database, nullptr, session.now()};
  // A project of the file may be the first thing there is; any other is in a database already.
  const bool of_file = operations::project_of_file(on, *flags.project) != nullptr;
  const auto store = open_store(*workspace, of_file ? Need::create : Need::write);
  if (!store) return store.error();
  on.store = store->get();
  const operations::KeyRandom random = key_random();
  const auto made = operations::create_key(on, {*flags.project, flags.name.value_or(""), *expires, random});
  if (!made) return made.error();
  if (flags.env_file) {
    if (auto put = put_into_file(*made, flags, session); !put) {
      print_key(*made, session);  // else it would be lost
      return put.error();
    }
    session.err << fmt::format("{} of project {}\n", made->key.id, made->key.project);
  } else if (flags.json) {
    session.out << new_key_object(*made).str() << '\n';
  } else {
    print_key(*made, session);
  }
  return kFine;
}

Outcome list_keys(const KeyFlags& flags, Session& session) {
  auto query = read_key_query(flags.project, flags.order, flags.unused_for, "--");
  if (!query) return std::move(query).error();
  if (flags.remote.url)
    return list_remotely(*flags.list_command, operations::Id::list_keys, flags.remote, flags.list, key_columns(),
                         session);
  query->page.limit = flags.list.limit;
  const auto opened = open_deployment(flags.database, Need::read_if_there, session);
  if (!opened) return opened.error();
  const auto found = operations::list_keys(opened->deployment(), *query);
  if (!found) return found.error();
  auto listing = open_listing(session, flags.list, key_columns());
  if (!listing) return listing.error();
  for (const operations::KeyView& view : found->keys) listing->add(key_cells(view));
  listing->end();
  report_truncation(session, flags.list, found->all);
  return kFine;
}

Outcome revoke(const KeyFlags& flags, Session& session) {
  const auto opened = open_deployment(flags.database, Need::write, session);
  if (!opened) return opened.error();
  const auto key = operations::revoke_key(opened->deployment(), flags.id);
  if (!key) return key.error();
  session.out << fmt::format("{} of project {} is revoked since {}\n", key->id, key->project, rfc3339(*key->revoked));
  return kFine;
}

Outcome rotate(const KeyFlags& flags, Session& session) {
  const auto expires = expiry_of(flags, this_second(session));
  if (!expires) return expires.error();
  std::chrono::milliseconds grace{0};
  if (flags.grace) {
    const auto length = read_duration("--grace", *flags.grace);
    if (!length) return length.error();
    grace = *length;
  }
  const auto opened = open_deployment(flags.database, Need::write, session);
  if (!opened) return opened.error();
  const operations::KeyRandom random = key_random();
  const auto rotated = operations::rotate_key(opened->deployment(), {flags.id, flags.name, *expires, grace, random});
  if (!rotated) return rotated.error();
  if (flags.json) {
    session.out << rotated_key_object(*rotated).str() << '\n';
  } else {
    print_key(rotated->made, session);
    session.err << fmt::format("{} ends at {}\n", rotated->replaced.id, rfc3339(rotated->ends));
  }
  return kFine;
}

}  // namespace

void add_key(Command& app, Session& session) {
  auto flags = std::make_shared<KeyFlags>();
  Command* group = app.add_subcommand("key", "Create, list, revoke and rotate API keys");
  group->require_subcommand();
  const auto add = adder_to(*group, flags, session);
  const auto add_id = [&](Command* command) {
    command->add_option("id", flags->id, "The key's id, as 'gateway key list' shows it", "ID")->required();
  };
  const auto add_shape = [&](Command* command) {  // returns --json
    command->add_option("--name", flags->name, "What to call the key", "NAME");
    command->add_option("--expires", flags->expires, "When it ends: 90d, 12h, or a time", "WHEN");
    return command->add_flag("--json", flags->json, "Print one JSON document");
  };

  Command* create_command =
      add("create", "Make a key and show it, once", "gateway key create --project demo --expires 90d", create);
  create_command->add_option("--project", flags->project, "The project it belongs to", "NAME")->required();
  const Flag* json = add_shape(create_command);
  Flag* env_file =
      create_command
          ->add_option("--env-file", flags->env_file,
                       "Write the key into this file, and make git ignore that, instead of showing it", "FILE")
          ->excludes(json);
  create_command->add_option("--var", flags->variable, "The variable that has the key in --env-file", "NAME")
      ->needs(env_file)
      ->capture_default_str();
  Command* list_command =
      add("list", "List keys, never the keys themselves", "gateway key list --project demo", list_keys);
  flags->list_command = list_command;
  add_flags(*list_command, flags->remote);
  list_command->add_option("--project", flags->project, "Only this project's", "NAME");
  const auto help_of = [](std::string_view name) {
    return std::string(operations::parameter_of(operations::Id::list_keys, name).help);
  };
  list_command->add_option("--order", flags->order, help_of("order"), "ORDER");
  list_command->add_option("--unused-for", flags->unused_for, help_of("unused_for"), "LENGTH");
  add_flags(*list_command, flags->list);
  add_id(add("revoke", "End a key at once", "gateway key revoke key_8Zq3x1LmP0aT", revoke));
  Command* rotate_command =
      add("rotate", "Replace a key by a new one", "gateway key rotate key_8Zq3x1LmP0aT --grace 1h", rotate);
  add_id(rotate_command);
  rotate_command->add_option("--grace", flags->grace,
                             "Keep the old key valid this long (e.g. 1h); default: revoked at once", "LENGTH");
  add_shape(rotate_command);
}

}  // namespace gateway::app
