// The `gateway` command line: each add_x() adds one subcommand to it.
#pragma once

#include <string>
#include <vector>

#include "app/cli/command_context.h"

namespace CLI {
class App;
}

namespace gateway::app {

// Runs one command; returns its exit status. `arguments` are without the program's name.
int run(std::vector<std::string> arguments, Session& session);

void add_serve(CLI::App& app, Session& session);
void add_open(CLI::App& app, Session& session);
void add_reload(CLI::App& app, Session& session);
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
void add_budget(CLI::App& app, Session& session);
void add_request(CLI::App& app, Session& session);
void add_completion(CLI::App& app, Session& session);
void add_why(CLI::App& app, Session& session);
void add_init(CLI::App& app, Session& session);
void add_doctor(CLI::App& app, Session& session);
void add_sample(CLI::App& app, Session& session);
void add_chat(CLI::App& app, Session& session);
void add_top(CLI::App& app, Session& session);
void add_mcp(CLI::App& app, Session& session);
void add_simulate(CLI::App& app, Session& session);
void add_diff(CLI::App& app, Session& session);

}  // namespace gateway::app
