// What a call asks of a reload, and what it is answered.
#include "app/admin/api.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::app;

namespace {

struct Reloads {
  Reloads() {
    AdminApi::Options options;
    options.config = std::make_shared<const Config>();
    options.now = [] { return WallTime{}; };
    options.reload = [this](const operations::ReloadRequest& request) {
      requests.push_back(request);
      operations::ReloadAnswer answer;
      answer.reloaded = !request.share && !request.back;
      answer.staged = request.share;
      answer.conflict = conflict;
      return answer;
    };
    api = std::make_unique<AdminApi>(std::move(options));
  }
  AdminAnswer post(std::string query) {
    AdminRequest request;
    request.method = "POST";
    request.path = "reload";
    request.query = std::move(query);
    return api->answer(request);
  }

  std::vector<operations::ReloadRequest> requests;
  std::string conflict{};
  std::unique_ptr<AdminApi> api;
};

}  // namespace

TEST_CASE("a reload is of all, of a share, its completion, or the way back", "[apps][admin][reload]") {
  Reloads t;
  CHECK(t.post("").body == R"({"data":{"reloaded":true,"after_restart":[],"staged":null}})");
  CHECK(t.post("percent=5").body ==
        R"({"data":{"reloaded":false,"after_restart":[],"staged":{"percent":5,"of":"requests"}}})");
  CHECK(t.post("percent=99&of=projects").body ==
        R"({"data":{"reloaded":false,"after_restart":[],"staged":{"percent":99,"of":"projects"}}})");
  CHECK(t.post("percent=100").status == 200);
  CHECK(t.post("back=yes").body == R"({"data":{"reloaded":false,"after_restart":[],"staged":null}})");
  REQUIRE(t.requests.size() == 5);
  CHECK_FALSE(t.requests[0].complete);
  CHECK(t.requests[3].complete);
  CHECK_FALSE(t.requests[3].share);
  CHECK(t.requests[4].back);
}

TEST_CASE("a share that is none is refused, and nothing is reloaded", "[apps][admin][reload]") {
  Reloads t;
  for (const char* query : {"percent=0", "percent=101", "percent=five", "percent=5&of=keys", "of=projects", "back=no",
                            "back=yes&percent=5", "percent=5&percent=6", "share=5"}) {
    INFO(query);
    const AdminAnswer answer = t.post(query);
    CHECK(answer.status == 400);
  }
  CHECK(t.requests.empty());
}

TEST_CASE("what cannot be done as things are is a conflict", "[apps][admin][reload]") {
  Reloads t;
  t.conflict = "nothing is staged";
  const AdminAnswer answer = t.post("percent=100");
  CHECK(answer.status == 409);
  REQUIRE(answer.error);
  CHECK(answer.error->code == "conflict");
  CHECK(answer.error->message == "nothing is staged");
}
