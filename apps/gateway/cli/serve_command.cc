#include <memory>

#include "app/cli/command_line.h"
#include "app/cli/flags.h"
#include "app/cli/validators.h"
#include "app/serve.h"

namespace gateway::app {

void add_serve(CLI::App& app, Session& session) {
  auto flags = std::make_shared<ServeOptions>();
  CLI::App* command = app.add_subcommand("serve", "Run the server");
  command->add_option("-c,--config", flags->config_path, "The configuration file; gateway.yaml if it exists")
      ->type_name("FILE");
  command->add_option("--database", flags->database, "The database, before the configuration's: sqlite:FILE or FILE")
      ->type_name("DATABASE");
  command->add_option("--listen", flags->listen, "Where to listen, before the configuration's; may be given again")
      ->type_name("ADDRESS")
      ->allow_extra_args(false);
  command->add_option("--workers", flags->workers, "Threads that serve; 0: one for each core")
      ->type_name("N")
      ->check(whole_number(0, 1024));
  command->add_option("--log-format", flags->log_format, "logfmt or json")
      ->transform(enum_of({"logfmt", "json"}))
      ->type_name("FORMAT");
  command->add_flag("--demo", flags->demo, "Serve simulated providers and a ledger of 30 days of simulated traffic");
  command->add_flag("--debug", flags->debug, "Log more");
  command
      ->add_option_function<std::int64_t>(
          "--reconcile-every-ms", [flags](std::int64_t ms) { flags->reconcile_every = std::chrono::milliseconds(ms); })
      ->check(CLI::PositiveNumber)
      ->group("");
  command
      ->add_option_function<std::int64_t>(
          "--sweep-every-ms", [flags](std::int64_t ms) { flags->sweep_every = std::chrono::milliseconds(ms); })
      ->check(CLI::PositiveNumber)
      ->group("");
  add_example(*command, "gateway serve -c gateway.yaml");
  command->callback([flags, command, &session] {
    if (flags->demo && command->count("--config") + command->count("--database") > 0)
      return finish(session, usage_error("--demo: it has a configuration and a ledger of its own"));
    session.status = serve(*flags);
  });
}

}  // namespace gateway::app
