#include <simdjson.h>

#include "apps/cli/cli.h"
#include "base/key_text.h"

namespace {

struct Made {
  std::string id, key, expires;
};

Made made_of(const std::string& json) {
  simdjson::dom::parser parser;
  simdjson::dom::element root = parser.parse(json);
  Made made;
  made.id = std::string(root["id"].get_c_str().value());
  made.key = std::string(root["key"].get_c_str().value());
  if (root["expires"].is_string()) made.expires = std::string(root["expires"].get_c_str().value());
  return made;
}

ApiKey stored(Cli& cli, const std::string& id) {
  const TenantChange tenants = cli.store()->tenants().value();
  for (const ApiKey& key : tenants.keys) {
    if (key.id == id) return key;
  }
  FAIL("no key " << id);
  return {};
}

}  // namespace

TEST_CASE("a key is shown once and kept as its hash", "[apps][key]") {
  Cli cli;
  cli.good("project create demo");
  const std::string out = cli.good("key create --project demo --name laptop --expires 90d --json");
  const Made made = made_of(out);
  CHECK(looks_like_key(made.key));
  CHECK(made.expires == "2027-02-20T13:00:00.000000Z");
  CHECK(out == "{\"id\":\"" + made.id + "\",\"key\":\"" + made.key +
                   "\",\"project\":\"demo\",\"name\":\"laptop\",\"created\":\"2026-11-22T13:00:00.000000Z\","
                   "\"expires\":\"2027-02-20T13:00:00.000000Z\"}\n");
  const ApiKey key = stored(cli, made.id);
  CHECK(key.hash == key_hash(made.key));
  CHECK(key.project == "demo");
  CHECK(key.expires == fixed_now() + std::chrono::hours(90 * 24));

  std::ifstream file("gateway.db", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  CHECK(bytes.find(made.key.substr(3)) == std::string::npos);
}

TEST_CASE("without --json the key is all there is on standard output, so that a shell can take it", "[apps][key]") {
  Cli cli;
  cli.good("project create demo");
  const Ran ran = cli("key create --project demo");
  CHECK(ran.status == 0);
  CHECK(ran.out.find('\n') == ran.out.size() - 1);
  CHECK(looks_like_key(ran.out.substr(0, ran.out.find('\n'))));
  CHECK_THAT(ran.err, Catch::EndsWith(" of project demo; the key is shown this once\n"));
}

TEST_CASE("two keys are never the same", "[apps][key]") {
  Cli cli;
  cli.good("project create demo");
  const Made a = made_of(cli.good("key create --project demo --json"));
  const Made b = made_of(cli.good("key create --project demo --json"));
  CHECK(a.key != b.key);
  CHECK(a.id != b.id);
}

TEST_CASE("keys of a project of the file are made before any server ran", "[apps][key]") {
  Cli cli;
  cli.folder.write("gateway.yaml", "database: sqlite:other.db\nprojects: {demo: {}}\n");
  cli.good("key create --project demo --json");
  CHECK(cli.folder.has("other.db"));
  const Ran ran = cli("key create --project dem");
  CHECK(ran.status == 1);
  CHECK(ran.err == "gateway: no project 'dem'; did you mean 'demo'?\n");
}

TEST_CASE("keys are listed without their text, with their state", "[apps][key]") {
  Cli cli;
  cli.good("project create a");
  cli.good("project create b");
  CHECK(cli.good("key list --json") == "[]\n");
  const Made active = made_of(cli.good("key create --project a --name one --json"));
  const Made expired = made_of(cli.good("key create --project b --expires 1h --json"));
  const Made revoked = made_of(cli.good("key create --project b --json"));
  cli.now += std::chrono::hours(2);
  cli.good("key revoke " + revoked.id);
  const std::string csv = cli.good("key list --format csv");
  CHECK_THAT(csv, Catch::StartsWith("id,project,name,state,created,expires,revoked,last_used_at,cost_30d\n"));
  CHECK_THAT(csv, Catch::Contains(active.id + ",a,one,active,2026-11-22T13:00:00Z,,,,0\n"));
  CHECK_THAT(csv, Catch::Contains(expired.id + ",b,,expired,2026-11-22T13:00:00Z,2026-11-22T14:00:00Z,,,0\n"));
  CHECK_THAT(csv, Catch::Contains(revoked.id + ",b,,revoked,2026-11-22T13:00:00Z,,2026-11-22T15:00:00Z,,0\n"));
  for (const Made& made : {active, expired, revoked}) CHECK(csv.find(made.key) == std::string::npos);
  const std::string of_a = cli.good("key list --project a");
  CHECK(of_a.find(active.id) != std::string::npos);
  CHECK(of_a.find(expired.id) == std::string::npos);
}

TEST_CASE("keys are listed by what they cost, and those that nobody uses", "[apps][key]") {
  Cli cli;
  cli.good("project create demo");
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) {
    ids.push_back(made_of(cli.good("key create --project demo --json")).id);
    cli.now += std::chrono::seconds(1);
  }
  cli.good("key revoke " + ids[3]);
  cli.now = fixed_now() + std::chrono::hours(24 * 60);
  {
    auto store = cli.store();
    Row old = settled_row(1, fixed_now() + std::chrono::hours(1)), late = settled_row(2, cli.now);
    old.key = ids[0];
    late.key = ids[1];
    append(*store, {old, late});
  }
  const auto listed = [&](const std::string& flags) {
    const std::string out = cli.good("key list --format csv " + flags);
    std::map<std::size_t, int> places;
    for (int i = 0; i < 4; ++i) {
      if (const auto at = out.find(ids[static_cast<std::size_t>(i)]); at != out.npos) places[at] = i;
    }
    std::string order;
    for (const auto& [place, i] : places) order += std::to_string(i);
    return order;
  };
  CHECK(listed("") == "0123");
  CHECK(listed("--order cost") == "1023");
  CHECK(listed("--order last_used") == "2301");
  CHECK(listed("--unused-for 30d") == "02");
  CHECK(listed("--unused-for 1439h") == "2");
  CHECK(listed("--unused-for 60d").empty());
  const std::string csv = cli.good("key list --format csv");
  CHECK_THAT(csv, Catch::Contains(",2026-11-22T14:00:00Z,0\n"));
  CHECK_THAT(csv, Catch::Contains(",2027-01-21T13:00:00Z,0.00012345\n"));
  CHECK(cli("key list --order size").err == "gateway: --order: expected age, cost or last_used, found 'size'\n");
  CHECK_THAT(cli("key list --unused-for ever").err, Catch::StartsWith("gateway: --unused-for: expected a duration"));
}

TEST_CASE("revoking ends a key, and again changes nothing", "[apps][key]") {
  Cli cli;
  cli.good("project create demo");
  const Made made = made_of(cli.good("key create --project demo --json"));
  const std::string said = made.id + " of project demo is revoked since 2026-11-22T13:00:00Z\n";
  CHECK(cli.good("key revoke " + made.id) == said);
  cli.now += std::chrono::hours(1);
  CHECK(cli.good("key revoke " + made.id) == said);
  CHECK(stored(cli, made.id).revoked == fixed_now());
  CHECK(cli("key revoke key_nothing").err == "gateway: no key with the id 'key_nothing'; see 'gateway key list'\n");
}

TEST_CASE("rotating makes a new key and ends the old one", "[apps][key]") {
  Cli cli;
  cli.good("project create demo");
  const Made old = made_of(cli.good("key create --project demo --name app --expires 10d --json"));
  cli.now += std::chrono::hours(24);
  const std::string out = cli.good("key rotate " + old.id + " --json");
  const Made made = made_of(out);
  CHECK_THAT(out,
             Catch::Contains("\"replaces\":\"" + old.id + "\",\"replaced_until\":\"2026-11-23T13:00:00.000000Z\""));
  CHECK(stored(cli, old.id).revoked == cli.now);
  const ApiKey key = stored(cli, made.id);
  CHECK(key.name == "app");
  CHECK(key.expires == cli.now + std::chrono::hours(240));
  const Ran again = cli("key rotate " + old.id);
  CHECK(again.status == 1);
  CHECK(again.err == "gateway: key " + old.id + " is revoked; 'gateway key create' makes a new one\n");
}

TEST_CASE("with a grace the old key works a while longer", "[apps][key]") {
  Cli cli;
  cli.good("project create demo");
  const Made old = made_of(cli.good("key create --project demo --json"));
  const Made soon = made_of(cli.good("key create --project demo --expires 30m --json"));
  cli.good("key rotate " + old.id + " --grace 1h --name new --json");
  cli.good("key rotate " + soon.id + " --grace 1h --json");
  CHECK_FALSE(stored(cli, old.id).revoked);
  CHECK(stored(cli, old.id).expires == fixed_now() + std::chrono::hours(1));
  CHECK(stored(cli, soon.id).expires == fixed_now() + std::chrono::minutes(30));
}

TEST_CASE("a key's flags are read strictly", "[apps][key]") {
  Cli cli;
  cli.good("project create demo");
  CHECK(cli("key create").err == "gateway: --project is required; see 'gateway key create --help'\n");
  const Ran ran = cli("key create --project demo --expires never");
  CHECK(ran.status == 2);
  CHECK(ran.err ==
        "gateway: --expires: expected how long such as 90d or 12h, or a time such as 2027-01-31T00:00:00Z, found "
        "'never'\n");
  CHECK(cli("key create --project demo --expires 0").status == 2);
  for (const char* past : {"2020-01-01", "2026-11-22", "2026-11-22T13:00:00Z"}) {
    const Ran born_dead = cli(std::string("key create --project demo --expires ") + past);
    CHECK(born_dead.status == 2);
    CHECK(born_dead.err == std::string("gateway: --expires: expected a time to come, found '") + past + "'\n");
  }
  CHECK(cli("key rotate key_x --grace soon").err ==
        "gateway: --grace: expected a duration such as 250ms, 2s, 10m or 1h, found 'soon'\n");
}
