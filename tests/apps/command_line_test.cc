#include "apps/cli.h"
#include "support/source_dir.h"

TEST_CASE("check tells every mistake with its place, and exits with 1", "[apps][check]") {
  Cli cli;
  cli.folder.write("gateway.yaml", "workers: many\nmodles: {}\n");
  const Ran ran = cli("check");
  CHECK(ran.status == 1);
  CHECK(ran.out.empty());
  CHECK(ran.err ==
        "gateway.yaml:1:10: 'workers' in the configuration: expected a whole number from 0 to 1024, found 'many'\n"
        "gateway.yaml:2:1: unknown key 'modles' in the configuration; did you mean 'models'?\n");
  CHECK(
      cli("check --json").out ==
      "{\"ok\":false,\"mistakes\":[{\"file\":\"gateway.yaml\",\"line\":1,\"column\":10,\"message\":\"'workers' in the "
      "configuration: expected a whole number from 0 to 1024, found 'many'\"},{\"file\":\"gateway.yaml\",\"line\":2,"
      "\"column\":1,\"message\":\"unknown key 'modles' in the configuration; did you mean 'models'?\"}]}\n");
}

TEST_CASE("check of a good file counts what is in it", "[apps][check]") {
  Cli cli;
  cli.folder.write("a.yaml", "providers: {p: {type: simulated}}\nmodels: {\"*\": {targets: [{provider: p}]}}\n");
  CHECK(cli.good("check -c a.yaml") == "a.yaml: fine: 1 provider, 1 model, 0 projects\n");
  CHECK(cli.good("check --config a.yaml --json") == "{\"ok\":true,\"mistakes\":[]}\n");
}

TEST_CASE("check of a file that is not there is one line", "[apps][check]") {
  Cli cli;
  const Ran ran = cli("check");
  CHECK(ran.status == 1);
  CHECK(ran.err == "gateway.yaml: cannot be opened: No such file or directory\n");
}

TEST_CASE("check passes every example file", "[apps][check]") {
  Cli cli;
  cli.environment = {{"OPENROUTER_API_KEY", "sk-or"}};
  for (const char* name : {"quickstart", "openrouter", "local-ollama"}) {
    cli.good("check -c " + source_dir() + "/examples/" + name + ".yaml");
  }
}

TEST_CASE("commands on the database need no provider's key", "[apps][config]") {
  Cli cli;
  cli.folder.write("gateway.yaml",
                   "database: sqlite:here.db\nproviders: {o: {type: openrouter, api_key: ${OPENROUTER_API_KEY}}}\n"
                   "projects: {demo: {}}\n");
  CHECK(cli("check").status == 1);
  cli.good("key create --project demo");
  CHECK(cli.folder.has("here.db"));
}

TEST_CASE("a database whose place is not known is not guessed", "[apps][config]") {
  Cli cli;
  cli.folder.write("gateway.yaml", "database: sqlite:${WHERE}\n");
  const Ran ran = cli("project create demo");
  CHECK(ran.status == 1);
  CHECK(ran.err == "gateway: gateway.yaml: the database's place depends on an environment variable that is not set\n");
  cli.environment["WHERE"] = "there.db";
  cli.good("project create demo");
  CHECK(cli.folder.has("there.db"));
}

TEST_CASE("a configuration with mistakes stops a command and tells them", "[apps][config]") {
  Cli cli;
  cli.folder.write("gateway.yaml", "worker: 1\n");
  const Ran ran = cli("project create demo");
  CHECK(ran.status == 1);
  CHECK(ran.err == "gateway: gateway.yaml:1:1: unknown key 'worker' in the configuration; did you mean 'workers'?\n");
  CHECK(cli("usage -c none.yaml").err == "gateway: none.yaml: cannot be opened: No such file or directory\n");
  cli.folder.write("gateway.yaml", "worker: 1\nmodles: {}\nlistne: 1\n");
  CHECK(cli("project list").err ==
        "gateway: gateway.yaml:1:1: unknown key 'worker' in the configuration; did you mean 'workers'?; 'gateway check "
        "-c gateway.yaml' tells 2 more\n");
  CHECK_FALSE(cli.folder.has("gateway.db"));
}

TEST_CASE("a database on the command line goes before the file's", "[apps][config]") {
  Cli cli;
  cli.folder.write("gateway.yaml", "database: sqlite:one.db\n");
  cli.good("project create demo --database sqlite:two.db");
  cli.good("project create demo --database three.db");
  CHECK_FALSE(cli.folder.has("one.db"));
  CHECK(cli.folder.has("two.db"));
  CHECK(cli.folder.has("three.db"));
  CHECK(cli("project list --database postgresql://host/db").status == 2);
}

TEST_CASE("every command has help with an example", "[apps][help]") {
  Cli cli;
  for (const char* line : {"serve", "check", "project create", "project list", "project show", "project set",
                           "project delete", "key create", "key list", "key revoke", "key rotate", "usage", "requests",
                           "ledger verify", "ledger export", "ledger prune", "ledger sweep", "prices list"}) {
    const std::string help = cli.good(std::string(line) + " --help");
    CHECK_THAT(help, Catch::Contains(std::string("Example:\n  gateway ") + line));
  }
  const std::string all = cli.good("--help");
  for (const char* name : {"serve", "check", "project", "key", "usage", "requests", "ledger", "prices"}) {
    CHECK_THAT(all, Catch::Contains(std::string("  ") + name));
  }
  CHECK_THAT(cli.good("--version"), Catch::StartsWith("gateway "));
}

TEST_CASE("a command line that is wrong gives one line and exit status 2", "[apps][help]") {
  Cli cli;
  for (const char* line :
       {"", "nothing", "project", "usage --nothing", "usage extra", "key create --project", "project create"}) {
    const Ran ran = cli(line);
    INFO("gateway " << line << ": " << ran.err);
    CHECK(ran.status == 2);
    CHECK(ran.out.empty());
    CHECK_THAT(ran.err, Catch::StartsWith("gateway: "));
    CHECK(std::count(ran.err.begin(), ran.err.end(), '\n') == 1);
  }
  CHECK(cli("").err == "gateway: expected a command; see 'gateway --help'\n");
  CHECK(cli("porject list").err == "gateway: no command 'porject'; did you mean 'project'? See 'gateway --help'\n");
  for (const char* line : {"porject --help", "porject list --help", "--help porject"}) {
    const Ran ran = cli(line);
    CHECK(ran.status == 2);
    CHECK(ran.out.empty());
    CHECK(ran.err == "gateway: no command 'porject'; did you mean 'project'? See 'gateway --help'\n");
  }
  CHECK(cli("key lst --help").err == "gateway: no command 'lst'; did you mean 'list'? See 'gateway key --help'\n");
  CHECK(cli("key --help").status == 0);
  CHECK(cli("key make").err == "gateway: no command 'make'; see 'gateway key --help'\n");
  CHECK(cli("key lst").err == "gateway: no command 'lst'; did you mean 'list'? See 'gateway key --help'\n");
  CHECK(cli("usage --format xml").err ==
        "gateway: --format: expected table, json, jsonl or csv, found 'xml'; see 'gateway usage --help'\n");
  CHECK(cli("usage --limit -1").err ==
        "gateway: --limit: expected a whole number of at least 0, found '-1'; see 'gateway usage --help'\n");
  CHECK(cli("serve --workers x").err ==
        "gateway: --workers: expected a whole number from 0 to 1024, found 'x'; see 'gateway serve --help'\n");
  CHECK(cli("serve --log-format xml").err ==
        "gateway: --log-format: expected logfmt or json, found 'xml'; see 'gateway serve --help'\n");
  CHECK(cli("project create a --mode loose").err ==
        "gateway: --mode: expected strict or estimate, found 'loose'; see 'gateway project create --help'\n");
  CHECK(cli("project create").err == "gateway: name is required; see 'gateway project create --help'\n");
}
