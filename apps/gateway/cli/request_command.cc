#include <memory>
#include <ostream>

#include "app/cli/command_line.h"
#include "app/cli/database.h"
#include "app/cli/flags.h"
#include "app/cli/parser/command.h"
#include "app/cli/remote_views.h"
#include "app/cli/screen.h"
#include "app/render/request_view.h"
#include "operations/one_request.h"

namespace gateway::app {
namespace {

struct RequestFlags {
  DatabaseFlags database;
  RemoteFlags remote;
  std::string id;
  bool ascii = false;
  bool json = false;
};

Result<operations::RequestView> find_remotely(const RequestFlags& flags, const Command& command, Session& session) {
  if (auto sound = expect_without(command, {"--config", "--database"}); !sound) return sound.error();
  operations::RequestView view;
  if (!RequestId::parse(flags.id, view.id))
    return usage_error(
        "a request's id: expected one such as req_01M8GN6NM2000PS5HDTWFMMX0E; a client's own is not known with --url");
  auto rows = remote_rows(flags.remote, "requests?request=" + percent_encoded(flags.id), session);
  if (!rows) return std::move(rows).error();
  // Why there is none is what the other call says.
  if (rows->empty()) {
    const auto none = remote_document(flags.remote, "requests/" + percent_encoded(flags.id), session);
    return none ? Error{ErrorCode::not_found, "there is no such request"} : none.error();
  }
  return operations::view_of(view.id, std::move(*rows));
}

Result<operations::RequestView> find(const RequestFlags& flags, Session& session) {
  const auto opened = open_deployment(flags.database, Need::read, session);
  if (!opened) return opened.error();
  return operations::find_request(opened->deployment(), flags.id);
}

Outcome show(const RequestFlags& flags, const Command& command, Session& session) {
  const auto view = flags.remote.url ? find_remotely(flags, command, session) : find(flags, session);
  if (!view) return view.error();
  const Screen screen = screen_of(session);
  session.out << (flags.json ? request_json(*view) + "\n"
                             : request_text(*view, session.now(), {screen.columns, screen.colour, flags.ascii}));
  return kFine;
}

}  // namespace

void add_request(Command& app, Session& session) {
  auto flags = std::make_shared<RequestFlags>();
  Command* command = app.add_subcommand(
      "request", "Show one request: its attempts and their times, what it cost, and why it was retried");
  add_flags(*command, flags->database);
  add_flags(*command, flags->remote);
  command->add_option("id", flags->id, "The request's id as in x-request-id, or the client's own", "ID")->required();
  command->add_flag("--ascii", flags->ascii, "Draw with ASCII characters alone");
  command->add_flag("--json", flags->json, "Print one JSON document");
  add_example(*command, "gateway request req_01M8GN6NM2000PS5HDTWFMMX0E");
  command->callback([flags, command, &session] { finish(session, show(*flags, *command, session)); });
}

}  // namespace gateway::app
