// Reading commands that ask a server's administration instead of the database.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/cli/flags.h"
#include "operations/catalogue.h"

namespace gateway::app {

struct RemoteFlags {
  std::optional<std::string> url;  // absent: the database is read
  std::string token_variable = "GATEWAY_ADMIN_TOKEN";
};
// --url and --token-env.
void add_flags(CLI::App& command, RemoteFlags& flags);

// The list that the operation answers with, as the command would print it from the database. The command's flags become
// the parameters of their name. Errors: invalid (a flag that the operation has no parameter for), refused (any status
// but 200, with the server's message), unreachable and the like.
Outcome list_remotely(const CLI::App& command, operations::Id id, const RemoteFlags& remote, const ListFlags& list,
                      std::vector<Column> columns, Session& session);

}  // namespace gateway::app
