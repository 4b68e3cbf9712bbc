// Who waits for whom when the administration is asked for more than it can answer at once.
#include "app/admin/threads.h"

#include <atomic>
#include <latch>
#include <string>

#include "support/catch.h"

using namespace gateway;
using namespace gateway::app;

namespace {

AdminRequest of_key(const std::string& id) {
  AdminRequest request;
  request.path = "usage";
  request.key_id = id;
  return request;
}

}  // namespace

TEST_CASE("calls of projects' keys keep no administrator waiting, nor one key's all others", "[admin]") {
  std::latch over(1), has_three(3);
  std::atomic<int> of_keys{0};
  AdminThreads threads([&](const AdminRequest& request, const WritePiece&) {
    if (!request.key_id.empty()) {
      if (++of_keys <= 3) has_three.count_down();
      over.wait();
    }
    return AdminAnswer{};
  });
  const auto post = [&](
                        AdminRequest request, AdminThreads::Done done = [](AdminAnswer) {}) {
    return threads.post(
        std::move(request), [](std::string, const std::stop_token&) { return true; }, std::move(done),
        [] { return true; });
  };
  for (int i = 0; i < 3; ++i) REQUIRE(post(of_key("key_a")));
  has_three.wait();
  for (std::size_t i = 0; i < AdminThreads::kMostWaitingOfKey; ++i) CHECK(post(of_key("key_a")));
  CHECK_FALSE(post(of_key("key_a")));
  CHECK(post(of_key("key_b")));

  std::latch answered(1);
  REQUIRE(post({}, [&](AdminAnswer) { answered.count_down(); }));
  answered.wait();
  CHECK(of_keys == 3);
  over.count_down();
  threads.stop();
}
