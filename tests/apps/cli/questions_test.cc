// The commands that answer a question: budget, request, why.
#include "apps/cli/fixed_ledger.h"
#include "apps/cli/golden.h"

namespace {

std::string id_of(int number, std::chrono::seconds ago) {
  return std::string(request_id(number, fixed_now() - ago).text().view());
}

}  // namespace

TEST_CASE("budget shows what each cap has left", "[apps][budget]") {
  Cli cli;
  fill_fixed_ledger(cli);
  check_golden("budget", cli.good("budget"));
  check_golden("budget_json", cli.good("budget --project demo --json"));
  check_golden("budget_markdown", cli.good("budget --columns project,cap,used --format markdown"));
  cli.is_terminal = true;
  check_golden("budget_colour", cli.good("budget --project demo"));
  cli.environment["NO_COLOR"] = "1";
  CHECK(cli.good("budget --project demo").find('\x1b') == std::string::npos);
  CHECK(cli("budget --project dmeo").err == "gateway: no project 'dmeo'; did you mean 'demo'?\n");
  CHECK_THAT(cli("budget --limit 1").err, Catch::Contains("1 of 3 shown"));
}

TEST_CASE("budget fails if a cap is exhausted before its reset, shown or not", "[apps][budget]") {
  Cli cli;
  cli.good("project create demo --cap 0.001/day");
  cli.good("project create done --cap 0.0001/total");
  CHECK(cli("budget --fail-if-exhausted-before-reset").status == 0);
  Row total = settled_row(1);
  total.project = "done";
  append(*cli.store(), {total});
  CHECK(cli("budget --fail-if-exhausted-before-reset").status == 0);  // it never resets
  Row large = settled_row(2);
  large.cost = Money::units(2'000'000'000);
  append(*cli.store(), {large});
  CHECK(cli("budget --project demo --fail-if-exhausted-before-reset").status == 1);
  CHECK(cli("budget --fail-if-exhausted-before-reset --limit 1 --json").status == 1);
  CHECK(cli("budget").status == 0);
}

TEST_CASE("budget without a cap says how one is set", "[apps][budget]") {
  Cli cli;
  CHECK(cli("budget").err == "gateway: there is no project; 'gateway project create NAME --cap 25/month' makes one\n");
  cli.good("project create demo");
  CHECK(cli("budget").err ==
        "gateway: no project has a spend cap; 'gateway project set demo --cap 25/month' sets one\n");
  CHECK(cli("budget --project demo").err ==
        "gateway: project demo has no spend cap; 'gateway project set demo --cap 25/month' sets one\n");
}

TEST_CASE("request shows attempts, times, costs, corrections and why it was retried", "[apps][request]") {
  Cli cli;
  fill_fixed_ledger(cli);
  const std::string id = id_of(1, std::chrono::minutes(2));
  for (const char* columns : {"80", "200"}) {
    cli.environment["COLUMNS"] = columns;
    check_golden(std::string("request_") + columns, cli.good("request " + id));
  }
  cli.environment["COLUMNS"] = "80";
  check_golden("request_ascii", cli.good("request --ascii " + id_of(2, std::chrono::minutes(1))));
  check_golden("request_open", cli.good("request " + id_of(3, std::chrono::seconds(5))));
  check_golden("request_json", cli.good("request --json " + id));
  CHECK(cli.good("request checkout-17") == cli.good("request " + id));
  cli.is_terminal = true;
  check_golden("request_colour", cli.good("request " + id));
  cli.environment["TERM"] = "dumb";
  CHECK(cli.good("request " + id).find('\x1b') == std::string::npos);
}

TEST_CASE("a hedge is no retry", "[apps][request]") {
  Cli cli;
  fill_fixed_ledger(cli);
  const WallTime accepted = fixed_now() - std::chrono::minutes(1);
  Row first = settled_row(7, accepted);
  first.error_code = "hedge_lost";
  first.first_byte = {};
  first.status = 0;
  Row second = settled_row(7, accepted);
  second.attempt = 2;
  second.provider = "anthropic";
  second.flags = row_flag::hedge;
  second.dispatched = first.dispatched + std::chrono::milliseconds(300);
  second.first_byte = first.ended;
  second.ended = first.ended + std::chrono::milliseconds(500);
  append(*cli.store(), {first, second});
  const std::string shown = cli.good("request " + id_of(7, std::chrono::minutes(1)));
  CHECK_THAT(shown, Catch::EndsWith("\nattempt 1 was hedged after 300 ms by attempt 2, whose answer began first\n"));
  CHECK_THAT(cli.good("request --json " + id_of(7, std::chrono::minutes(1))),
             Catch::Contains(R"("reasons":["hedged after 300 ms by attempt 2, whose answer began first",null])"));
}

TEST_CASE("a request that has no row is explained", "[apps][request]") {
  Cli cli;
  fill_fixed_ledger(cli);
  CHECK(cli("request nobody").status == 1);
  CHECK(cli("request nobody").err ==
        "gateway: no request 'nobody': no row has it as its id, and none as the client's id\n");
  CHECK_THAT(cli("request " + id_of(9, std::chrono::seconds(0))).err, Catch::Contains("7 x rate_limit_exceeded"));
  CHECK_THAT(cli("request nobody --json").err,
             Catch::StartsWith("{\"error\":{\"code\":\"not_found\",\"message\":\"no request 'nobody'"));
  CHECK(cli("request").status == 2);
}

TEST_CASE("why counts refusals and failures, shows the present state, and says what to do", "[apps][why]") {
  Cli cli;
  fill_fixed_ledger(cli);
  check_golden("why", cli.good("why --project demo"));
  check_golden("why_json", cli.good("why --project demo --code rate_limit_exceeded --json"));
  const Ran ran = cli("why --project demo --model nothing");
  CHECK(ran.status == 1);
  check_golden("why_model", ran.out);
  CHECK_THAT(cli.good("why --project idle"), Catch::StartsWith("nothing of project idle was refused or failed since "
                                                               "2026-11-21T13:00:00Z\n"));
  CHECK(cli("why --project dmeo").err == "gateway: no project 'dmeo'; did you mean 'demo'?\n");
  CHECK(cli("why").status == 2);
}

TEST_CASE("why finds refusals of a model under its route's pattern, and those of no route", "[apps][why]") {
  Cli cli;
  fill_fixed_ledger(cli);
  cli.folder.write("gateway.yaml",
                   "providers: {sim: {type: simulated}}\n"
                   "models: {'simulated/*': {targets: [{provider: sim}]}, 'own': {targets: [{provider: sim, model: "
                   "simulated/echo}]}}\n");
  std::vector<RefusalCount> refusals;
  for (const auto& [model, count] : {std::pair{"simulated/*", 3}, {"own", 2}, {"", 1}}) {
    RefusalCount refusal;
    refusal.minute = std::chrono::floor<std::chrono::minutes>(fixed_now().time_since_epoch()).count();
    refusal.project = "idle";
    refusal.model = model;
    refusal.code = "rate_limit_exceeded";
    refusal.count = count;
    refusals.push_back(refusal);
  }
  append(*cli.store(), {}, refusals);
  CHECK_THAT(cli("why --project idle --model simulated/echo").out,
             Catch::StartsWith("3 x rate_limit_exceeded, model simulated/*: refused by the gateway\n"));
  CHECK_THAT(cli("why --project idle --model own").out,
             Catch::StartsWith("2 x rate_limit_exceeded, model own: refused by the gateway\n"));
  CHECK_THAT(cli("why --project idle --model nothing").out,
             Catch::StartsWith("1 x rate_limit_exceeded: refused by the gateway\n"));
}

TEST_CASE("what to do about a project of the file is done in the file", "[apps][why]") {
  Cli cli;
  fill_fixed_ledger(cli);
  cli.folder.write("gateway.yaml", "projects: {demo: {spend: {cap: 1}}}\n");
  CHECK_THAT(cli.good("why --project demo --code insufficient_quota"),
             Catch::Contains("Raise it: 'spend' of the project in the configuration file"));
}
