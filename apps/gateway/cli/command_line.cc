#include "app/cli/command_line.h"

#include <algorithm>
#include <ostream>
#include <string_view>

#include "app/cli/completion.h"
#include "app/cli/manual.h"
#include "app/cli/parser/command.h"
#include "app/cli/parser/command_tree.h"
#include "app/cli/parser/parse.h"
#include "app/render/openapi.h"
#include "app/version.h"

namespace gateway::app {
namespace {

// What is made from the table of commands or of operations; false if the arguments mean something else.
bool print_document(Command& app, const std::vector<std::string>& arguments, Session& session) {
  const std::size_t count = arguments.size();
  if (count == 0) return false;
  if (arguments.front() == "__complete") {
    print_completion(complete(describe(app), {arguments.begin() + 1, arguments.end()}, session), session);
    return true;
  }
  if (arguments.front() == "__pages" && count == 2) {
    const auto written = write_pages(describe(app), arguments[1]);
    finish(session, written ? Outcome(kFine) : Outcome(written.error()));
    return true;
  }
  if (arguments.front() != "help" || count < 2) return false;
  if (arguments[1] == "openapi" && count == 2) {
    session.out << openapi_yaml();
    return true;
  }
  if (arguments[1] == "--json" && count == 2) {
    session.out << help_json(describe(app)) << '\n';
    return true;
  }
  if (arguments[1] != "man" || count > 3) return false;
  for (const ManualPage& page : manual_pages(describe(app))) {
    if (count == 2) session.out << page.name << '\n';
    if (count == 3 && page.name == arguments[2]) return static_cast<bool>(session.out << page.text);
  }
  if (count == 2) return true;
  finish(session, Error{ErrorCode::invalid, "no page '" + arguments[2] + "'; 'gateway help man' lists them"});
  return true;
}

// Words that are no commands of their own: `gateway help key create` is `gateway key create --help`. Returns those that
// may stand where a command does.
std::vector<std::string> rewrite(std::vector<std::string>& arguments) {
  std::vector<std::string> words{"help", "version"};
  if (arguments.empty()) return words;
  if (arguments.front() == "version") arguments.front() = "--version";
  if (arguments.front() != "help") return words;
  words.insert(words.end(), {"openapi", "man"});
  arguments.erase(arguments.begin());
  if (arguments.size() == 1 && (arguments[0] == "help" || arguments[0] == "version")) arguments.clear();
  arguments.emplace_back("--help");
  return words;
}

}  // namespace

int run(std::vector<std::string> arguments, Session& session) {
  Command app("gateway",
              "An LLM gateway: projects, keys, limits, spend caps and an exact ledger in front of any provider");
  const auto version_text = [] { return "gateway " + program_version() + "\n" + library_versions(); };
  app.set_version_flag("-v,--version", version_text, "Print the version; 'gateway version' too");
  app.footer(
      "'gateway help COMMAND' explains a command; 'gateway help --json' prints all commands as JSON, 'gateway help man "
      "PAGE' a manual page, 'gateway help openapi' the administration's OpenAPI.");
  app.require_subcommand();
  add_serve(app, session);
  add_open(app, session);
  add_reload(app, session);
  add_check(app, session);
  add_config(app, session);
  add_explain(app, session);
  add_simulate(app, session);
  add_diff(app, session);
  add_project(app, session);
  add_key(app, session);
  add_usage(app, session);
  add_requests(app, session);
  add_request(app, session);
  add_budget(app, session);
  add_why(app, session);
  add_init(app, session);
  add_doctor(app, session);
  add_sample(app, session);
  add_chat(app, session);
  add_top(app, session);
  add_completion(app, session);
  add_ledger(app, session);
  add_prices(app, session);
  add_reconcile(app, session);
  add_mcp(app, session);

  session.status = kFine;
  if (const auto format = session.environment("GATEWAY_FORMAT"); format && !format->empty()) {
    if (const auto known = set_default(app, "--format", *format); !known) {
      finish(session, Error{ErrorCode::invalid, "GATEWAY_FORMAT" + known.error().detail});
      return session.status;
    }
  }
  session.json_errors = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
  if (print_document(app, arguments, session)) return session.status;
  const std::vector<std::string> words = rewrite(arguments);
  const auto text = parse(app, arguments, words);
  if (!text) finish(session, text.error());
  if (text) session.out << *text;
  return session.status;
}

}  // namespace gateway::app
