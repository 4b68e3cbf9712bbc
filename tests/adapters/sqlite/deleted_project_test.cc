// What is left of a project that was deleted, for whoever makes one of its name.
#include "adapters/sqlite/ledger_fixture.h"

namespace gateway {
namespace {

TEST_CASE("a project has no claim to what was answered to a deleted one of its name", "[sqlite][tenants]") {
  const TempDirectory directory;
  const auto store = open_store(directory.file("gateway.db"));
  ProjectConfig project;
  project.name = "team";
  Row row = settled_row(1);
  row.surface = SurfaceKind::responses;
  row.generation_id = "resp_1";
  Row other = settled_row(2);
  other.surface = SurfaceKind::responses;
  other.project = "others";
  other.generation_id = "resp_2";
  row.project = "team";
  REQUIRE(store->put_project(project, nullptr));
  REQUIRE(append(*store, {row, other}));
  REQUIRE(store->provider_of_answer("team", "resp_1").value());
  REQUIRE(store->delete_project("team"));
  REQUIRE(store->put_project(project, nullptr));
  CHECK_FALSE(store->provider_of_answer("team", "resp_1").value());
  CHECK(store->provider_of_answer("others", "resp_2").value());
  CHECK(store->verify()->findings == std::vector<std::string>{});
}

}  // namespace
}  // namespace gateway
