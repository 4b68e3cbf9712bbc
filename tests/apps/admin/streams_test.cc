// Exports that are streamed while others are.
#include <algorithm>
#include <functional>

#include "app/admin/api.h"
#include "apps/cli/cli.h"

using namespace gateway::app;

namespace {

AdminApi::Options options_of_the_database() {
  AdminApi::Options options;
  options.config = std::make_shared<const Config>();
  options.database = "gateway.db";
  options.now = fixed_now;
  return options;
}

AdminRequest export_of(const std::string& more = {}) {
  AdminRequest request;
  request.method = "GET";
  request.path = "ledger/export";
  request.query = "format=jsonl" + more;
  return request;
}

}  // namespace

TEST_CASE("readers of exports never take all the administration's threads", "[apps][admin]") {
  Cli cli;
  append(*cli.store(), {settled_row(1)}, {});
  const AdminApi api(options_of_the_database());
  int under_way = 0, most = 0;
  std::vector<int> statuses;
  // Each stream's first piece is not taken before another export has had its answer.
  const std::function<bool(std::string)> write = [&](std::string) {
    most = std::max(most, ++under_way);
    statuses.push_back(api.answer(export_of(), write).status);
    --under_way;
    return true;
  };
  CHECK(api.answer(export_of(), write).status == 200);
  CHECK(most == AdminApi::kMaxStreams);
  CHECK(statuses == std::vector<int>{503, 200, 200});
  // All have returned their places.
  CHECK(api.answer(export_of(), [](std::string) { return true; }).status == 200);
}

TEST_CASE("an export of a project that does not exist is not an empty one", "[apps][admin]") {
  Cli cli;
  append(*cli.store(), {settled_row(1)}, {});
  const AdminApi api(options_of_the_database());
  CHECK(api.answer(export_of("&project=nope"), [](std::string) { return true; }).status == 404);
}
