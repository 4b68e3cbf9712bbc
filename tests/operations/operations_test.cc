// Operations over a store in memory: typed requests, typed answers, pages that meet.
#include <set>

#include "operations/catalogue.h"
#include "operations/keys.h"
#include "operations/operations_bench.h"
#include "operations/projects.h"
#include "operations/requests.h"
#include "operations/usage.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::operations;

namespace {

struct Fixture : OperationsBench {
  KeyRandom random{};

  void add_project(const std::string& name) { REQUIRE(create_project(on(), {name, {}})); }
  std::string add_key(const std::string& project) {
    random.fill(static_cast<std::uint8_t>(random[0] + 1));
    const auto made = create_key(on(), {project, "", std::nullopt, random});
    REQUIRE(made);
    now += std::chrono::seconds(1);
    return made->key.id;
  }
  void add_row(int number, int attempt = 0) {
    OperationsBench::add_row(number, attempt, "demo", number % 2 == 0 ? "even" : "odd", "openai");
  }
};

}  // namespace

TEST_CASE("pages of rows meet, whatever their size and what is added meanwhile", "[operations][requests]") {
  Fixture fixture;
  fixture.add_project("demo");
  for (int number = 1; number <= 5; ++number) {
    for (int attempt = 0; attempt < 3; ++attempt) fixture.add_row(number, attempt);
  }
  const std::int64_t limit = GENERATE(1, 2, 3, 4, 14, 15, 16);
  std::vector<std::pair<int, int>> found;
  int newer = 6;
  const int count = pages(limit, [&](const Page& page) {
    const auto answer = list_requests(fixture.on(), {}, page, [&](const Row& row) {
      found.emplace_back(row.request.bytes[15], row.attempt);
      return true;
    });
    REQUIRE(answer);
    CHECK(answer->rows <= limit);
    fixture.add_row(newer++);
    return answer->next;
  });
  std::vector<std::pair<int, int>> all;
  for (int number = 5; number >= 1; --number) {
    for (int attempt = 2; attempt >= 0; --attempt) all.emplace_back(number, attempt);
  }
  CHECK(found == all);
  CHECK(count == static_cast<int>((15 + limit - 1) / limit));
}

TEST_CASE("a cursor that no list returned is a usage error", "[operations]") {
  Fixture fixture;
  fixture.add_project("demo");
  const auto is_refused = [](const auto& answer) {
    return !answer && answer.error().code == ErrorCode::invalid && answer.error().detail.starts_with("cursor: ");
  };
  for (const char* cursor : {"x", "1.", "018f.1.2", "-1", "9999999999999999999999"}) {
    INFO(cursor);
    const Page page{10, cursor};
    CHECK(is_refused(list_requests(fixture.on(), {}, page, [](const Row&) { return true; })));
    CHECK(is_refused(list_keys(fixture.on(), {std::nullopt, page})));
    if (std::string_view(cursor) != "1.") CHECK(is_refused(usage(fixture.on(), {.by = {UsageKey::model}}, page)));
  }
}

TEST_CASE("pages of projects, keys and sums meet", "[operations][projects][keys][usage]") {
  Fixture fixture;
  fixture.config.projects.push_back({});
  fixture.config.projects.back().name = "of-file";
  fixture.config.projects.back().from_file = true;
  std::vector<std::string> names{"of-file"}, ids;
  for (const char* name : {"zeta", "demo", "beta", "omega"}) {
    fixture.add_project(name);
    names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  for (int i = 0; i < 4; ++i) ids.push_back(fixture.add_key("demo"));
  for (int number = 1; number <= 4; ++number) fixture.add_row(number);

  const std::int64_t limit = GENERATE(1, 2, 3, 5);
  std::vector<std::string> listed, keys, models;
  pages(limit, [&](const Page& page) {
    const auto list = list_projects(fixture.on(), page);
    REQUIRE(list);
    CHECK(list->all == 5);
    for (const ProjectView& view : list->projects) listed.push_back(view.project.name);
    return list->next;
  });
  CHECK(listed == names);
  pages(limit, [&](const Page& page) {
    const auto list = list_keys(fixture.on(), {"demo", page});
    REQUIRE(list);
    CHECK(list->all == 4);
    for (const KeyView& view : list->keys) keys.push_back(view.key.id);
    return list->next;
  });
  CHECK(keys == ids);
  pages(limit, [&](const Page& page) {
    const auto answer = usage(fixture.on(), {.by = {UsageKey::model}}, page);
    REQUIRE(answer);
    CHECK(answer->total.attempts == 4);
    for (const UsageSum& sum : answer->sums) models.push_back(sum.key[0]);
    return answer->next;
  });
  CHECK(models == std::vector<std::string>{"even", "odd"});
}

TEST_CASE("what is added between two pages is not seen twice, nor hides another", "[operations][usage]") {
  Fixture fixture;
  fixture.add_project("demo");
  int number = 0;
  const auto add = [&](const char* model) { fixture.OperationsBench::add_row(++number, 1, "demo", model, "openai"); };
  for (const char* model : {"b", "c, ~d", "e"}) add(model);
  const UsageQuery query{.by = {UsageKey::model}};
  const auto first = usage(fixture.on(), query, {.limit = 2});
  REQUIRE(first);
  REQUIRE(first->next);
  CHECK(*first->next == "c~2c~20~7ed");  // needs no encoding in a URL
  add("a");
  const auto second = usage(fixture.on(), query, {.limit = 2, .cursor = *first->next});
  REQUIRE(second);
  REQUIRE(second->sums.size() == 1);
  CHECK(second->sums[0].key[0] == "e");
  CHECK_FALSE(second->next);
  // Of another question it is none.
  CHECK_FALSE(usage(fixture.on(), {.by = {UsageKey::provider}}, {.limit = 2, .cursor = *first->next}));
}

TEST_CASE("the top sums are listed, and all others as one in each of the times", "[operations][usage]") {
  Fixture fixture;
  fixture.add_project("demo");
  int number = 0;
  const auto add = [&](int count, const char* model) {
    for (int i = 0; i < count; ++i) fixture.OperationsBench::add_row(++number, 1, "demo", model, "openai");
  };
  const auto listed = [&](std::vector<UsageKey> by, UsageShape shape) {
    std::vector<std::pair<std::string, std::int64_t>> found;
    const auto answer = usage(fixture.on(), {.by = std::move(by)}, {.limit = 0}, shape);
    REQUIRE(answer);
    CHECK(answer->total.attempts == 21);
    for (const UsageSum& sum : answer->sums) {
      std::string key;
      for (const std::string& part : sum.key) key += (key.empty() ? "" : " ") + part;
      found.emplace_back(key, sum.attempts);
    }
    return found;
  };
  using Found = std::vector<std::pair<std::string, std::int64_t>>;
  add(1, "a"), add(5, "b"), add(2, "c"), add(3, "z");
  fixture.now += std::chrono::hours(24);
  add(4, "a"), add(1, "b"), add(2, "c"), add(3, "z");
  CHECK(listed({UsageKey::model}, {.top = 2}) == Found{{"b", 6}, {"z", 6}, {"other", 9}});
  CHECK(listed({UsageKey::model}, {.order = UsageOrder::cost, .top = 1}) == Found{{"other", 15}, {"b", 6}});
  CHECK(listed({UsageKey::model}, {.order = UsageOrder::cost}) == Found{{"b", 6}, {"z", 6}, {"a", 5}, {"c", 4}});
  CHECK(listed({UsageKey::model}, {.top = 9}) == Found{{"a", 5}, {"b", 6}, {"c", 4}, {"z", 6}});
  CHECK(listed({UsageKey::day, UsageKey::model}, {.top = 1}) ==
        Found{{"2026-11-22 b", 5}, {"2026-11-22 other", 6}, {"2026-11-23 b", 1}, {"2026-11-23 other", 9}});
  CHECK(listed({UsageKey::model, UsageKey::day}, {.top = 1}) ==
        Found{{"b 2026-11-22", 5}, {"b 2026-11-23", 1}, {"other 2026-11-22", 6}, {"other 2026-11-23", 9}});
  const auto of_times = usage(fixture.on(), {.by = {UsageKey::day}}, {}, {.top = 1});
  REQUIRE_FALSE(of_times);
  CHECK(of_times.error().code == ErrorCode::invalid);
}

TEST_CASE("filters take several values, and keys by name", "[operations][usage][requests]") {
  Fixture fixture;
  for (const char* name : {"demo", "beta"}) fixture.add_project(name);
  std::vector<std::string> ids;
  for (const char* name : {"ci", "ci", "web"}) {
    fixture.random.fill(static_cast<std::uint8_t>(fixture.random[0] + 1));
    ids.push_back(create_key(fixture.on(), {"demo", name, std::nullopt, fixture.random})->key.id);
  }
  std::vector<Row> rows;
  for (int number = 0; number < 4; ++number) {
    Row row;
    row.request.bytes[15] = static_cast<std::uint8_t>(number);
    row.state = RowState::settled;
    row.project = number == 3 ? "beta" : "demo";
    row.key = number == 3 ? "key_gone" : ids[static_cast<std::size_t>(number)];
    row.accepted = row.ended = fixture.now;
    rows.push_back(row);
  }
  REQUIRE(fixture.store.append({rows, {}}));
  const auto count = [&](const RowQuery& query) {
    const auto answer = list_requests(fixture.on(), query, {}, [](const Row&) { return true; });
    REQUIRE(answer);
    const auto sums = usage(fixture.on(), {.project = query.project, .key = query.key}, {});
    REQUIRE(sums);
    CHECK(sums->total.attempts == answer->rows);
    return answer->rows;
  };
  using Texts = std::vector<std::string>;
  CHECK(count({}) == 4);
  CHECK(count({.key = "ci"}) == 2);
  CHECK(count({.key = Texts{"ci", "web"}}) == 3);
  CHECK(count({.key = ids[2]}) == 1);
  CHECK(count({.key = "key_gone"}) == 1);
  CHECK_FALSE(list_requests(fixture.on(), {.key = "nobody"}, {}, [](const Row&) { return true; }));
  CHECK_FALSE(usage(fixture.on(), {.key = "nobody"}, {}));
  CHECK(count({.project = Texts{"demo", "beta"}}) == 4);
  CHECK(count({.project = "demo", .key = "key_gone"}) == 0);
  const RowQuery unknown{.project = Texts{"demo", "bta"}};
  const auto refused = list_requests(fixture.on(), unknown, {}, [](const Row&) { return true; });
  REQUIRE_FALSE(refused);
  CHECK(refused.error().detail == "no project 'bta'; did you mean 'beta'?");
}

TEST_CASE("a project is changed in the version that was read, or not at all", "[operations][projects]") {
  Fixture fixture;
  fixture.add_project("demo");
  const std::string first = show_project(fixture.on(), "demo")->version;
  ProjectChange change;
  change.requests_per_minute = ProjectChange::Limit(7);
  change.caps = {{Period::day, Money::units(5)}, {Period::month, Money::units(6)}};
  change.warnings = std::vector<int>{50};
  const auto changed = set_project(fixture.on(), {"demo", change, first});
  REQUIRE(changed);
  CHECK(changed->version != first);
  CHECK(changed->project.limits.requests_per_minute == 7);
  REQUIRE(changed->caps.size() == 2);
  CHECK(changed->caps[1].cap.warn_percent == std::vector<int>{50});

  const auto late = set_project(fixture.on(), {"demo", {}, first});
  REQUIRE_FALSE(late);
  CHECK(late.error().code == ErrorCode::conflict);

  ProjectChange lifted;
  lifted.requests_per_minute = ProjectChange::Limit();
  lifted.caps = {{Period::day, std::nullopt}};
  const auto less = set_project(fixture.on(), {"demo", lifted, changed->version});
  REQUIRE(less);
  CHECK_FALSE(less->project.limits.requests_per_minute);
  REQUIRE(less->project.spend.caps.size() == 1);
  CHECK(less->project.spend.caps[0].period == Period::month);
}

TEST_CASE("what the file defines is not changed by operations", "[operations][projects]") {
  Fixture fixture;
  fixture.config.projects.push_back({});
  fixture.config.projects.back().name = "demo";
  CHECK(create_project(fixture.on(), {"demo", {}}).error().code == ErrorCode::refused);
  CHECK(set_project(fixture.on(), {"demo", {}}).error().code == ErrorCode::refused);
  CHECK(delete_project(fixture.on(), "demo").error().code == ErrorCode::refused);
  CHECK(create_project(fixture.on(), {"no name", {}}).error().code == ErrorCode::invalid);
}

TEST_CASE("a key is made, replaced and revoked", "[operations][keys]") {
  Fixture fixture;
  CHECK(create_key(fixture.on(), {"demo", "", std::nullopt, fixture.random}).error().code == ErrorCode::not_found);
  fixture.add_project("demo");
  const std::string id = fixture.add_key("demo");
  fixture.random.fill(static_cast<std::uint8_t>(fixture.random[0] + 1));
  const auto rotated = rotate_key(fixture.on(), {id, "new", std::nullopt, std::chrono::hours(1), fixture.random});
  REQUIRE(rotated);
  CHECK(rotated->replaced.id == id);
  CHECK(rotated->ends == key_moment(fixture.on()) + std::chrono::hours(1));
  CHECK(rotated->made.text.starts_with("gk-"));
  REQUIRE(revoke_key(fixture.on(), id));
  CHECK(rotate_key(fixture.on(), {id, {}, {}, {}, fixture.random}).error().code == ErrorCode::refused);
  CHECK(revoke_key(fixture.on(), "key_none").error().code == ErrorCode::not_found);
  const auto list = list_keys(fixture.on(), {});
  REQUIRE(list);
  REQUIRE(list->keys.size() == 2);
  CHECK(list->keys[0].state == "revoked");
  CHECK(list->keys[1].state == "active");
}

TEST_CASE("a key is not used before it is made", "[operations][keys]") {
  Fixture fixture;
  fixture.add_project("demo");
  const std::string id = fixture.add_key("demo");
  const WallTime made = list_keys(fixture.on(), {}).value().keys.front().key.created;
  Row row;
  row.state = RowState::settled;
  row.accepted = made + std::chrono::seconds(1);
  row.project = "demo";
  row.key = id;
  REQUIRE(fixture.store.append({std::vector<Row>{row}, {}}));
  CHECK(list_keys(fixture.on(), {}).value().keys.front().last_used == made);
}

TEST_CASE("without a database there is nothing, and nothing can be changed", "[operations]") {
  Fixture fixture;
  Deployment on = fixture.on();
  on.store = nullptr;
  CHECK(list_projects(on, {})->projects.empty());
  CHECK(list_keys(on, {})->keys.empty());
  CHECK(usage(on, {}, {}).error().code == ErrorCode::not_found);
  CHECK(list_requests(on, {}, {}, [](const Row&) { return true; }).error().code == ErrorCode::not_found);
  CHECK(create_project(on, {"demo", {}}).error().code == ErrorCode::not_found);
  CHECK(revoke_key(on, "key_x").error().code == ErrorCode::not_found);
}

TEST_CASE("the table names each operation once, with its path's parameters", "[operations][catalogue]") {
  std::set<std::string> names, calls;
  for (const OperationInfo& each : operations::operations()) {
    INFO(each.name);
    CHECK(names.emplace(each.name).second);
    CHECK(calls.emplace(std::string(each.method) + " " + std::string(each.path)).second);
    if (each.id != Id::explain_body) CHECK((each.access != Access::write) == (each.method == "GET"));
    if (each.access == Access::project) CHECK(parameter_of(each.id, "project").in != In::path);
    if (each.answer == Answer::list) CHECK(parameter_of(each.id, "cursor").type == Type::cursor);
    std::set<std::string> parameters;
    for (const Parameter& parameter : each.parameters) {
      CHECK(parameters.emplace(parameter.name).second);
      CHECK_FALSE(parameter.help.empty());
      if (parameter.required && parameter.in != In::path) CHECK_FALSE(parameter.expected.empty());
      if (!parameter.choices.empty())
        CHECK((parameter.default_value.empty() ||
               parameter.choices.find(parameter.default_value) != std::string_view::npos));
      const std::string braced = "{" + std::string(parameter.name) + "}";
      CHECK((parameter.in == In::path) == (each.path.find(braced) != std::string_view::npos));
    }
  }
}
