// What happens now: `gateway top`.
#include "app/render/top_view.h"
#include "apps/cli/fixed_ledger.h"
#include "apps/cli/golden.h"

using namespace std::chrono_literals;

TEST_CASE("top shows the last minutes by project, model or provider", "[apps][top]") {
  Cli cli;
  fill_fixed_ledger(cli);
  check_golden("top", cli.good("top --window 5m"));
  check_golden("top_ascii", cli.good("top --window 5m --by provider --ascii"));
  cli.is_terminal = true;
  const std::string live = cli.good("top");
  CHECK_THAT(live, Catch::Contains("q ends\n"));
  CHECK(cli("top --every 1ms").status == 2);
  CHECK(cli("top --window 0s").status == 2);
  CHECK(cli("top --by key").status == 2);
  CHECK(cli("top -c none.yaml").status == 1);
}

TEST_CASE("top goes on until it is ended", "[apps][top]") {
  Cli cli;
  fill_fixed_ledger(cli);
  int views = 0;
  cli.wait = [&views](std::chrono::milliseconds pause) {
    CHECK(pause == 3s);
    return ++views < 3;
  };
  const std::string text = cli.good("top --every 3s --window 5m");
  CHECK(views == 3);
  std::size_t count = 0;
  for (std::size_t at = text.find("2026-11-22T13:00:00Z  "); at != std::string::npos;
       at = text.find("2026-11-22T13:00:00Z  ", at + 1))
    ++count;
  CHECK(count == 3);
}

TEST_CASE("percentiles are of those that there are", "[apps][top]") {
  CHECK_FALSE(app::percentile({}, 95));
  CHECK(app::percentile({7us}, 50) == 7us);
  std::vector<std::chrono::microseconds> hundred;
  for (int i = 100; i > 0; --i) hundred.emplace_back(i);
  CHECK(app::percentile(hundred, 50) == 50us);
  CHECK(app::percentile(hundred, 95) == 95us);
  CHECK(app::percentile(hundred, 100) == 100us);
}
