// How usage went: sparklines, shares, comparisons, charts, and views that follow each other.
#include "apps/cli/fixed_ledger.h"
#include "apps/cli/golden.h"

TEST_CASE("usage shows trends, shares and the span before", "[apps][usage][trends]") {
  Cli cli;
  fill_fixed_ledger(cli);
  check_golden("usage_spark", cli.good("usage --by project --spark day --columns project,cost,trend"));
  check_golden("usage_spark_ascii", cli.good("usage --by project --spark day --ascii --columns project,cost,trend"));
  check_golden("usage_spark_hour", cli.good("usage --by model --spark hour --json --columns model,trend"));
  check_golden("usage_share", cli.good("usage --by model --share --columns model,cost,share,share_bar"));
  check_golden("usage_compare",
               cli.good("usage --by project --since 5d --compare --columns project,cost,cost_before,change"));
  CHECK(cli.good("usage --by project --spark day --format csv --columns trend --project other") ==
        "trend\n0 0 0 0 0 0.0009876 0 0 0 0.0004938 0 0 0 0\n");
  CHECK(cli("usage --compare").err == "gateway: --compare: expected --since, which says how long the span is\n");
  CHECK(cli("usage --compare").status == 2);
  CHECK(cli("usage --spark week").status == 2);
}

TEST_CASE("usage draws charts as wide as the terminal", "[apps][usage][trends]") {
  Cli cli;
  fill_fixed_ledger(cli);
  for (const char* columns : {"80", "200"}) {
    cli.environment["COLUMNS"] = columns;
    check_golden(std::string("usage_chart_") + columns, cli.good("usage --chart --by project --since 10d"));
  }
  cli.environment["COLUMNS"] = "80";
  check_golden("usage_chart_ascii", cli.good("usage --chart --by model --since 10d --ascii"));
  check_golden("usage_chart_hours", cli.good("usage --chart --by none --since 6h"));
  cli.is_terminal = true;
  check_golden("usage_chart_colour", cli.good("usage --chart --by project --since 3d"));
  CHECK(cli("usage --chart --json").status == 2);
  cli.environment["COLUMNS"] = "5";  // too narrow for anything
  CHECK(cli("usage --chart --since 3d").status == 0);
}

TEST_CASE("many series are folded into one", "[apps][usage][trends]") {
  Cli cli;
  std::vector<Row> rows;
  for (int i = 1; i <= 9; ++i) {
    Row row = settled_row(i, fixed_now() - std::chrono::hours(1));
    row.asked_model = "model-" + std::to_string(i);
    row.cost = Money::units(std::int64_t{i} * 1'000'000'000);
    rows.push_back(row);
  }
  append(*cli.store(), rows);
  const std::string chart = cli.good("usage --chart --by model --since 1d");
  CHECK_THAT(chart, Catch::Contains(" other 0.01\n"));  // 4 + 3 + 2 + 1 thousandths
  CHECK(chart.find("model-4") == std::string::npos);
}

TEST_CASE("watch appends views without a terminal, and marks what changed", "[apps][usage][watch]") {
  Cli cli;
  fill_fixed_ledger(cli);
  int views = 0;
  cli.wait = [&](std::chrono::milliseconds pause) {
    CHECK(pause == std::chrono::milliseconds(500));
    cli.now += std::chrono::seconds(1);
    if (++views == 1) append(*cli.store(), {settled_row(50)});
    return views < 3;
  };
  check_golden("usage_watch", cli.good("usage --by project --columns project,requests,cost --watch 500ms"));
  CHECK(views == 3);
  CHECK(cli("usage --watch soon").status == 2);
  CHECK(cli("usage --watch 1ms").status == 2);
  CHECK(cli("usage --watch --json").status == 2);
  CHECK(cli("usage --watch --project nobody").status == 1);
}

TEST_CASE("watched budgets end as soon as a cap is exhausted, if that was asked for", "[apps][budget][watch]") {
  Cli cli;
  cli.good("project create demo --cap 0.00012345/month");
  int views = 0;
  cli.wait = [&](std::chrono::milliseconds pause) {
    CHECK(pause == std::chrono::milliseconds(500));
    if (++views == 2) append(*cli.store(), {settled_row(50)});
    return views < 5;
  };
  const std::string watched = "budget --columns project,spent,remaining --watch 500ms ";
  const Ran ran = cli(watched + "--fail-if-exhausted-before-reset");
  CHECK(ran.status == 1);
  CHECK(views == 2);
  CHECK_THAT(ran.out, Catch::Contains("2026-11-22T13:00:00Z, every 500ms\n") && Catch::Contains("0.00012345*"));
  views = 2;
  CHECK(cli(watched).status == 0);
  CHECK(views == 5);
  CHECK(cli("budget --watch --json").status == 2);
  CHECK(cli("budget --watch 1ms").status == 2);
}
