// What all lists can: chosen columns, formats, ages, colours.
#include "apps/cli/fixed_ledger.h"
#include "apps/cli/golden.h"

TEST_CASE("a list shows the columns that are chosen, in their order, in every format", "[apps][table]") {
  Cli cli;
  fill_fixed_ledger(cli);
  CHECK(cli.good("requests --columns state,cost --limit 0 --since 1m --format csv") ==
        "state,cost\nopen,0\nfailed,0\n");
  CHECK(cli.good("requests --fields age,duration_ms --since 1m --format jsonl") ==
        "{\"age\":\"5s ago\",\"duration_ms\":null}\n{\"age\":\"1m ago\",\"duration_ms\":29999}\n");
  CHECK(cli.good("project list --columns name --json") ==
        "[\n {\"name\":\"demo\"},\n {\"name\":\"idle\"},\n {\"name\":\"other\"}\n]\n");
  CHECK(cli.good("usage --by project --columns cost,project") ==
        "     cost  project\n"
        "0.0054328  demo\n"
        "0.0014814  other\n"
        "0.0069142  total\n");
  CHECK(cli.good("usage --by project --columns project,cost --format markdown") ==
        "| project | cost |\n|---|---:|\n| demo | 0.0054328 |\n| other | 0.0014814 |\n| total | 0.0069142 |\n");
  const Ran ran = cli("requests --columns cots");
  CHECK(ran.status == 2);
  CHECK_THAT(ran.err, Catch::EndsWith("found 'cots'; did you mean 'cost'?\n"));
  CHECK(cli("key list --columns ,").status == 2);
}

TEST_CASE("requests are listed with ages, one line a request, and with colours", "[apps][requests]") {
  Cli cli;
  fill_fixed_ledger(cli);
  check_golden("requests_relative", cli.good("requests --relative --since 1h"));
  check_golden("requests_by_request", cli.good("requests --by-request --relative"));
  check_golden("requests_by_request_json", cli.good("requests --by-request --since 1h --json"));
  CHECK_THAT(cli("requests --by-request --limit 2").err, Catch::Contains("2 shown, there are more"));
  CHECK(cli("requests --by-request --limit 3 --since 1h").err.empty());
  CHECK(cli("requests --by-request --follow").status == 2);
  cli.is_terminal = true;
  check_golden("requests_colour", cli.good("requests --columns age,state,cost --since 1h"));
  cli.environment["NO_COLOR"] = "1";
  CHECK(cli.good("requests --columns age,state,cost").find('\x1b') == std::string::npos);
}

TEST_CASE("a key that nobody knows is a mistake that names the nearest", "[apps][requests][usage]") {
  Cli cli;
  fill_fixed_ledger(cli);
  cli.good("key create --project demo --name checkout");
  const std::string listed = cli.good("key list --columns id --format csv");
  const std::string id = listed.substr(3, listed.size() - 4);
  CHECK(cli("requests --key nope").err == "gateway: no key 'nope'; see 'gateway key list'\n");
  CHECK(cli("requests --key nope").status == 1);
  CHECK(cli("usage --key chekcout").err == "gateway: no key 'chekcout'; did you mean 'checkout'?\n");
  CHECK(cli("usage --key checkout").status == 0);  // by name
  CHECK(cli("requests --key " + id).status == 0);
  CHECK(cli("usage --key key_abc").status == 0);  // the ledger knows it
}

TEST_CASE("GATEWAY_FORMAT is the format of all lists that no flag gives another", "[apps][table]") {
  Cli cli;
  cli.good("project create demo");
  cli.environment["GATEWAY_FORMAT"] = "csv";
  CHECK_THAT(cli.good("project list"), Catch::StartsWith("name,defined,models"));
  CHECK_THAT(cli.good("project list --json"), Catch::StartsWith("[\n {\"name\":\"demo\""));
  CHECK_THAT(cli.good("project list --format table"), Catch::StartsWith("name  defined"));
  cli.environment["GATEWAY_FORMAT"] = "xml";
  const Ran ran = cli("project list");
  CHECK(ran.status == 2);
  CHECK(ran.err == "gateway: GATEWAY_FORMAT: expected table, json, jsonl, csv or markdown, found 'xml'\n");
}

TEST_CASE("with --json an error is JSON on standard error", "[apps][help]") {
  Cli cli;
  cli.good("project create demo");
  CHECK(cli("usage --project dmeo --json").err ==
        "{\"error\":{\"code\":\"not_found\",\"message\":\"no project 'dmeo'; did you mean 'demo'?\"}}\n");
  const Ran ran = cli("usage --jsno --json");
  CHECK(ran.status == 2);
  CHECK_THAT(ran.err, Catch::StartsWith("{\"error\":{\"code\":\"invalid\",\"message\":\"unknown flag '--jsno'"));
}

TEST_CASE("what is wrong is reported with what would be right", "[apps][help]") {
  Cli cli;
  CHECK(cli("usage --project demo -c none.yaml").status == 1);
  std::filesystem::create_directory("folder");
  CHECK(cli("check folder").err == "folder: cannot be read: it is a folder\n");
  cli.store();
  CHECK(cli("usage --project demo").err ==
        "gateway: no project 'demo': there is none yet; 'gateway project create NAME' makes one\n");
  cli.good("project create demo");
  CHECK(cli("project set demo").err == "gateway: nothing is changed: no flag says what, such as --cap 50/month\n");
  CHECK(cli("project set demo").status == 0);
  CHECK(cli("usage -w 2s").err == "gateway: unknown flag '-w'; did you mean '--watch'? See 'gateway usage --help'\n");
  CHECK(cli("usage -p demo").err == "gateway: unknown flag '-p'; see 'gateway usage --help'\n");
  CHECK(cli("usage -z json").err == "gateway: unknown flag '-z'; see 'gateway usage --help'\n");
  CHECK(cli("ledger verify").out == "gateway.db: all holds in 0 rows and 0 accounts\n");
}
