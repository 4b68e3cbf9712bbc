#include "store/backend.h"

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

TEST_CASE("a project comes back as it was inserted", "[store][tenants]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  const ProjectConfig put = rich_project();
  REQUIRE(store->put_project(put, nullptr));
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

TEST_CASE("a project is replaced completely, and refused if it must be new", "[store][tenants]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(store->put_project(rich_project(), nullptr));
  const auto again = store->put_project(rich_project(), nullptr);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == ErrorCode::exists);
  CHECK(store->tenants()->projects[0].spend.caps.size() == 3);

  ProjectConfig plain;
  plain.name = "demo";
  const ProjectConfig before = rich_project();
  REQUIRE(store->put_project(plain, &before));
  const auto tenants = store->tenants();
  REQUIRE(tenants->projects.size() == 1);
  CHECK(tenants->projects[0].models.empty());
  CHECK(tenants->projects[0].spend.caps.empty());
  CHECK(tenants->projects[0].spend.zone.empty());
  CHECK(tenants->projects[0].spend.timezone == "UTC");

  plain.from_file = true;
  CHECK(store->put_project(plain, nullptr).error().code == ErrorCode::refused);
}

TEST_CASE("a project that was changed or deleted since it was read is not replaced", "[store][tenants]") {
  const auto backend = each_backend();
  const auto one = backend->open();
  const auto two = backend->open();
  REQUIRE(one->put_project(rich_project(), nullptr));
  const ProjectConfig read = two->tenants()->projects[0];
  ProjectConfig lowered = read;
  lowered.spend.caps[0].cap = Money::units(1);
  REQUIRE(one->put_project(lowered, &read));

  ProjectConfig limited = read;
  limited.limits.requests_per_minute = 7;
  CHECK(two->put_project(limited, &read).error().code == ErrorCode::conflict);
  CHECK(two->tenants()->projects[0].spend.caps[0].cap == Money::units(1));
  REQUIRE(one->delete_project(read.name));
  CHECK(two->put_project(limited, &lowered).error().code == ErrorCode::not_found);
  CHECK(two->tenants()->projects.empty());
}

TEST_CASE("any difference at all makes a project another than was read", "[store][tenants]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(store->put_project(rich_project(), nullptr));
  const auto differs = [&](auto change) {
    ProjectConfig other = rich_project();
    change(other);
    return store->put_project(rich_project(), &other).error().code == ErrorCode::conflict;
  };
  CHECK(differs([](ProjectConfig& p) { p.models.push_back("more"); }));
  CHECK(differs([](ProjectConfig& p) { p.limits.concurrent = 99; }));
  CHECK(differs([](ProjectConfig& p) { p.limits.max_output_tokens = 5; }));
  CHECK(differs([](ProjectConfig& p) { p.spend.caps[1].warn_percent.push_back(99); }));
  CHECK(differs([](ProjectConfig& p) { p.spend.caps.pop_back(); }));
  CHECK(differs([](ProjectConfig& p) { p.spend.zone[0].offset += std::chrono::seconds(1); }));
  CHECK(differs([](ProjectConfig& p) { p.spend.allow_unpriced = !p.spend.allow_unpriced; }));
  CHECK(differs([](ProjectConfig& p) { p.spend.timezone = "Mars"; }));
}

TEST_CASE("a key is inserted once, and no two share a text", "[store][tenants]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  ApiKey key = key_of("key_a", 1);
  key.expires = kMorning + std::chrono::hours(1);
  REQUIRE(store->put_key(key));
  ApiKey longer = key;
  longer.expires.reset();
  CHECK(store->put_key(longer).error().code == ErrorCode::exists);
  REQUIRE(store->put_key(key_of("key_b", 2)));
  CHECK(store->put_key(key_of("key_c", 1)).error().code == ErrorCode::exists);

  const auto keys = store->tenants()->keys;
  REQUIRE(keys.size() == 2);
  CHECK(keys[0].id == "key_a");
  CHECK(keys[0].name == "laptop");
  CHECK(keys[0].project == "demo");
  CHECK(keys[0].hash == key.hash);
  CHECK(keys[0].created == key.created);
  CHECK(keys[0].expires == key.expires);
  CHECK_FALSE(keys[0].revoked);
  CHECK_FALSE(keys[1].expires);
}

TEST_CASE("a key of a stored project is not inserted once that is deleted", "[store][tenants]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  ProjectConfig red;
  red.name = "red";
  REQUIRE(store->put_project(red, nullptr));
  REQUIRE(store->put_key(key_of("key_a", 1, "red"), true));
  REQUIRE(store->delete_project("red"));
  CHECK(store->put_key(key_of("key_b", 2, "red"), true).error().code == ErrorCode::not_found);
  REQUIRE(store->put_key(key_of("key_c", 3, "of the file")));
}

TEST_CASE("of two ends of a key the earlier one wins, in whichever order they come", "[store][tenants]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  const WallTime now = kMorning + std::chrono::hours(1), later = now + std::chrono::hours(24);
  const auto key = [&](std::size_t i) { return store->tenants()->keys[i]; };
  REQUIRE(store->put_key(key_of("key_a", 1)));
  REQUIRE(store->put_key(key_of("key_b", 2)));

  REQUIRE(store->end_key("key_a", now, now));
  const auto graced = store->end_key("key_a", later, now);
  REQUIRE(graced);
  CHECK(graced->revoked == now);
  CHECK(store->end_key("key_a", now + std::chrono::minutes(1), now + std::chrono::minutes(1))->revoked == now);
  CHECK(key(0).revoked == now);

  REQUIRE(store->end_key("key_b", later, now));
  CHECK_FALSE(key(1).revoked);
  CHECK(store->end_key("key_b", later + std::chrono::hours(1), now)->expires == later);
  CHECK(store->end_key("key_b", later - std::chrono::hours(1), now)->expires == later - std::chrono::hours(1));
  CHECK(store->end_key("key_b", now, now)->revoked == now);
  CHECK(store->end_key("key_z", now, now).error().code == ErrorCode::not_found);
}

TEST_CASE("a key is replaced and ended in one step, or neither", "[store][tenants]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  const WallTime now = kMorning + std::chrono::hours(1), later = now + std::chrono::hours(1);
  REQUIRE(store->put_key(key_of("key_a", 1)));
  CHECK(store->rotate_key("key_a", key_of("key_b", 1), later, now).error().code == ErrorCode::exists);
  CHECK_FALSE(store->tenants()->keys[0].expires);

  const auto old = store->rotate_key("key_a", key_of("key_b", 2), later, now);
  REQUIRE(old);
  CHECK(old->expires == later);
  REQUIRE(store->end_key("key_a", now, now));
  CHECK(store->rotate_key("key_a", key_of("key_c", 3), later, now).error().code == ErrorCode::refused);
  CHECK(store->rotate_key("key_z", key_of("key_c", 3), later, now).error().code == ErrorCode::not_found);
  const auto keys = store->tenants()->keys;
  REQUIRE(keys.size() == 2);
  CHECK(keys[0].revoked == now);
  CHECK_FALSE(keys[1].revoked);
}

TEST_CASE("deleting a project revokes its keys and keeps its rows", "[store][tenants]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  ProjectConfig red;
  red.name = "red";
  REQUIRE(store->put_project(red, nullptr));
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

TEST_CASE("the version moves with each change, seen by every connection", "[store][tenants]") {
  const auto backend = each_backend();
  const auto one = backend->open();
  const auto two = backend->open();
  std::vector<std::uint64_t> seen{version(*two)};
  REQUIRE(one->put_project(rich_project(), nullptr));
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
