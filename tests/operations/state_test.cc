// Operations that read: models, prices, budgets, live figures, the configuration; and the ledger's upkeep.
#include "operations/budgets.h"
#include "operations/config_in_force.h"
#include "operations/ledger.h"
#include "operations/live.h"
#include "operations/models.h"
#include "operations/operations_bench.h"
#include "operations/prices.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::operations;

namespace {

struct Fixture : OperationsBench {
  Fixture() {
    ProviderConfig provider;
    provider.name = "own";
    provider.base_url = "http://127.0.0.1:9/v1";
    provider.api_key = Secret("sk-secret-of-provider");
    provider.management_key = Secret("sk-management");
    provider.headers = {{"x-api-key", "header-secret"}};
    config.providers.push_back(provider);
    config.admin_token = Secret("admin-token-secret");
    config.metrics.token = Secret("metrics-token-secret");
    for (const char* name : {"alpha", "beta", "gamma"}) {
      TargetConfig target;
      target.provider = "own";
      target.prices = Prices{};
      target.prices->input = target.prices->output = Money::units(1'000'000);
      config.routes.push_back({name, Strategy::ordered, {target}});
    }
    for (const char* name : {"one", "two", "without"}) {
      ProjectConfig project;
      project.name = name;
      project.from_file = true;
      config.projects.push_back(project);
    }
    config.projects[0].spend.caps = {{Money::units(100), Period::day, {}}, {Money::units(200), Period::month, {50}}};
    config.projects[1].spend.caps = {{Money::units(300), Period::total, {}}};
    config.projects[1].models = {"beta"};
    config.projects[1].limits.requests_per_minute = 60;
  }
  void add_row(int number, int attempt = 0) { OperationsBench::add_row(number, attempt, "one", "alpha", "own"); }
};

}  // namespace

TEST_CASE("budgets say what they will probably have spent", "[operations][budgets]") {
  Fixture fixture;
  fixture.config.projects[0].spend.caps[0].cap = Money::units(10);
  const WallTime now = fixture.now;  // 13:00
  int number = 0;
  // One unit in each hour of the last two days.
  for (int hour = 48; hour > 0; --hour) {
    fixture.now = now - std::chrono::hours(hour);
    fixture.add_row(++number);
  }
  fixture.now = now;
  const auto list = list_budgets(fixture.on(), {});
  REQUIRE(list);
  REQUIRE(list->budgets.size() == 3);
  const Budget &day = list->budgets[0], &month = list->budgets[1], &other = list->budgets[2];
  CHECK(basis_text(day.forecast) == "2 days");
  CHECK(day.state.spent == MoneySum(Money::units(13)));
  CHECK(day.forecast.exhausted_at == now);  // 13 of 10
  CHECK(day.forecast.spent_at_reset == MoneySum(Money::units(24)));
  CHECK(month.state.spent == MoneySum(Money::units(48)));
  CHECK(month.forecast.spent_at_reset == MoneySum(Money::units(48 + 11 + 8 * 24)));
  CHECK(month.forecast.exhausted_at == now + std::chrono::hours(152));  // 152 of 200 are left, the next hour passes it
  CHECK(basis_text(other.forecast) == "too early");
  CHECK_FALSE(other.forecast.exhausted_at);
}

TEST_CASE("pages of models, prices and budgets meet", "[operations]") {
  Fixture fixture;
  const std::int64_t limit = GENERATE(0, 1, 2, 3, 4);
  std::vector<std::string> models, prices, budgets;
  pages(limit, [&](const Page& page) {
    const auto list = list_models(fixture.on(), {}, {std::nullopt, page});
    REQUIRE(list);
    CHECK(list->all == 3);
    for (const ListedModel* model : list->models) models.push_back(model->id);
    return list->next;
  });
  CHECK(models == std::vector<std::string>{"alpha", "beta", "gamma"});
  pages(limit, [&](const Page& page) {
    const auto list = list_prices(fixture.on(), {}, {std::nullopt, std::nullopt, page});
    REQUIRE(list);
    CHECK(list->all == 3);
    for (const ListedPrice& each : list->prices) prices.push_back(each.provider + "/" + each.model);
    return list->next;
  });
  std::sort(prices.begin(), prices.end());
  CHECK(prices == std::vector<std::string>{"own/alpha", "own/beta", "own/gamma"});
  pages(limit, [&](const Page& page) {
    const auto list = list_budgets(fixture.on(), {std::nullopt, page});
    REQUIRE(list);
    CHECK(list->all == 3);
    for (const Budget& each : list->budgets)
      budgets.push_back(each.project + "/" + std::string(to_string(each.state.cap.period)));
    return list->next;
  });
  CHECK(budgets == std::vector<std::string>{"one/day", "one/month", "two/total"});
}

TEST_CASE("lists are narrowed to a project, a provider or a model", "[operations]") {
  Fixture fixture;
  const auto models = list_models(fixture.on(), {}, {"two", {}});
  REQUIRE(models);
  REQUIRE(models->models.size() == 1);
  CHECK(models->models[0]->id == "beta");
  CHECK(list_models(fixture.on(), {}, {"nobody", {}}).error().code == ErrorCode::not_found);
  CHECK(list_prices(fixture.on(), {}, {"other", std::nullopt, {}})->all == 0);
  CHECK(list_prices(fixture.on(), {}, {"own", "beta", {}})->all == 1);
  CHECK(list_budgets(fixture.on(), {"two", {}})->budgets.size() == 1);
  CHECK(list_budgets(fixture.on(), {"without", {}})->all == 0);
  CHECK(list_budgets(fixture.on(), {"nobody", {}}).error().code == ErrorCode::not_found);
}

TEST_CASE("a budget has what was spent and when it is reset", "[operations][budgets]") {
  Fixture fixture;
  fixture.add_row(1);
  const auto list = list_budgets(fixture.on(), {"one", {}});
  REQUIRE(list);
  REQUIRE(list->budgets.size() == 2);
  const CapState& day = list->budgets[0].state;
  CHECK(day.spent == MoneySum(Money::units(1)));
  CHECK(day.remaining() == MoneySum(Money::units(99)));
  CHECK(day.resets_at == WallTime(std::chrono::sys_days(std::chrono::year(2026) / 11 / 23)));
}

TEST_CASE("health and limits are those of the gateway that runs", "[operations][live]") {
  Fixture fixture;
  CHECK(health(fixture.on(), {}).error().code == ErrorCode::unavailable);
  CHECK(list_limits(fixture.on(), {}, {}).error().code == ErrorCode::unavailable);
  const auto core = Core::create({.config = fixture.config, .store = &fixture.store, .wall = fixture.now});
  REQUIRE(core);
  const Live live{core->get(), TimePoint{}};
  const auto answer = health(fixture.on(), live);
  REQUIRE(answer);
  REQUIRE(answer->providers.size() == 1);
  CHECK(answer->providers[0].is_usable);
  CHECK(answer->providers[0].targets.size() == 3);
  CHECK(answer->stats.ledger_writable);
  std::vector<std::string> projects;
  pages(GENERATE(1, 2, 3), [&](const Page& page) {
    const auto list = list_limits(fixture.on(), live, {std::nullopt, page});
    REQUIRE(list);
    for (const ProjectLimitsView& view : list->projects) projects.push_back(view.project);
    return list->next;
  });
  CHECK(projects == std::vector<std::string>{"one", "two", "without"});
  const auto two = list_limits(fixture.on(), live, {"two", {}});
  REQUIRE(two);
  REQUIRE(two->projects.size() == 1);
  CHECK(two->projects[0].requests_remaining == 60);
  CHECK_FALSE(two->projects[0].tokens_remaining);
}

TEST_CASE("the configuration in force shows no secret", "[operations][config]") {
  Fixture fixture;
  fixture.config.providers[0].base_url = "http://user:pass-word@127.0.0.1:9/v1";
  fixture.config.providers[0].proxy = "http://me:hush@127.0.0.1:3128";
  const ConfigInForce shown = config_in_force(fixture.on());
  const ProviderConfig& provider = shown.config.providers[0];
  for (const Secret* secret :
       {&shown.config.admin_token, &shown.config.metrics.token, &provider.api_key, &provider.management_key})
    CHECK(secret->reveal() == kHidden);
  CHECK(provider.base_url == "http://***@127.0.0.1:9/v1");
  CHECK(provider.proxy == "http://***@127.0.0.1:3128");
  CHECK(provider.headers[0].second == kHidden);
  fixture.config.providers[0].base_url = "https://host/path@2";
  fixture.config.providers[0].api_key = Secret();
  const ConfigInForce again = config_in_force(fixture.on());
  CHECK(again.config.providers[0].base_url == "https://host/path@2");
  CHECK(again.config.providers[0].api_key.empty());
}

TEST_CASE("pages of an export meet at any row", "[operations][ledger]") {
  Fixture fixture;
  std::vector<std::pair<int, int>> all;
  for (int number = 1; number <= 4; ++number) {
    for (int attempt = 0; attempt < 3; ++attempt) {
      fixture.add_row(number, attempt);
      all.emplace_back(number, attempt);
    }
  }
  std::vector<std::pair<int, int>> found;
  const std::int64_t limit = GENERATE(0, 1, 2, 3, 4, 5, 11, 12, 13);
  pages(limit, [&](const Page& page) {
    std::int64_t rows = 0;
    const auto answer = export_rows(fixture.on(), {}, page, [&](const Row& row) {
      found.emplace_back(row.request.bytes[15], row.attempt);
      return ++rows > 0;
    });
    REQUIRE(answer);
    CHECK(answer->rows == rows);
    if (limit != 0) CHECK(rows <= limit);
    return answer->next;
  });
  CHECK(found == all);
  CHECK(export_rows(fixture.on(), {}, {1, "x"}, [](const Row&) { return true; }).error().code == ErrorCode::invalid);
}

TEST_CASE("pruning replays the journals of dead processes first", "[operations][ledger]") {
  Fixture fixture;
  fixture.add_row(1);
  int swept = 0;
  const Sweep sweep = [&swept](Store&) -> Result<SweepAnswer> {
    ++swept;
    return SweepAnswer{};
  };
  CHECK(prune_midnight("before", fixture.now + std::chrono::days(1), "tomorrow", fixture.now).error().code ==
        ErrorCode::invalid);
  const auto midnight = prune_midnight("before", fixture.now, "today", fixture.now);
  REQUIRE(midnight);
  CHECK(*midnight == WallTime(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)));
  const auto pruned = prune_ledger(fixture.on(), *midnight, sweep);
  REQUIRE(pruned);
  CHECK(pruned->deleted == 0);
  CHECK(swept == 1);
  CHECK(prune_ledger(fixture.on(), *midnight, {}).error().code == ErrorCode::unavailable);
  const Sweep broken = [](Store&) -> Result<SweepAnswer> { return Error{ErrorCode::corrupt, "journal"}; };
  CHECK(prune_ledger(fixture.on(), *midnight, broken).error().code == ErrorCode::corrupt);
  const auto proof = verify_ledger(fixture.on());
  REQUIRE(proof);
  CHECK(proof->rows == 1);
}
