// The `gateway` command line: each add_x() adds one subcommand to it.
#pragma once

#include <string>
#include <vector>

#include "app/cli/command_context.h"

namespace gateway::app {

class Command;  // app/cli/parser/command.h

// Runs one command; returns its exit status. `arguments` are without the program's name.
int run(std::vector<std::string> arguments, Session& session);

void add_serve(Command& app, Session& session);
void add_open(Command& app, Session& session);
void add_reload(Command& app, Session& session);
void add_check(Command& app, Session& session);
void add_config(Command& app, Session& session);
void add_explain(Command& app, Session& session);
void add_project(Command& app, Session& session);
void add_key(Command& app, Session& session);
void add_usage(Command& app, Session& session);
void add_requests(Command& app, Session& session);
void add_ledger(Command& app, Session& session);
void add_prices(Command& app, Session& session);
void add_reconcile(Command& app, Session& session);
void add_budget(Command& app, Session& session);
void add_request(Command& app, Session& session);
void add_completion(Command& app, Session& session);
void add_why(Command& app, Session& session);
void add_init(Command& app, Session& session);
void add_doctor(Command& app, Session& session);
void add_sample(Command& app, Session& session);
void add_chat(Command& app, Session& session);
void add_top(Command& app, Session& session);
void add_mcp(Command& app, Session& session);
void add_simulate(Command& app, Session& session);
void add_diff(Command& app, Session& session);

}  // namespace gateway::app
