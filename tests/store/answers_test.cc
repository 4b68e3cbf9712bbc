// Who made an answer that its client names later.
#include "store/backend.h"

namespace gateway {
namespace {

Row response(std::uint64_t n, const char* id, const char* project = "red", const char* provider = "openai") {
  Row row = settled_row(n);
  row.request = request_id(n, n);
  row.accepted = kMorning;
  row.surface = SurfaceKind::responses;
  row.project = project;
  row.provider = provider;
  row.generation_id = id;
  return row;
}

std::string owner(Store& store, const char* project, const char* id) {
  const auto found = store.provider_of_answer(project, id);
  REQUIRE(found);
  return found->value_or("none");
}

TEST_CASE("an answer's provider is found by its id, for the project that it was made for", "[store][answers]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  Row chat = response(3, "gen-chat");
  chat.surface = SurfaceKind::openai;
  Row open = response(4, "resp_open");
  open.state = RowState::open;
  Row correction = response(1, "resp_correction");
  correction.state = RowState::adjustment, correction.entry = 1;
  Row failed = response(5, "resp_failed");
  failed.state = RowState::failed;
  REQUIRE(
      append(*store, {response(1, "resp_1"), response(2, "resp_2", "blue", "other"), chat, open, correction, failed}));

  CHECK(owner(*store, "red", "resp_1") == "openai");
  CHECK(owner(*store, "blue", "resp_2") == "other");
  CHECK(owner(*store, "red", "resp_failed") == "openai");       // a provider stores its own failures
  CHECK(owner(*backend->open(), "red", "resp_1") == "openai");  // as after a restart
  for (const auto& [project, id] : {std::pair{"blue", "resp_1"},
                                    {"red", "resp_2"},
                                    {"green", "resp_1"},
                                    {"red", "resp_"},
                                    {"red", ""},
                                    {"red", "gen-chat"},
                                    {"red", "resp_open"},
                                    {"red", "resp_correction"}}) {
    CAPTURE(project, id);
    CHECK(owner(*store, project, id) == "none");
  }

  open.state = RowState::settled;
  REQUIRE(append(*store, {open, response(1, "resp_1")}));  // it closes; another is replayed
  CHECK(owner(*store, "red", "resp_open") == "openai");
}

TEST_CASE("two projects may have an answer of one id", "[store][answers]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  REQUIRE(append(*store, {response(1, "resp_1"), response(2, "resp_1", "blue", "other"), response(3, "resp_1")}));
  CHECK(owner(*store, "red", "resp_1") == "openai");
  CHECK(owner(*store, "blue", "resp_1") == "other");
  CHECK(store->verify()->findings == std::vector<std::string>{});
}

TEST_CASE("what is pruned is no longer found", "[store][answers]") {
  const auto backend = each_backend();
  const auto store = backend->open();
  Row old = response(1, "resp_old");
  old.accepted = kMorning - std::chrono::hours(48);
  REQUIRE(append(*store, {old, response(2, "resp_new")}));
  REQUIRE(store->prune(std::chrono::floor<std::chrono::days>(kMorning), kMorning + std::chrono::hours(1)));
  CHECK(owner(*store, "red", "resp_old") == "none");
  CHECK(owner(*store, "red", "resp_new") == "openai");
}

}  // namespace
}  // namespace gateway
