// The `gateway` command line: each add_x() puts one subcommand on it.
#pragma once

#include <string>
#include <vector>

#include "app/cli/command_context.h"

namespace CLI {
class App;
}

namespace gateway::app {

// Runs one command; gives its exit status. `arguments` are without the program's name.
int run(std::vector<std::string> arguments, Session& session);

void add_serve(CLI::App& app, Session& session);
void add_check(CLI::App& app, Session& session);
void add_config(CLI::App& app, Session& session);
void add_explain(CLI::App& app, Session& session);
void add_project(CLI::App& app, Session& session);
void add_key(CLI::App& app, Session& session);
void add_usage(CLI::App& app, Session& session);
void add_requests(CLI::App& app, Session& session);
void add_ledger(CLI::App& app, Session& session);
void add_prices(CLI::App& app, Session& session);
void add_reconcile(CLI::App& app, Session& session);

}  // namespace gateway::app
