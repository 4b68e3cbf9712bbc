// Reading commands that ask a server's administration instead of the database.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/flags.h"
#include "operations/catalogue.h"

namespace gateway::app {

struct RemoteFlags {
  std::optional<std::string> url;  // absent: the database is read
  std::string token_variable = "GATEWAY_ADMIN_TOKEN";
};
// --url and --token-env, with what each is for.
void add_flags(
    Command& command, RemoteFlags& flags,
    const char* url_help = "Ask the server there, through its administration, instead of the database",
    const char* token_help =
        "The environment variable that has its token, or the key of a project to read what is that one's own");

// With --url these flags mean nothing. Errors: invalid.
Result<void> expect_without(const Command& command, const std::vector<std::string>& flags);
// For a path or a query.
std::string percent_encoded(std::string_view text);

// `data` of what GET /admin/v1/PATH answers, as JSON. Errors: invalid (no token), not_found, refused (any other status
// but 200, with the server's message), unreachable and the like.
Result<std::string> remote_document(const RemoteFlags& remote, const std::string& path, Session& session);
// `data` of what any call of the administration answers with 2xx. Errors: invalid (the token is empty), and as above.
Result<std::string> remote_call(const RemoteFlags& remote, const std::string& token, std::string_view method,
                                const std::string& path, const std::string& body = {});
// The entries of a list, each as JSON, page after page. `limit` 0: all.
Result<std::vector<std::string>> remote_entries(const RemoteFlags& remote, const std::string& path, std::int64_t limit,
                                                Session& session);

// The list that the operation answers with, as the command would print it from the database. The command's flags become
// the parameters of their name. Errors: invalid (a flag that the operation has no parameter for), refused (any status
// but 200, with the server's message), unreachable and the like.
Outcome list_remotely(const Command& command, operations::Id id, const RemoteFlags& remote, const ListFlags& list,
                      std::vector<Column> columns, Session& session);

}  // namespace gateway::app
