#include <algorithm>

#include "apps/cli/cli.h"

using namespace std::chrono_literals;

namespace {

// Two days that are over, and the one that is not: 2026-11-20, -21 and -22.
void fill(Cli& cli) {
  auto store = cli.store();
  append(*store, {settled_row(1, fixed_now() - 48h), settled_row(2, fixed_now() - 24h), settled_row(3)});
}

std::string line(const std::string& day, const std::string& usage) {
  return "{\"date\":\"" + day + "\",\"model\":\"gpt-4o-mini-2024\",\"usage\":" + usage + ",\"requests\":1}\n";
}

const std::string kBill = "reconcile --database gateway.db --provider openai --format csv --file bill ";
const std::string kCost = "0.00012345";

std::string spent(Cli& cli) { return cli.good("usage --by day --format csv --database gateway.db"); }

}  // namespace

TEST_CASE("a file reports nothing of days that it has no line of", "[apps][reconcile]") {
  Cli cli;
  fill(cli);
  const std::string before = spent(cli);
  cli.folder.write("bill", line("2026-11-20", kCost));
  Ran ran = cli(kBill + "--all");
  CHECK(ran.status == 0);
  CHECK(ran.out.find("2026-11-20") != std::string::npos);
  CHECK(ran.out.find("2026-11-21") == std::string::npos);
  CHECK(cli(kBill + "--book").status == 0);
  CHECK(spent(cli) == before);

  // Half a range is a filter. Both ends of it, or the day by its name, say that the file has it all.
  ran = cli(kBill + "--since 2026-11-20 --book");
  CHECK(ran.status == 1);
  CHECK(ran.out.find("2026-11-21") != std::string::npos);
  CHECK_THAT(ran.err, Catch::Contains("0 adjustments booked") && Catch::Contains("the bill has no line of that day"));
  CHECK(spent(cli) == before);
  ran = cli(kBill + "--day 2026-11-21");
  CHECK(ran.status == 1);
  CHECK_THAT(ran.err, Catch::Contains("the bill has no line of these days"));
  CHECK_THAT(cli(kBill + "--since 2026-11-20 --until 2026-11-22 --book").err, Catch::Contains("1 adjustments booked"));
  CHECK(cli(kBill + "--since 2026-11-20 --until 2026-11-22").status == 0);
}

TEST_CASE("today is shown of a file, and not booked", "[apps][reconcile]") {
  Cli cli;
  fill(cli);
  const std::string before = spent(cli);
  cli.folder.write("bill", line("2026-11-22", "5"));
  for (const std::string days : {"", "--day 2026-11-22 ", "--since 2026-11-22 --until 2026-11-23 "}) {
    const Ran ran = cli(kBill + days + "--book");
    CHECK(ran.status == 1);
    CHECK(ran.out.find("2026-11-22") != std::string::npos);
    CHECK_THAT(ran.err, Catch::Contains("0 adjustments booked") && Catch::Contains("the day is not over"));
  }
  CHECK(spent(cli) == before);
}

TEST_CASE("what is no bill is refused, by its name", "[apps][reconcile]") {
  Cli cli;
  fill(cli);
  const std::string before = spent(cli);
  for (const std::string text : {"", "<html>maintenance</html>", "text without columns\nand more", "\xff\xfe", "{",
                                 "{}", "date,model\n2026-11-20,m", "[{\"date\":\"2026-11-20\",\"model\":\"m\"}]"}) {
    cli.folder.write("bill", text);
    INFO(text);
    const Ran ran = cli(kBill + "--since 2026-11-20 --until 2026-11-22 --book");
    CHECK(ran.status == 1);
    CHECK(ran.out.empty());
    CHECK_THAT(ran.err, Catch::StartsWith("gateway: 'bill' "));
    CHECK(std::count(ran.err.begin(), ran.err.end(), '\n') == 1);
  }
  for (const std::string text : {"[]", "{\"data\":[]}", "date,model,usage\n"}) {
    cli.folder.write("bill", text);
    INFO(text);
    Ran ran = cli(kBill + "--since 2026-11-20 --until 2026-11-22 --book");
    CHECK(ran.status == 1);
    CHECK_THAT(ran.err, Catch::Contains("no line at all: nothing is booked"));
    ran = cli(kBill);
    CHECK(ran.status == 1);
    CHECK_THAT(ran.err, Catch::Contains("'bill' has no line"));
  }
  CHECK(spent(cli) == before);
  for (const std::string path : {"nowhere", "/tmp"}) {
    const Ran ran = cli("reconcile --database gateway.db --provider openai --file " + path);
    CHECK(ran.status == 1);
    CHECK_THAT(ran.err, Catch::EndsWith("'" + path + "' cannot be read\n"));
  }
}

TEST_CASE("what a pruned day lacks is no difference", "[apps][reconcile]") {
  Cli cli;
  fill(cli);
  cli.folder.write("bill", line("2026-11-20", kCost) + line("2026-11-21", kCost));
  cli.good("ledger prune --before 2026-11-21 --database gateway.db");
  Ran ran = cli(kBill + "--all");
  CHECK(ran.status == 0);
  CHECK(ran.out.find("2026-11-20,*,0.00012345,0.00012345,0") != std::string::npos);
  CHECK_THAT(ran.err, Catch::Contains("days whose rows were pruned are compared as a whole, as model *"));
  cli.folder.write("bill", line("2026-11-20", "1"));
  ran = cli(kBill + "--book");
  CHECK(ran.status == 1);
  CHECK_THAT(ran.err, Catch::Contains("rows of that day were pruned"));
}

TEST_CASE("days that make no sense are the command line's mistake", "[apps][reconcile]") {
  Cli cli;
  fill(cli);
  cli.folder.write("bill", line("2026-11-20", kCost));
  for (const std::string flags : {"--since 2026-11-21 --until 2026-11-20", "--since 2026-11-21 --until 2026-11-21",
                                  "--day 2026-11-21 --since 2026-11-20", "--day yesterday", "--tolerance -1",
                                  "--tolerance much", "--provider nobody"}) {
    INFO(flags);
    const Ran ran = cli("reconcile --database gateway.db --provider openai --file bill " + flags);
    CHECK(ran.status == 2);
    CHECK(ran.out.empty());
    CHECK(std::count(ran.err.begin(), ran.err.end(), '\n') == 1);
  }
  CHECK(cli(kBill + "--until 2026-11-20").status == 1);
}

TEST_CASE("a provider is queried only for days that its bill has", "[apps][reconcile]") {
  Cli cli;
  fill(cli);
  cli.folder.write("gateway.yaml",
                   "database: sqlite:gateway.db\n"
                   "providers: {openrouter: {type: openrouter, base_url: \"http://127.0.0.1:1/api/v1\", api_key: k, "
                   "management_key: m}}\n");
  // All of these end before anything is asked.
  for (const std::string days : {"--day 2026-11-22", "--day 2026-11-23", "--day 2026-10-22", "--since 2026-11-22",
                                 "--until 2026-10-23", "--since 2026-09-01 --until 2026-10-01"}) {
    INFO(days);
    const Ran ran = cli("reconcile --book " + days);
    CHECK(ran.status == 2);
    CHECK(ran.out.empty());
    CHECK_THAT(ran.err, Catch::Contains("the last 30 UTC days that are over, 2026-10-23 to 2026-11-21"));
  }
  // These are cut; then nobody answers.
  Ran ran = cli("reconcile --since 2026-10-01");
  CHECK(ran.status == 1);
  CHECK_THAT(ran.err, Catch::Contains("days before 2026-10-23 are left out"));
  ran = cli("reconcile --since 2026-11-20 --until 2026-12-01");
  CHECK(ran.status == 1);
  CHECK_THAT(ran.err, Catch::Contains("days from 2026-11-22 on are left out"));
  for (const std::string day : {"2026-10-23", "2026-11-21"}) CHECK(cli("reconcile --day " + day).status == 1);
}

TEST_CASE("what only OpenRouter publishes is requested of no other provider, in the same words", "[apps][reconcile]") {
  Cli cli;  // without any database
  for (const std::string command : {"reconcile", "prices diff", "prices refresh"}) {
    INFO(command);
    const std::string what = command == "reconcile" ? "bill: give an exported one by --file" : "prices";
    cli.folder.write("gateway.yaml", "providers: {local: {type: openai, api_key: k}}\n");
    Ran ran = cli(command);
    CHECK(ran.status == 2);
    CHECK(ran.err ==
          "gateway: --provider: there is no provider 'openrouter', and none of type openrouter, the only one that "
          "publishes its " +
              what + "\n");
    ran = cli(command + " --provider local");
    CHECK(ran.status == 2);
    CHECK(ran.err == "gateway: --provider: 'local' is not of type openrouter, so it publishes no " + what + "\n");
  }
  const Ran ran = cli("reconcile --file nope");
  CHECK(ran.status == 1);
  CHECK(ran.err == "gateway: 'nope' cannot be read\n");
}

TEST_CASE("a bill of another time zone is compared by its own days", "[apps][reconcile]") {
  Cli cli;
  // In Berlin the first is of 2026-11-20, 23:30, and the second of half an hour later: the 21st.
  const WallTime midnight = fixed_now() - 38h;
  append(*cli.store(), {settled_row(1, midnight - 30min), settled_row(2, midnight + 15min)});
  cli.folder.write("bill", line("2026-11-20", kCost) + line("2026-11-21", kCost));
  CHECK(cli(kBill + "--tz Europe/Berlin").status == 0);
  CHECK(cli(kBill).status == 1);  // in UTC both are of the 20th
  const Ran day = cli(kBill + "--tz Europe/Berlin --day 2026-11-21 --all");
  CHECK(day.status == 0);
  CHECK_THAT(day.out, Catch::Contains("2026-11-21") && !Catch::Contains("2026-11-20"));
  cli.folder.write("bill", line("2026-11-21", "0.0002"));
  CHECK_THAT(cli(kBill + "--tz Europe/Berlin --book").err, Catch::Contains("1 adjustments booked"));
  CHECK(cli(kBill + "--tz Europe/Berlin").status == 0);
  const Ran own = cli("reconcile --database gateway.db --tz Europe/Berlin");
  CHECK(own.status == 2);
  CHECK_THAT(own.err, Catch::Contains("--tz: a provider's own bill has UTC days"));
  CHECK(cli(kBill + "--tz Europe/Bärlin").status == 2);
}
