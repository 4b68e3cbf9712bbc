#include "app/cli/explanation_text.h"
#include "apps/cli/cli.h"
#include "support/source_dir.h"

TEST_CASE("check reports every mistake with its place, and exits with 1", "[apps][check]") {
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
      "\"column\":1,\"message\":\"unknown key 'modles' in the configuration; did you mean "
      "'models'?\"}],\"warnings\":[]}\n");
}

TEST_CASE("check of a good file counts what is in it", "[apps][check]") {
  Cli cli;
  cli.folder.write("a.yaml", "providers: {p: {type: simulated}}\nmodels: {\"*\": {targets: [{provider: p}]}}\n");
  CHECK(cli.good("check -c a.yaml") == "a.yaml: fine: 1 provider, 1 model, 0 projects\n");
  CHECK(cli.good("check --config a.yaml --json") == "{\"ok\":true,\"mistakes\":[],\"warnings\":[]}\n");
  CHECK(cli.good("check a.yaml") == "a.yaml: fine: 1 provider, 1 model, 0 projects\n");
  CHECK(cli("check a.yaml -c a.yaml").status == 2);
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
  cli.good("key create --project demo --json");
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

TEST_CASE("a configuration with mistakes stops a command and reports them", "[apps][config]") {
  Cli cli;
  cli.folder.write("gateway.yaml", "worker: 1\n");
  const Ran ran = cli("project create demo");
  CHECK(ran.status == 1);
  CHECK(ran.err == "gateway: gateway.yaml:1:1: unknown key 'worker' in the configuration; did you mean 'workers'?\n");
  CHECK(cli("usage -c none.yaml").err == "gateway: none.yaml: cannot be opened: No such file or directory\n");
  cli.folder.write("gateway.yaml", "worker: 1\nmodles: {}\nlistne: 1\n");
  CHECK(cli("project list").err ==
        "gateway: gateway.yaml:1:1: unknown key 'worker' in the configuration; did you mean 'workers'?; 'gateway check "
        "-c gateway.yaml' reports 2 more\n");
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
}

TEST_CASE("the version names its libraries, however it is requested", "[apps][help]") {
  Cli cli;
  const std::string version = cli.good("--version");
  CHECK_THAT(version, Catch::StartsWith("gateway 0."));
  for (const char* library : {"SQLite 3.", "libcurl ", "OpenSSL "}) CHECK_THAT(version, Catch::Contains(library));
  CHECK(cli.good("-v") == version);
  CHECK(cli.good("version") == version);
}

TEST_CASE("help is a command too", "[apps][help]") {
  Cli cli;
  CHECK(cli.good("help") == cli.good("--help"));
  CHECK(cli.good("help serve") == cli.good("serve --help"));
  CHECK(cli.good("help key create") == cli.good("key create --help"));
  CHECK(cli.good("help help") == cli.good("--help"));
  CHECK(cli.good("help version") == cli.good("--help"));
  CHECK(cli("help openap").err == "gateway: no command 'openap'; did you mean 'openapi'? See 'gateway --help'\n");
  CHECK(cli("vesrion").err == "gateway: no command 'vesrion'; did you mean 'version'? See 'gateway --help'\n");
  CHECK(cli("help porject").err == "gateway: no command 'porject'; did you mean 'project'? See 'gateway --help'\n");
}

TEST_CASE("check warns of what a file may contain and hardly means, and exits with 1", "[apps][check]") {
  Cli cli;
  cli.folder.write("gateway.yaml",
                   "providers: {p: {type: openai, base_url: 'http://h/v1', api_key: none}}\n"
                   "models:\n  fast: {targets: [{provider: p}, {provider: p, prices: {input: 1, output: 2}}]}\n"
                   "projects:\n  demo: {models: [fsat, fast], spend: {cap: 1}}\n");
  const Ran ran = cli("check");
  CHECK(ran.status == 1);
  CHECK(ran.out.empty());
  CHECK(ran.err ==
        "gateway.yaml:5:19: warning: 'fsat' in 'models' of project 'demo' is no model of any route; did you mean "
        "'fast'?\n"
        "gateway.yaml:3:20: warning: target 1 of model 'fast' has no known price, so the cap of project 'demo' refuses "
        "its requests; expected 'prices', or 'unpriced: allow' in the project's 'spend'\n");
  CHECK_THAT(cli("check --json").out, Catch::StartsWith("{\"ok\":false,\"mistakes\":[],\"warnings\":[{"));
  CHECK(cli("project list").status == 0);
}

TEST_CASE("prices that are known, or not needed, are not warned of", "[apps][check]") {
  Cli cli;
  const auto fine = [&](const std::string& provider, const std::string& model, const std::string& spend) {
    cli.folder.write("gateway.yaml", "providers: {p: {" + provider + "}}\nmodels: {" + model +
                                         ": {targets: [{provider: p}]}}\nprojects: {demo: {spend: {" + spend + "}}}\n");
    return cli("check").status == 0;
  };
  const std::string own = "type: openai, base_url: 'http://h/v1', api_key: none";
  CHECK(fine(own, "m", "mode: strict"));
  CHECK_FALSE(fine(own, "m", "cap: 1"));
  CHECK_FALSE(fine(own, "'*'", "cap: 1"));
  CHECK(fine(own, "m", "cap: 1, unpriced: allow"));
  CHECK(fine("type: openrouter, api_key: none", "'*'", "cap: 1"));
  CHECK(fine("type: simulated", "'*'", "cap: 1"));
  CHECK(fine("type: openai, api_key: none", "gpt-4o-mini", "cap: 1"));
  CHECK_FALSE(fine("type: openai, api_key: none", "gpt-nobody-knows", "cap: 1"));
}

TEST_CASE("what strangers have named obeys no terminal and computes in no spreadsheet", "[apps][table]") {
  Cli cli;
  cli.good("project create demo");
  const auto create = [&cli](const char* name) {
    return cli({"key", "create", "--project", "demo", "--name", name}).status;
  };
  for (const char* name : {"=cmd|calc", "+1", "@x", "-1.5",
                           "a\xc2\x9b"
                           "31mred"}) {
    CHECK(create(name) == 0);
  }
  for (const char* name : {"\ty", "\x1b[2J", "a\x7f"}) CHECK(create(name) == 2);
  const std::string csv = cli.good("key list --format csv");
  for (const char* cell : {",'=cmd|calc,", ",'+1,", ",'@x,", ",-1.5,"}) CHECK_THAT(csv, Catch::Contains(cell));
  CHECK_THAT(cli.good("key list"), Catch::Contains("a?31mred"));
  CHECK_THAT(cli.good("key list --json"), Catch::Contains("a\\u009b31mred"));
}

TEST_CASE("a project that nobody knows is a mistake, not an empty list", "[apps][usage]") {
  Cli cli;
  cli.good("project create demo");
  for (const char* line : {"usage --project dmeo", "requests --project dmeo", "key list --project dmeo"}) {
    const Ran ran = cli(line);
    INFO(line);
    CHECK(ran.status == 1);
    CHECK(ran.err == "gateway: no project 'dmeo'; did you mean 'demo'?\n");
  }
  append(*cli.store(), {settled_row(1)});  // of demo
  cli.good("project delete demo");
  CHECK_THAT(cli.good("usage --project demo"), Catch::Contains("demo"));
}

TEST_CASE("that a request has no row is explained by what was refused around it", "[apps][requests]") {
  Cli cli;
  RefusalCount refusal;
  refusal.minute = std::chrono::floor<std::chrono::minutes>(fixed_now()).time_since_epoch().count();
  refusal.project = "demo";
  refusal.model = "fast";
  refusal.code = "rate_limit_exceeded";
  refusal.count = 3;
  append(*cli.store(), {}, {refusal});
  const std::string id(request_id(9).text().view());
  const Ran ran = cli("requests --json --request " + id);
  CHECK(ran.out == "[]\n");
  CHECK(ran.err ==
        "gateway: " + id +
            " has no row: nothing was dispatched for it. It was accepted at 2026-11-22T13:00:00Z; refused in "
            "that quarter of an hour, of those with a valid key, were 3 x rate_limit_exceeded (project demo, "
            "model fast); if its key was valid, the server's log has the line with request_id=" +
            id + "\n");
  const std::string other(request_id(9, fixed_now() - std::chrono::hours(1)).text().view());
  CHECK_THAT(cli("requests --request " + other).err, Catch::Contains("no refusal is counted"));
}

TEST_CASE("a command line that is wrong prints one line and exit status 2", "[apps][help]") {
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
  CHECK(cli("serve three").err == "gateway: unexpected argument 'three'; see 'gateway serve --help'\n");
  CHECK(cli("-c x.yaml usage").err == "gateway: flag '-c' must follow the command; see 'gateway usage --help'\n");
  CHECK_THAT(cli("key create --project demo --name --json").err, Catch::Contains("its value is missing"));
  CHECK(cli("serve --workerz 3").err ==
        "gateway: unknown flag '--workerz'; did you mean '--workers'? See 'gateway serve --help'\n");
  CHECK(cli("key create --projcet=demo").err ==
        "gateway: unknown flag '--projcet'; did you mean '--project'? See 'gateway key create --help'\n");
  CHECK(cli("key --projcet demo create").err ==
        "gateway: unknown flag '--projcet'; did you mean '--project'? See 'gateway key create --help'\n");
  CHECK(cli("key create --projcet demo").err ==
        "gateway: unknown flag '--projcet'; did you mean '--project'? See 'gateway key create --help'\n");
  CHECK(cli("--versoin").err == "gateway: unknown flag '--versoin'; did you mean '--version'? See 'gateway --help'\n");
  CHECK(cli("usage --format xml").err ==
        "gateway: --format: expected table, json, jsonl, csv or markdown, found 'xml'; see 'gateway usage --help'\n");
  CHECK(cli("usage --limit -1").err ==
        "gateway: --limit: expected a whole number of at least 0, found '-1'; see 'gateway usage --help'\n");
  CHECK(cli("serve --workers x").err ==
        "gateway: --workers: expected a whole number from 0 to 1024, found 'x'; see 'gateway serve --help'\n");
  CHECK(cli("reload --percent 0").err ==
        "gateway: --percent: expected a whole number from 1 to 100, found '0'; see 'gateway reload --help'\n");
  CHECK(cli("reload --url http://127.0.0.1:1").err ==
        "gateway: expected the administration's token in GATEWAY_ADMIN_TOKEN; --token-env names another variable\n");
  CHECK(cli("usage --url http://127.0.0.1:1").err ==
        "gateway: expected the administration's token, or a project's key, in GATEWAY_ADMIN_TOKEN; --token-env names "
        "another variable\n");
  CHECK_THAT(cli("requests --statu 429").err, Catch::Contains("did you mean '--status'?"));
  CHECK(cli("serve --log-format xml").err ==
        "gateway: --log-format: expected logfmt or json, found 'xml'; see 'gateway serve --help'\n");
  CHECK(cli("project create a --mode loose").err ==
        "gateway: --mode: expected strict or estimate, found 'loose'; see 'gateway project create --help'\n");
  CHECK(cli("project create").err == "gateway: name is required; see 'gateway project create --help'\n");
}

TEST_CASE("what a running server knows of a target is explained", "[apps][explain]") {
  const auto explained = [](const std::string& known) {
    return app::explanation_text(
        R"({"project":"demo","model":"fast","allowed":true,"targets":[{"order":1,"asked":"fast","provider":"one",)"
        R"("model":"m1","hold":"0.01","output_bound":100)" +
        known + "}]}");
  };
  CHECK_THAT(explained(R"(,"first_event_ms":320,"in_flight":2,"hedged_after_ms":800)"),
             Catch::EndsWith("tokens of output\n   first event after 320 ms, 2 in flight, hedged after 800 ms\n"));
  CHECK_THAT(explained(R"(,"first_event_ms":null,"in_flight":0,"hedged_after_ms":null)"),
             Catch::EndsWith("tokens of output\n"));
}
