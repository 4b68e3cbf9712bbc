#include "adapters/sqlite/ledger_fixture.h"

namespace gateway {
namespace {

ProjectConfig rich_project() {
  ProjectConfig project;
  project.name = "demo";
  project.models = {"fast", "anthropic/*", ""};
  project.limits = {600, 200'000, 50, std::nullopt};
  project.spend.caps = {{Money::parse("25.000000000001").value(), Period::month, {80, 50}},
                        {Money::units(1), Period::total, {}},
                        {Money::dollars(3), Period::day, {90}}};
  project.spend.mode = SpendMode::estimate;
  project.spend.timezone = "Europe/Berlin";
  project.spend.zone = {{std::chrono::sys_seconds(std::chrono::seconds(-5)), std::chrono::seconds(3600)},
                        {std::chrono::sys_seconds(std::chrono::seconds(1'800'000'000)), std::chrono::seconds(-7200)}};
  project.spend.allow_unpriced = true;
  return project;
}

ApiKey key_of(const char* id, std::uint8_t first_byte, const char* project = "demo") {
  ApiKey key;
  key.id = id;
  key.name = "laptop";
  key.project = project;
  key.hash.fill(first_byte);
  key.hash[31] = 0;
  key.created = kMorning;
  return key;
}

std::uint64_t version(Store& store) {
  const auto found = store.tenants_version();
  REQUIRE(found);
  return *found;
}

TEST_CASE("a project comes back as it was put in", "[sqlite][tenants]") {
  const TempDirectory directory;
  const auto store = open_store(directory.file("gateway.db"));
  const ProjectConfig put = rich_project();
  REQUIRE(store->put_project(put, true));
  const auto tenants = store->tenants();
  REQUIRE(tenants);
  REQUIRE(tenants->projects.size() == 1);
  const ProjectConfig& got = tenants->projects[0];
  CHECK(got.name == put.name);
  CHECK(got.models == put.models);
  CHECK(got.limits.requests_per_minute == put.limits.requests_per_minute);
  CHECK(got.limits.tokens_per_minute == put.limits.tokens_per_minute);
  CHECK(got.limits.concurrent == put.limits.concurrent);
  CHECK_FALSE(got.limits.max_output_tokens);
  CHECK(got.spend.mode == put.spend.mode);
  CHECK(got.spend.timezone == put.spend.timezone);
  CHECK(got.spend.allow_unpriced);
  CHECK_FALSE(got.from_file);
  REQUIRE(got.spend.caps.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(got.spend.caps[i].cap == put.spend.caps[i].cap);
    CHECK(got.spend.caps[i].period == put.spend.caps[i].period);
    CHECK(got.spend.caps[i].warn_percent == put.spend.caps[i].warn_percent);
  }
  REQUIRE(got.spend.zone.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(got.spend.zone[i].from == put.spend.zone[i].from);
    CHECK(got.spend.zone[i].offset == put.spend.zone[i].offset);
  }
}

TEST_CASE("a project is replaced whole, and refused where it must be new", "[sqlite][tenants]") {
  const TempDirectory directory;
  const auto store = open_store(directory.file("gateway.db"));
  REQUIRE(store->put_project(rich_project(), true));
  const auto again = store->put_project(rich_project(), true);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == ErrorCode::exists);
  CHECK(store->tenants()->projects[0].spend.caps.size() == 3);

  ProjectConfig plain;
  plain.name = "demo";
  REQUIRE(store->put_project(plain, false));
  const auto tenants = store->tenants();
  REQUIRE(tenants->projects.size() == 1);
  CHECK(tenants->projects[0].models.empty());
  CHECK(tenants->projects[0].spend.caps.empty());
  CHECK(tenants->projects[0].spend.zone.empty());
  CHECK(tenants->projects[0].spend.timezone == "UTC");

  plain.from_file = true;
  CHECK(store->put_project(plain, false).error().code == ErrorCode::refused);
}

TEST_CASE("keys are put, changed by id, and never share a text", "[sqlite][tenants]") {
  const TempDirectory directory;
  const auto store = open_store(directory.file("gateway.db"));
  ApiKey key = key_of("key_a", 1);
  REQUIRE(store->put_key(key));
  key.expires = kMorning + std::chrono::hours(1);
  key.revoked = kMorning;
  REQUIRE(store->put_key(key));
  REQUIRE(store->put_key(key_of("key_b", 2)));
  const auto twin = store->put_key(key_of("key_c", 1));
  REQUIRE_FALSE(twin);
  CHECK(twin.error().code == ErrorCode::exists);

  const auto keys = store->tenants()->keys;
  REQUIRE(keys.size() == 2);
  CHECK(keys[0].id == "key_a");
  CHECK(keys[0].name == "laptop");
  CHECK(keys[0].project == "demo");
  CHECK(keys[0].hash == key.hash);
  CHECK(keys[0].created == key.created);
  CHECK(keys[0].expires == key.expires);
  CHECK(keys[0].revoked == key.revoked);
  CHECK_FALSE(keys[1].revoked);
  CHECK_FALSE(keys[1].expires);
}

TEST_CASE("deleting a project revokes its keys and keeps its rows", "[sqlite][tenants]") {
  const TempDirectory directory;
  const auto store = open_store(directory.file("gateway.db"));
  ProjectConfig red;
  red.name = "red";
  REQUIRE(store->put_project(red, true));
  REQUIRE(store->put_key(key_of("key_a", 1, "red")));
  REQUIRE(store->put_key(key_of("key_b", 2, "blue")));
  REQUIRE(append(*store, {settled_row(1)}));
  REQUIRE(store->delete_project("red"));
  const auto tenants = store->tenants();
  CHECK(tenants->projects.empty());
  CHECK(tenants->keys[0].revoked);
  CHECK_FALSE(tenants->keys[1].revoked);
  CHECK(all_rows(*store).size() == 1);
  CHECK(store->delete_project("red").error().code == ErrorCode::not_found);
}

TEST_CASE("the version moves with each change, seen by every store on the file", "[sqlite][tenants]") {
  const TempDirectory directory;
  const auto one = open_store(directory.file("gateway.db"));
  const auto two = open_store(directory.file("gateway.db"));
  std::vector<std::uint64_t> seen{version(*two)};
  REQUIRE(one->put_project(rich_project(), true));
  seen.push_back(version(*two));
  REQUIRE(one->put_key(key_of("key_a", 1)));
  seen.push_back(version(*two));
  REQUIRE(one->delete_project("demo"));
  seen.push_back(version(*two));
  CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end());

  REQUIRE(append(*one, {settled_row(1)}));
  CHECK_FALSE(one->put_key(key_of("key_b", 1)));
  CHECK_FALSE(one->delete_project("nobody"));
  CHECK(version(*two) == seen.back());
  CHECK(version(*one) == seen.back());
}

}  // namespace
}  // namespace gateway
