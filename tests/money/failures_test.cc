// Whichever call of the store fails, of a gateway that shares its database with another: no row is lost, nothing is
// billed twice, no cap is passed, nothing is begun that cannot be written, and it goes on without a restart.
#include "money/books.h"
#include "money/process.h"

namespace gateway {
namespace {

using std::chrono::milliseconds;
using How = FailingStore::How;

constexpr std::int64_t kCap = 1'000'000'000;  // three or four worst cases
const Usage kUsage{.input = 7, .output = 5};

struct Fault {
  std::size_t nth = 1;
  How how = How::nothing_done;
  std::size_t times = 1;
};

class Scenario {
 public:
  explicit Scenario(const Fault& fault) {
    REQUIRE(open_store(directory_.file("gateway.db"))->put_key(testing::test_key()));
    Config config = capped_config(kCap, kCap);
    config.projects[0].spend.caps.resize(1);  // the day's alone: a second one would hide what goes wrong with the first
    one_ = std::make_unique<Process>(directory_.path(), 1, config, timer_);
    other_ = std::make_unique<Process>(directory_.path(), 2, config, timer_);
    one_->store().fail(fault.nth, fault.how, fault.times);
  }

  void play() {
    one_->ask("first");
    pass(milliseconds(10));
    other_->ask("second", 100, true);
    one_->ask("third", 100, true);
    pass(milliseconds(10));
    leave(*one_, "third");
    answer(*one_);
    pass(milliseconds(600));
    answer(*other_);
    one_->ask("failed");
    pass(milliseconds(10));
    for (std::size_t i = 0; i < one_->upstream().calls(); ++i) {
      testing::FakeCall& call = one_->upstream().call(i);
      if (call.alive() && !call.ended()) call.answer(testing::Answer::json(500, "{}"));
    }
    pass(milliseconds(100));  // to the next target
    answer(*one_);
    // It falls idle and returns what it has. Whoever wants much gets it, at the moment of the failure too.
    int together = 0;
    for (int i = 0; i < 30; ++i) {
      pass(milliseconds(100));
      if (i % 10 != 9 && (!failed() || ++together > 5)) continue;
      for (int k = 0; k < 4; ++k) {
        other_->ask("much");
        other_->pump();
        timer_.advance(milliseconds(4));  // who waits for its slice has it now
      }
      for (int k = 0; failed() && k < 4; ++k) one_->ask("again");
      look();
      if (i % 3 == 0) answer(*other_), answer(*one_);
    }
  }

  void check_the_end() {
    one_->store().heal();
    timer_.set_wall(timer_.wall() + std::chrono::hours(24));  // a new day, with room
    pass(milliseconds(2000));
    answer(*one_);
    answer(*other_);
    pass(milliseconds(1000));
    CHECK(one_->core().stats().ledger_writable);
    std::size_t dispatched = 0;
    for (Process* process : {one_.get(), other_.get()}) {
      CHECK(process->journal().queued() == 0);
      CHECK(process->upstream().unrecorded() == 0);
      dispatched += process->upstream().calls();
      for (const auto& [period, told] : process->spend()) CHECK(told.at("held") == "0");
    }
    Store& store = other_->store().real();
    const auto rows = all_rows(store);
    CHECK(rows.size() == dispatched);
    CHECK(books_.rows().size() == dispatched);
    MoneySum cost;
    for (const Row& row : rows) {
      const Row& told = books_.rows().at({row.request, row.attempt, row.entry});
      CHECK(row.state == told.state);
      CHECK(row.cost == told.cost);
      if (row.state == RowState::settled && row.client_request_id.view() != "third")
        CHECK(row.cost == price_of(kUsage));
      cost += row.cost;
    }
    CHECK(total(store).cost == cost);
    CHECK(total(store).open == 0);
    const auto proof = verify_ledger(directory_.file("gateway.db"));
    REQUIRE(proof);
    CHECK(proof->findings == std::vector<std::string>{});
    // What is reported is what was spent, also by the one whose store failed.
    for (Process* process : {one_.get(), other_.get()}) {
      for (const auto& [period, told] : process->spend()) {
        CHECK(MoneySum(Money::parse(told.at("spent")).value()) == spent_today());
      }
    }
  }

  bool failed() const { return one_->store().failed() > 0; }
  int refused() const { return refused_; }

 private:
  void pass(milliseconds time) {
    for (milliseconds passed{0}; passed < time; passed += milliseconds(25)) {
      timer_.advance(milliseconds(25));
      look();
      one_->pump();
      other_->pump();
      check_refusing();
    }
  }
  // Both journals are read before any of it goes on its way to the store.
  void look() {
    books_.read(one_->journal());
    books_.read(other_->journal());
    for (const AccountKey& key : books_.accounts("demo", Period::day, {})) {
      const Books::Sum sum = books_.sum(key);
      CHECK(sum.closed + sum.held <= MoneySum(Money::units(kCap)));
    }
  }
  void check_refusing() {
    if (one_->core().stats().ledger_writable) return;
    const std::size_t before = one_->upstream().calls();
    const Asked& asked = one_->ask("while-it-cannot-be-written");
    CHECK(asked.client.status() == 503);
    CHECK(one_->upstream().calls() == before);
    ++refused_;
  }
  static void answer(Process& process) {
    for (std::size_t i = 0; i < process.upstream().calls(); ++i) {
      testing::FakeCall& call = process.upstream().call(i);
      if (!call.alive() || call.ended()) continue;
      const bool stream = call.request().body.find("\"stream\":true") != std::string::npos;
      call.answer(stream ? testing::Answer::stream(stream_of(kUsage)) : testing::Answer::json(200, answer_of(kUsage)));
    }
  }
  static void leave(Process& process, const std::string& name) {
    std::erase_if(process.asked(), [&](const auto& asked) { return asked->name == name; });
  }
  MoneySum spent_today() const {
    const PeriodBounds now = period_of(Period::day, timer_.wall(), {});
    return books_.sum({"demo", Period::day, now.start, now.end}).closed;
  }

  TempDirectory directory_;
  testing::ManualTimer timer_;
  Books books_;
  std::unique_ptr<Process> one_, other_;
  int refused_ = 0;
};

void fail_each(How how, std::size_t times, std::size_t stride) {
  int refused = 0;
  std::size_t nth = 1;
  for (bool failed = true; failed; nth += stride) {
    Scenario scenario({nth, how, times});
    scenario.play();
    failed = scenario.failed();
    INFO("call " << nth);
    scenario.check_the_end();
    refused += scenario.refused();
  }
  CHECK(nth > 30);
  CHECK(refused > 5);
}

TEST_CASE("whichever call of the store fails, each dispatch is billed once and no cap is passed", "[money][failures]") {
  fail_each(How::nothing_done, 1, 1);
}

TEST_CASE("a call of the store whose answer is lost was done or not, and either is right", "[money][failures]") {
  fail_each(How::unsure, 1, 1);
}

TEST_CASE("while the store cannot be used nothing is begun, and all of it goes on after", "[money][failures]") {
  fail_each(How::nothing_done, 40, 7);
}

}  // namespace
}  // namespace gateway
