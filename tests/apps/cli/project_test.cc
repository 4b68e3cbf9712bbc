#include "apps/cli/cli.h"

TEST_CASE("a project is created, shown, changed and deleted", "[apps][project]") {
  Cli cli;
  CHECK(cli.good("project create demo --rpm 600 --tpm 200000 --concurrent 50 --cap 25/month --cap 2.5/day --models "
                 "fast,anthropic/*") ==
        "project    demo\n"
        "defined    gateway.db\n"
        "models     fast, anthropic/*\n"
        "limits     600 requests/min, 200000 tokens/min, 50 at a time\n"
        "spend      mode strict, time zone UTC, models without a price refused if there is a cap\n"
        "cap        25 USD a month: 0 spent, 0 held, 25 left, resets 2026-12-01T00:00:00Z\n"
        "cap        2.5 USD a day: 0 spent, 0 held, 2.5 left, resets 2026-11-23T00:00:00Z\n");
  CHECK(
      cli.good(
          "project set demo --rpm none --cap none/day --cap 30 --period month --mode estimate --timezone Europe/Berlin "
          "--unpriced allow --max-output-tokens 4096 --models none --json") ==
      R"({"name":"demo","from_file":false,"defined_at":null,"models":[],)"
      R"("limits":{"requests_per_minute":null,"tokens_per_minute":200000,)"
      R"("concurrent":50,"max_output_tokens":4096},"mode":"estimate","timezone":"Europe/Berlin","unpriced":"allow",)"
      R"("spend":[{"period":"month","cap":"30","spent":"0","held":"0","remaining":"30",)"
      R"("resets_at":"2026-11-30T23:00:00.000000Z","warn":[]}],"version":"0b15cc1709ce880c"})"
      "\n");
  CHECK(cli.good("project show demo --json") == cli.good("project set demo --json"));
  CHECK(cli.good("project list") ==
        "name  defined     models  limits                                               caps\n"
        "demo  gateway.db  all     200000 tokens/min, 50 at a time, 4096 output tokens  30/month\n");
  CHECK(cli.good("project delete demo") ==
        "project demo is deleted, its keys are revoked; its rows stay in the ledger\n");
  CHECK(cli.good("project list --json") == "[]\n");
}

TEST_CASE("what a project has spent and holds is shown", "[apps][project]") {
  Cli cli;
  cli.good("project create demo --cap 1/day --cap 5/total");
  auto store = cli.store();
  Row open = settled_row(2);
  open.state = RowState::open;
  open.ended = {};
  append(*store, {settled_row(1), settled_row(3, fixed_now() - std::chrono::hours(24)), open});
  store.reset();
  const std::string shown = cli.good("project show demo");
  CHECK_THAT(shown, Catch::Contains("cap        1 USD a day: 0.00012345 spent, 0.0009 held, 0.99897655 left, resets "
                                    "2026-11-23T00:00:00Z\n"));
  CHECK_THAT(shown, Catch::Contains("cap        5 USD in total: 0.0002469 spent, 0.0009 held, 4.9988531 left\n"));
}

TEST_CASE("if more is spent than the cap, nothing is left", "[apps][project]") {
  Cli cli;
  cli.good("project create demo --cap 0.0001/day");
  auto store = cli.store();
  append(*store, {settled_row(1)});
  store.reset();
  CHECK_THAT(cli.good("project show demo"), Catch::Contains("0.0001 USD a day: 0.00012345 spent, 0 held, 0 left"));
  CHECK_THAT(cli.good("project show demo --json"),
             Catch::Contains(R"("spent":"0.00012345","held":"0","remaining":"0",)"));
}

TEST_CASE("what a project's caps warn at is shown", "[apps][project]") {
  Cli cli;
  CHECK_THAT(cli.good("project create demo --cap 1/day --cap 5/total --warn 90,50"),
             Catch::Contains("1 left, resets 2026-11-23T00:00:00Z, warns at 50, 90 %\n") &&
                 Catch::Contains("cap        5 USD in total: 0 spent, 0 held, 5 left, warns at 50, 90 %\n"));
  CHECK_THAT(cli.good("project set demo --warn none"), !Catch::Contains("warns"));
}

TEST_CASE("all caps can be replaced at once", "[apps][project]") {
  Cli cli;
  cli.good("project create demo --cap 1/day --cap 5/total");
  CHECK_THAT(cli.good("project set demo --cap none --cap 2/month --json"),
             Catch::Contains(R"("spend":[{"period":"month","cap":"2")"));
}

TEST_CASE("projects of the file are there, and only the file changes them", "[apps][project]") {
  Cli cli;
  cli.folder.write("gateway.yaml", "projects:\n  demo: {spend: {cap: 3, period: week}}\n");
  CHECK(cli.good("project list") ==
        "name  defined       models  limits  caps\n"
        "demo  gateway.yaml  all             3/week\n");
  CHECK_FALSE(cli.folder.has("gateway.db"));
  CHECK_THAT(cli.good("project show demo --json"),
             Catch::StartsWith(R"({"name":"demo","from_file":true,"defined_at":"gateway.yaml:2",)"));
  CHECK_THAT(cli.good("project show demo"), Catch::Contains("defined    gateway.yaml:2\n"));
  const std::string refusal = "gateway: project 'demo' is defined in gateway.yaml, under 'projects'; change it there\n";
  for (const char* line : {"project set demo --rpm 5", "project delete demo", "project create demo"}) {
    const Ran ran = cli(line);
    CHECK(ran.status == 1);
    CHECK(ran.err == refusal);
  }
  cli.good("project create other");
  CHECK(cli.good("project list --format csv") ==
        "name,defined,models,limits,caps\ndemo,gateway.yaml,all,,3/week\nother,gateway.db,all,,\n");
}

TEST_CASE("mistakes in a project's flags are usage errors in one line", "[apps][project]") {
  Cli cli;
  const auto fails = [&](const std::string& flags, const std::string& message) {
    const Ran ran = cli("project create demo " + flags);
    CHECK(ran.status == 2);
    CHECK(ran.out.empty());
    CHECK(ran.err == "gateway: " + message + "\n");
  };
  fails("--rpm many", "--rpm: expected a whole number of at least 1, or none, found 'many'");
  fails("--tpm 0", "--tpm: expected a whole number of at least 1, or none, found '0'");
  fails("--cap lots", "--cap: expected USD such as 25 or 25/month, or none, found 'lots'");
  fails("--cap -1", "--cap: expected USD such as 25 or 25/month, or none, found '-1'");
  fails("--cap 5/year", "--cap: expected a period of day, week, month or total, found 'year'");
  fails("--period day", "--period: expected --cap beside it");
  fails("--cap 1 --cap 2", "--cap: expected at most one for each period, found a second one for month: '2'");
  fails("--cap 1/day --cap none/day",
        "--cap: expected at most one for each period, found a second one for day: 'none/day'");
  fails("--warn 120 --cap 1", "--warn: expected percent from 1 to 100, or none, found '120'");
  fails("--timezone Mars/Olympus",
        "--timezone: expected a time zone such as UTC or Europe/Berlin, found 'Mars/Olympus'");
  fails("--models gpt*", "--models: expected a model's name, 'prefix/*' or '*', found 'gpt*'");
  CHECK(cli("project create a/b").err ==
        "gateway: a project's name: expected 1 to 64 letters, digits, '.', '_' or '-', found 'a/b'\n");
  CHECK(cli("project create demo --mode loose").status == 2);
  CHECK_FALSE(cli.folder.has("gateway.db"));
}

TEST_CASE("a project that is there or not is reported", "[apps][project]") {
  Cli cli;
  cli.good("project create demo");
  CHECK(cli("project create demo").err == "gateway: project 'demo' exists already; 'gateway project set' changes it\n");
  const Ran typo = cli("project set dmeo --rpm 5");
  CHECK(typo.status == 1);
  CHECK(typo.err == "gateway: no project 'dmeo'; did you mean 'demo'?\n");
  CHECK(cli("project show nothing").err == "gateway: no project 'nothing'; see 'gateway project list'\n");
  CHECK(cli("project delete nothing").status == 1);
}

TEST_CASE("lists can be limited, and report it", "[apps][project]") {
  Cli cli;
  for (const char* name : {"a", "b", "c"}) cli.good(std::string("project create ") + name);
  const Ran two = cli("project list --limit 2 --format csv");
  CHECK(two.out == "name,defined,models,limits,caps\na,gateway.db,all,,\nb,gateway.db,all,,\n");
  CHECK(two.err == "gateway: 2 of 3 shown; --limit 0 shows all\n");
  CHECK(cli("project list --limit 0").err.empty());
}

TEST_CASE("a project that another has changed since it was read is not changed if its version is given",
          "[apps][project]") {
  Cli cli;
  cli.good("project create demo --rpm 5");
  const auto version = [&] {
    const std::string shown = cli.good("project show demo --json");
    const std::size_t at = shown.find("\"version\":\"") + 11;
    return shown.substr(at, shown.find('"', at) - at);
  };
  const std::string read = version();
  cli.good("project set demo --rpm 6 --if-match " + read);
  CHECK(version() != read);
  const Ran stale = cli("project set demo --cap 1 --if-match " + read);
  CHECK(stale.status == 1);
  CHECK(stale.err == "gateway: project 'demo' was changed since it was read: it has version " + version() + " now\n");
  CHECK(cli.store()->tenants()->projects[0].spend.caps.empty());
  cli.good("project set demo --rpm 5");
  CHECK(version() == read);
}

TEST_CASE("a key for a project that is nowhere makes no database", "[apps][key]") {
  Cli cli;
  const Ran ran = cli("key create --project demo");
  CHECK(ran.status == 1);
  CHECK_FALSE(cli.folder.has("gateway.db"));
}
