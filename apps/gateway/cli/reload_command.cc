#include <fmt/format.h>

#include <memory>
#include <ostream>

#include "app/cli/command_line.h"
#include "app/cli/database.h"
#include "app/cli/flags.h"
#include "app/cli/members.h"
#include "app/cli/parser/check.h"
#include "app/cli/parser/command.h"
#include "app/cli/remote.h"
#include "app/cli/server_url.h"
#include "operations/catalogue.h"

namespace gateway::app {
namespace {

struct ReloadFlags {
  DatabaseFlags database;
  RemoteFlags remote;
  std::optional<int> percent;
  std::string of;
  bool back = false;
  bool json = false;
};

// Where the administration is, and its token: the environment's, else the configuration's.
Result<RemoteFlags> reached(const ReloadFlags& flags, std::string& token, Session& session) {
  RemoteFlags remote = flags.remote;
  token = session.environment(remote.token_variable).value_or("");
  if (remote.url) return remote;
  const auto workspace = find_workspace(flags.database, session);
  if (!workspace) return workspace.error();
  auto url = administration_url(*workspace);
  if (!url) return std::move(url).error();
  remote.url = std::move(*url);
  if (token.empty()) token = workspace->config.admin_token.reveal();
  return remote;
}

std::string query_of(const ReloadFlags& flags) {
  if (flags.back) return "?back=yes";
  if (!flags.percent) return {};
  return fmt::format("?percent={}{}", *flags.percent, flags.of.empty() ? "" : "&of=" + flags.of);
}

std::string outcome_text(const Members& answer, bool back) {
  std::string text;
  if (answer.has("staged")) {
    const Members staged(answer.at("staged"));
    text = fmt::format("the file serves {} % of the {} beside the configuration in force\n", staged.number("percent"),
                       staged.text("of"));
  } else {
    text = back ? "the configuration in force serves all requests\n" : "configuration reloaded\n";
  }
  answer.each("after_restart", [&text](simdjson::dom::element key) {
    std::string_view name;
    if (key.get(name) == simdjson::SUCCESS)
      text += fmt::format("{}: changed in the file, takes effect after a restart\n", name);
  });
  return text;
}

Outcome reload(const ReloadFlags& flags, const Command& command, Session& session) {
  if (flags.remote.url) {
    if (auto sound = expect_without(command, {"--config", "--database"}); !sound) return sound.error();
  }
  if (flags.back && flags.percent) return usage_error("--back: not with --percent");
  if (!flags.of.empty() && !flags.percent) return usage_error("--of: only with --percent");
  std::string token;
  const auto remote = reached(flags, token, session);
  if (!remote) return remote.error();
  const auto answer = remote_call(*remote, token, "POST", "reload" + query_of(flags));
  if (!answer) return answer.error();
  if (flags.json) {
    session.out << *answer << '\n';
    return kFine;
  }
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(*answer).get(root) != simdjson::SUCCESS)
    return Error{ErrorCode::protocol, "the answer is none of an administration"};
  session.out << outcome_text(Members(root), flags.back);
  return kFine;
}

}  // namespace

void add_reload(Command& app, Session& session) {
  const auto help = [](std::string_view parameter) {
    return std::string(operations::parameter_of(operations::Id::reload, parameter).help);
  };
  auto flags = std::make_shared<ReloadFlags>();
  Command* command = app.add_subcommand(
      "reload", "Have the running server read its configuration file again, for all requests or a share of them");
  add_flags(*command, flags->database);
  add_flags(*command, flags->remote,
            "The server's administration; unless said, that of the one that runs on the configuration's database",
            "The environment variable that has its token; unless set, the configuration's");
  command->add_option("--percent", flags->percent, help("percent"), "N")->check(whole_number(1, 100));
  command->add_option("--of", flags->of, help("of"), "WHAT")->check(one_of({"requests", "projects"}));
  command->add_flag("--back", flags->back, help("back"));
  command->add_flag("--json", flags->json, "Print one JSON document");
  add_example(*command, "gateway reload --percent 5");
  command->callback([flags, command, &session] { finish(session, reload(*flags, *command, session)); });
}

}  // namespace gateway::app
