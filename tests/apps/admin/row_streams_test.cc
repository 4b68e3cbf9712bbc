// Rows streamed to several clients as they are closed.
#include "app/admin/row_streams.h"

#include <algorithm>
#include <mutex>
#include <thread>

#include "app/admin/api.h"
#include "apps/cli/cli.h"

using namespace gateway::app;
using namespace std::chrono_literals;

namespace {

struct Viewer final : RowSink {
  bool is_left() override { return left; }
  bool take_room() override { return has_room.load(); }
  void write(std::string piece) override {
    const std::lock_guard lock(mutex);
    text += piece;
  }
  void finish() override { finished = true; }
  void end() override { ended = true; }

  std::string received() {
    const std::lock_guard lock(mutex);
    return text;
  }
  // Whether the client has that row: how often.
  int has(int number) {
    const std::string all = received(), id = request_id(number).text().str();
    int count = 0;
    for (std::size_t at = all.find(id); at != all.npos; at = all.find(id, at + 1)) ++count;
    return count;
  }

  std::atomic<bool> left{false}, has_room{true}, finished{false}, ended{false};

 private:
  std::mutex mutex;
  std::string text;  // under mutex
};

template <class Condition>
bool comes_true(Condition condition) {
  for (int i = 0; i < 2000 && !condition(); ++i) std::this_thread::sleep_for(5ms);
  return condition();
}

RowStreams::Options options() {
  return {.connect = [] { return open_sqlite_store({.path = "gateway.db", .create = false, .read_only = true}); },
          .now = [] { return fixed_now() + 1s; },
          .every = 5ms,
          .keep_alive = 1s};
}

RowSubscription all_rows(WallTime since = fixed_now() + 1h) { return {{}, {}, since}; }

}  // namespace

TEST_CASE("a stream is complete after its time, so that its client is judged anew", "[apps][admin][stream]") {
  Cli cli;
  cli.store();
  RowStreams::Options brief = options();
  brief.longest = 20ms;
  RowStreams streams(brief);
  const auto viewer = std::make_shared<Viewer>();
  REQUIRE(streams.add(all_rows(), viewer));
  CHECK(comes_true([&] { return viewer->finished.load(); }));
  CHECK_FALSE(viewer->ended);
  CHECK(comes_true([&] { return streams.add(all_rows(), std::make_shared<Viewer>()); }));
}

TEST_CASE("each client gets the rows that it wants, once, as they are closed", "[apps][admin][stream]") {
  Cli cli;
  auto store = cli.store();
  append(*store, {settled_row(1)});
  RowStreams streams(options());
  const auto all = std::make_shared<Viewer>(), failed = std::make_shared<Viewer>();
  RowSubscription failures = all_rows();
  failures.query.status = {{500, 599}};
  failures.zone = {{{}, 1h}};
  REQUIRE(streams.add(all_rows(), all));
  REQUIRE(streams.add(failures, failed));
  REQUIRE(comes_true([&] { return !all->received().empty() && !failed->received().empty(); }));
  CHECK(all->has(1) == 0);  // it was closed before

  Row broken = settled_row(3), open = settled_row(4);
  broken.state = RowState::failed, broken.status = 503;
  open.state = RowState::open, open.ended = {};
  append(*store, {settled_row(2), broken, open});
  CHECK(comes_true([&] { return all->has(2) == 1 && all->has(3) == 1 && failed->has(3) == 1; }));
  append(*store, {settled_row(4)});
  CHECK(comes_true([&] { return all->has(4) == 1; }));
  CHECK(failed->has(2) + failed->has(4) == 0);
  CHECK_THAT(failed->received(), Catch::Contains("data: {\"request_id\":\"") &&
                                     Catch::Contains("\"accepted\":\"2026-11-22T14:00:00.000000+01:00\""));
  CHECK_THAT(all->received(), Catch::StartsWith("retry: 2000\n\n"));
  CHECK(all->has(3) == 1);
  streams.stop();
  CHECK(all->ended);
  CHECK(failed->ended);
  CHECK_FALSE(streams.add(all_rows(), all));
}

TEST_CASE("a client that comes back with its last event misses nothing", "[apps][admin][stream]") {
  Cli cli;
  auto store = cli.store();
  Row long_ago = settled_row(1), streamed = settled_row(2), other = settled_row(3);
  long_ago.ended = fixed_now() - 1h;
  streamed.ended = fixed_now() + 700ms;
  other.ended = fixed_now() + 800ms, other.project = "other";
  append(*store, {long_ago, streamed, other});
  RowStreams streams(options());
  const auto client = std::make_shared<Viewer>();
  RowSubscription back = all_rows(fixed_now() + 500ms);
  back.query.project = "demo";
  REQUIRE(streams.add(back, client));
  CHECK(comes_true([&] { return client->has(2) == 1; }));
  CHECK(client->has(1) == 0);
  CHECK(client->has(3) == 0);
  // The id of an event is what it continues from.
  const std::string text = client->received();
  const std::size_t at = text.find("id: ") + 4;
  CHECK(read_event_id(text.substr(at, text.find('\n', at) - at)) == fixed_now() + 1s);
  CHECK_FALSE(read_event_id("yesterday"));
  CHECK_FALSE(read_event_id("-1"));
}

TEST_CASE("a client that takes nothing holds no other, and gets it all later", "[apps][admin][stream]") {
  Cli cli;
  auto store = cli.store();
  append(*store, {settled_row(1)});
  RowStreams streams(options());
  const auto slow = std::make_shared<Viewer>(), quick = std::make_shared<Viewer>(), gone = std::make_shared<Viewer>();
  for (const auto& client : {slow, quick, gone}) REQUIRE(streams.add(all_rows(), client));
  REQUIRE(comes_true([&] { return !slow->received().empty() && !quick->received().empty(); }));
  slow->has_room = false;
  gone->left = true;
  append(*store, {settled_row(2)});
  CHECK(comes_true([&] { return quick->has(2) == 1; }));
  CHECK(slow->has(2) == 0);
  append(*store, {settled_row(3)});
  CHECK(comes_true([&] { return quick->has(3) == 1; }));
  slow->has_room = true;
  CHECK(comes_true([&] { return slow->has(2) == 1 && slow->has(3) == 1; }));
  CHECK(gone->has(2) == 0);
  CHECK(comes_true([&] { return gone->ended.load(); }));
}

TEST_CASE("there is a bound on streams, and who leaves makes room", "[apps][admin][stream]") {
  Cli cli;
  append(*cli.store(), {settled_row(1)});
  RowStreams streams(options());
  std::vector<std::shared_ptr<Viewer>> clients;
  for (std::size_t i = 0; i < RowStreams::kMaxStreams; ++i) {
    clients.push_back(std::make_shared<Viewer>());
    REQUIRE(streams.add(all_rows(), clients.back()));
  }
  CHECK_FALSE(streams.has_room());
  CHECK_FALSE(streams.add(all_rows(), clients[0]));
  clients[3]->left = true;
  CHECK(comes_true([&] { return streams.has_room(); }));
}

TEST_CASE("a call for a stream is checked before it begins", "[apps][admin][stream]") {
  Cli cli;
  append(*cli.store(), {settled_row(1)});
  AdminApi::Options of_api;
  of_api.config = std::make_shared<const Config>();
  of_api.database = "gateway.db";
  of_api.now = fixed_now;
  const AdminApi api(of_api);
  AdminRequest request;
  request.method = "GET";
  request.path = "requests/stream";
  request.query = "project=demo&status=5xx&tz=Europe/Berlin";
  request.last_event_id = "1763816400000000";
  const AdminAnswer good = api.answer(request);
  REQUIRE(good.rows);
  CHECK(good.status == 200);
  CHECK(good.rows->query.status.size() == 1);
  CHECK(good.rows->since == WallTime(1763816400s));
  request.last_event_id = "abc";
  const AdminAnswer refused = api.answer(request);
  CHECK(refused.status == 400);
  CHECK(refused.error->param == "last-event-id");
  request.last_event_id.clear();
  request.query = "project=nobody";
  CHECK(api.answer(request).status == 404);
  request.query = "limit=3";
  CHECK(api.answer(request).status == 400);
}

TEST_CASE("a token that may only read changes nothing", "[apps][admin]") {
  Cli cli;
  append(*cli.store(), {settled_row(1)});
  AdminApi::Options of_api;
  of_api.config = std::make_shared<const Config>();
  of_api.database = "gateway.db";
  of_api.now = fixed_now;
  const AdminApi api(of_api);
  AdminRequest request;
  request.may_write = false;
  request.method = "POST";
  request.path = "projects";
  request.body = R"({"name":"mine"})";
  const AdminAnswer refused = api.answer(request);
  CHECK(refused.status == 403);
  CHECK(refused.error->code == "read_only_token");
  for (const char* path : {"reload", "ledger/sweep", "keys"}) {
    request.path = path;
    CHECK(api.answer(request).status == 403);
  }
  request.method = "GET";
  request.path = "usage";
  CHECK(api.answer(request).status == 200);
  request.may_write = true;
  request.method = "POST";
  request.path = "projects";
  CHECK(api.answer(request).status == 201);
}
