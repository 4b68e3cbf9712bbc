#include <limits>
#include <memory>

#include "app/cli/command_line.h"
#include "app/cli/flags.h"
#include "app/cli/parser/check.h"
#include "app/cli/parser/command.h"
#include "app/serve.h"

namespace gateway::app {

void add_serve(Command& app, Session& session) {
  auto flags = std::make_shared<ServeOptions>();
  Command* command = app.add_subcommand("serve", "Run the server");
  command->add_option("-c,--config", flags->config_path, "The configuration file; gateway.yaml if it exists", "FILE");
  command->add_option("--database", flags->database, "The database, before the configuration's: sqlite:FILE or FILE",
                      "DATABASE");
  command
      ->add_option("--listen", flags->listen, "Where to listen, before the configuration's; may be given again",
                   "ADDRESS")
      ->one_value();
  command->add_option("--workers", flags->workers, "Threads that serve; 0: one for each core", "N")
      ->check(whole_number(0, 1024));
  command->add_option("--log-format", flags->log_format, "logfmt or json", "FORMAT")
      ->check(enum_of({"logfmt", "json"}));
  command->add_flag("--demo", flags->demo, "Serve simulated providers and a ledger of 30 days of simulated traffic");
  command->add_flag("--debug", flags->debug, "Log more");
  const auto add_pause = [command](const char* name, auto take) {
    command
        ->add_number(
            name, [take](std::int64_t ms) { take(std::chrono::milliseconds(ms)); }, "", "N")
        ->check(whole_number(1, std::numeric_limits<std::int64_t>::max()))
        ->hidden();
  };
  add_pause("--reconcile-every-ms", [flags](auto pause) { flags->reconcile_every = pause; });
  add_pause("--sweep-every-ms", [flags](auto pause) { flags->sweep_every = pause; });
  add_example(*command, "gateway serve -c gateway.yaml");
  command->callback([flags, command, &session] {
    if (flags->demo && command->count("--config") + command->count("--database") > 0)
      return finish(session, usage_error("--demo: it has a configuration and a ledger of its own"));
    session.status = serve(*flags);
  });
}

}  // namespace gateway::app
