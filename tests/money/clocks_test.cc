// Clocks that jump: a calendar is believed, but no quota comes of it twice, also not after a restart.
#include "money/books.h"
#include "money/process.h"

namespace gateway {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t kDayCap = 1'000'000'000, kMonthCap = 20'000'000'000;
const Usage kUsage{.input = 7, .output = 100};

WallTime utc(int year, unsigned month, unsigned day, int hour = 0) {
  return std::chrono::sys_days{std::chrono::year{year} / static_cast<int>(month) / static_cast<int>(day)} + hours(hour);
}

// CET, with summer time in 2026.
const Zone kBerlin{{std::chrono::floor<seconds>(utc(2025, 10, 26, 1)), hours(1)},
                   {std::chrono::floor<seconds>(utc(2026, 3, 29, 1)), hours(2)},
                   {std::chrono::floor<seconds>(utc(2026, 10, 25, 1)), hours(1)}};

class Clocks {
 public:
  explicit Clocks(WallTime begin, const Zone& zone = {}) : config_(capped_config(kDayCap, kMonthCap, zone)) {
    REQUIRE(open_store(directory_.file("gateway.db"))->put_key(testing::test_key()));
    timer_.set_wall(begin);
    restart();
  }
  void restart() {
    if (process_) process_->kill();
    process_.reset();
    REQUIRE(sweep(*open_store(directory_.file("gateway.db")), directory_.path(), timer_.wall()));
    process_ = std::make_unique<Process>(directory_.path(), ++number_, config_, timer_);
  }
  void jump_to(WallTime wall) {
    timer_.set_wall(wall);
    pass(seconds(1));
  }
  void pass(milliseconds time) {
    for (milliseconds passed{0}; passed < time; passed += milliseconds(5)) {
      timer_.advance(milliseconds(5));
      process_->pump();
    }
  }
  // Begins a request, and returns it once it is dispatched or answered.
  Asked& begin() {
    const std::size_t before = process_->upstream().calls();
    Asked& asked = process_->ask("r-" + std::to_string(++asked_));
    for (int i = 0; i < 200 && !asked.client.done() && process_->upstream().calls() == before; ++i) {
      pass(milliseconds(5));
    }
    return asked;
  }
  void answer() {
    testing::FakeCall& call = process_->upstream().last();
    if (call.alive() && !call.ended()) call.answer(testing::Answer::json(200, answer_of(kUsage)));
    pass(milliseconds(10));
  }
  int status_of_one() {
    Asked& asked = begin();
    if (!asked.client.done()) answer();
    const int status = asked.client.status();
    if (status == 429) last_refusal_ = asked.client.body();
    process_->tidy();
    return status;
  }
  int spend_all() {
    int done = 0;
    while (done < 50 && status_of_one() == 200) ++done;
    return done;
  }
  Money spent(const std::string& period = "day") {
    return Money::parse(process_->spend().at(period).at("spent")).value();
  }
  std::string resets_at() { return process_->spend().at("day").at("resets_at"); }

  TempDirectory directory_;
  testing::ManualTimer timer_;
  Config config_;
  std::unique_ptr<Process> process_;
  std::uint64_t number_ = 0;
  int asked_ = 0;
  std::string last_refusal_;
};

TEST_CASE("a day that is spent stays spent, wherever the clock goes in between", "[money][clocks]") {
  const WallTime noon = utc(2026, 11, 22, 12);
  Clocks c(noon);
  const int fit = c.spend_all();
  CHECK(fit >= 3);
  const Money spent = c.spent();
  CHECK(c.last_refusal_.find("\"resets_at\":\"2026-11-23T00:00:00") != std::string::npos);
  for (const bool restarted : {false, true}) {
    const auto comes_back = [&](WallTime wall) {
      c.jump_to(wall);
      if (restarted) c.restart();
      c.pass(seconds(1));
    };
    for (const WallTime wall : {noon + hours(1), noon - hours(11), noon + hours(11) + minutes(59)}) {
      comes_back(wall);
      CHECK(c.spent() == spent);
      CHECK(c.status_of_one() == 429);
    }
    // Yesterday and the day before the first are days of their own, and count as such once.
    comes_back(noon - hours(restarted ? 48 : 24));
    CHECK(c.spent() == Money{});
    CHECK(c.spend_all() == fit);
    comes_back(noon);
    CHECK(c.spent() == spent);
    CHECK(c.status_of_one() == 429);
    comes_back(noon - hours(24));
    CHECK(c.spent() == spent);
    CHECK(c.status_of_one() == 429);
    comes_back(noon);
  }
  CHECK(c.spent("month") == spent.times_saturated(3));
}

TEST_CASE("periods end on the calendar: at a month's end, on a day of 23 hours, on one of 25", "[money][clocks]") {
  struct Edge {
    WallTime end;
    Zone zone;
    WallTime begin;
    const char* resets_at;
  };
  const Edge edges[] = {{utc(2026, 12, 1), {}, utc(2026, 11, 30), "2026-12-01T00:00:00"},
                        {utc(2026, 3, 29, 22), kBerlin, utc(2026, 3, 28, 23), "2026-03-29T22:00:00"},
                        {utc(2026, 10, 25, 23), kBerlin, utc(2026, 10, 24, 22), "2026-10-25T23:00:00"}};
  for (const Edge& edge : edges) {
    Clocks c(edge.begin, edge.zone);
    INFO("the period ends at " << edge.resets_at);
    CHECK(c.status_of_one() == 200);  // in the period's first second
    const Money one = c.spent();
    c.jump_to(edge.end - seconds(3));
    CHECK(c.spent() == one);
    CHECK(c.resets_at().starts_with(edge.resets_at));
    const int fit = 1 + c.spend_all();
    const Money spent = c.spent();
    CHECK(spent == one.times_saturated(fit));
    while (c.timer_.wall() < edge.end) {
      CHECK(c.status_of_one() == 429);
      c.pass(milliseconds(500));
    }
    CHECK(c.status_of_one() == 200);  // the next one's account was there before it
    CHECK(c.spent() == one);

    // What was accepted before the end is the old period's, whenever it is settled.
    Clocks late(edge.end - milliseconds(300), edge.zone);
    late.begin();
    REQUIRE(late.process_->upstream().alive() == 1);
    late.pass(seconds(1));
    CHECK(late.timer_.wall() > edge.end);
    CHECK(late.process_->spend().at("day").at("held") == "0");
    late.answer();
    CHECK(late.spent() == Money{});
    late.jump_to(edge.end - milliseconds(1100));
    CHECK(late.spent() == one);
    late.restart();
    late.pass(milliseconds(20));
    CHECK(late.spent() == one);
  }
}

TEST_CASE("rate limits do not see the calendar, and no wait is negative", "[money][clocks]") {
  const WallTime noon = utc(2026, 11, 22, 12);
  Clocks c(noon);
  c.config_.projects[0].limits.requests_per_minute = 2;
  c.config_.projects[0].spend.caps.clear();
  c.restart();
  CHECK(c.spend_all() == 2);
  for (const auto jump : {-hours(24), hours(1), hours(24 * 40), -hours(24 * 400)}) {
    c.timer_.set_wall(noon + jump);
    Asked& asked = c.begin();
    CHECK(asked.client.status() == 429);
    const int wait = std::stoi(std::string(asked.client.header("retry-after")));
    CHECK(wait >= 29);
    CHECK(wait <= 30);
    CHECK(asked.client.header("x-ratelimit-reset-requests").find('-') == std::string_view::npos);
  }
  c.timer_.advance(seconds(30));
  CHECK(c.status_of_one() == 200);
}

}  // namespace
}  // namespace gateway
