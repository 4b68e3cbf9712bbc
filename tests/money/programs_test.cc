// Random programs of complete gateways over one real database: requests, answers, clients that leave, stores that fail,
// clocks that jump, processes that are killed. After every step no cap is passed; whenever all is written, the ledger
// is what a reference says that only adds up rows.
#include <cstdlib>
#include <iostream>
#include <optional>
#include <random>

#include "money/books.h"
#include "money/process.h"

namespace gateway {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr std::int64_t kDayCap = 2'500'000'000, kMonthCap = 6'000'000'000;  // some requests' worst cases
constexpr std::int64_t kInput = 7;                                          // tokens that the provider counts

// CET, with summer time in 2026: a day of 23 hours and one of 25.
const Zone kBerlin{{std::chrono::sys_days{std::chrono::year{2025} / 10 / 26} + hours(1), hours(1)},
                   {std::chrono::sys_days{std::chrono::year{2026} / 3 / 29} + hours(1), hours(2)},
                   {std::chrono::sys_days{std::chrono::year{2026} / 10 / 25} + hours(1), hours(1)}};

// One dispatch, and what the provider did about it.
struct Dispatch {
  Process* by = nullptr;
  testing::FakeCall* call = nullptr;
  std::string name;
  std::uint16_t attempt = 1;
  std::optional<Money> price;  // what it said that it cost; nothing for a refusal
};

class Program {
 public:
  explicit Program(std::uint64_t seed) : random_(seed), zone_(seed % 2 == 0 ? Zone{} : kBerlin) {
    REQUIRE(open_store(directory_.file("gateway.db"))->put_key(testing::test_key()));
    const WallTime starts[] = {std::chrono::sys_days{std::chrono::year{2026} / 10 / 24} + hours(21),
                               std::chrono::sys_days{std::chrono::year{2026} / 3 / 28} + hours(22),
                               std::chrono::sys_days{std::chrono::year{2026} / 10 / 31} + hours(22)};
    timer_.set_wall(starts[seed % 3]);
    for (int i = 0; i < 2; ++i) start();
  }

  void step() {
    switch (pick(20)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
        ask();
        break;
      case 5:
      case 6:
      case 7:
      case 8:
        answer();
        break;
      case 9:
        refuse();
        break;
      case 10:
        cut();
        break;
      case 11:
        leave();
        break;
      case 12:
        some().store().fail(1 + pick(6), FailingStore::How::nothing_done, 1 + pick(4));
        break;
      case 13:
        jump();
        break;
      case 14:
        if (pick(2) == 0) kill(pick(processes_.size()));
        if (processes_.size() < 3) start();
        break;
      case 15:
        refund();
        break;
      default:
        pass(milliseconds(1 + pick(700)));
        break;
    }
    look();
    check_caps();
  }

  // All is answered and written: every figure is the reference's.
  void settle_up() {
    for (auto& process : processes_) process->store().heal();
    for (int i = 0; i < 2000 && (!alive_.empty() || somebody_waits()); ++i) {
      answer();
      pass(milliseconds(40));
    }
    REQUIRE(alive_.empty());
    pass(milliseconds(3000));
    for (auto& process : processes_) {
      CHECK(process->journal().queued() == 0);
      process->tidy();
      CHECK(process->asked().empty());
      for (const auto& [period, told] : process->spend()) CHECK(told.at("held") == "0");
      CHECK(process->upstream().unrecorded() == 0);
    }
    check_dispatches();
    Store& store = processes_.front()->store().real();
    std::vector<Row> rows = all_rows(store);
    REQUIRE(rows.size() == books_.rows().size());
    std::size_t i = 0;
    for (const auto& [id, row] : books_.rows()) {
      const Row& stored = rows[i++];
      CHECK(Books::Id{stored.request, stored.attempt, stored.entry} == id);
      CHECK(stored.state == row.state);
      CHECK(stored.cost == row.cost);
      CHECK(stored.hold == row.hold);
      CHECK(stored.state != RowState::open);
    }
    for (const Period period : {Period::day, Period::month}) {
      for (const AccountKey& key : books_.accounts("demo", period, zone_)) {
        const auto state = store.account(1, key);
        REQUIRE(state);
        CHECK(state->spent == books_.sum(key).closed);
      }
    }
    const auto proof = verify_ledger(directory_.file("gateway.db"));
    REQUIRE(proof);
    CHECK(proof->findings == std::vector<std::string>{});
    check_nothing_is_stranded();
  }

  std::size_t rows() const { return books_.rows().size(); }
  int kills() const { return kills_; }

 private:
  std::uint64_t pick(std::uint64_t n) { return random_() % n; }
  bool somebody_waits() const {
    return std::any_of(processes_.begin(), processes_.end(), [](const auto& p) { return !p->asked().empty(); });
  }
  Process& some() { return *processes_[pick(processes_.size())]; }

  void start() {
    const auto store = open_store(directory_.file("gateway.db"));
    REQUIRE(sweep(*store, directory_.path(), timer_.wall()));
    for (const std::uint64_t process : dead_) books_.interrupt(process);
    dead_.clear();
    processes_.push_back(
        std::make_unique<Process>(directory_.path(), ++number_, capped_config(kDayCap, kMonthCap, zone_), timer_));
  }

  void kill(std::size_t i) {
    look();
    Process& process = *processes_[i];
    process.kill();
    dead_.push_back(process.number());
    std::erase_if(alive_, [&](const Dispatch& dispatch) { return dispatch.by == &process; });
    graves_.push_back(std::move(processes_[i]));
    processes_.erase(processes_.begin() + static_cast<std::ptrdiff_t>(i));
    ++kills_;
    if (processes_.empty()) start();
  }

  void ask() {
    Process& process = some();
    const bool writable = process.core().stats().ledger_writable;
    const std::size_t before = process.upstream().calls();
    const Asked& asked = process.ask("r-" + std::to_string(++asked_), static_cast<int>(1 + pick(100)), pick(2) == 0);
    if (!writable) {
      CHECK(asked.client.status() == 503);
      CHECK(process.upstream().calls() == before);
    }
  }

  Dispatch* somebody() { return alive_.empty() ? nullptr : &alive_[pick(alive_.size())]; }
  static bool streamed(const Dispatch& d) {
    return d.call->request().body.find("\"stream\":true") != std::string::npos;
  }

  void answer() {
    Dispatch* dispatch = somebody();
    if (dispatch == nullptr) return;
    const std::string& body = dispatch->call->request().body;
    const std::size_t at = body.find("\"max_tokens\":") + 13;
    const auto most = static_cast<std::uint64_t>(std::stoul(body.substr(at)));
    Usage usage;
    usage.input = kInput;
    usage.output = static_cast<std::int64_t>(pick(most + 1));
    dispatch->price = price_of(usage);
    const bool as_stream = streamed(*dispatch);
    testing::FakeCall& call = *dispatch->call;
    look();
    call.answer(as_stream ? testing::Answer::stream(stream_of(usage)) : testing::Answer::json(200, answer_of(usage)));
    look();
  }

  void refuse() {
    Dispatch* dispatch = somebody();
    if (dispatch == nullptr) return;
    const int status = pick(2) == 0 ? 500 : 429;
    dispatch->price = Money{};
    testing::FakeCall& call = *dispatch->call;
    call.answer(testing::Answer::json(status, R"({"error":{"message":"no"}})"));
  }

  // The connection breaks, with or without something of the answer.
  void cut() {
    Dispatch* dispatch = somebody();
    if (dispatch == nullptr) return;
    testing::FakeCall& call = *dispatch->call;
    if (streamed(*dispatch) && pick(2) == 0) {
      call.head(200, {{"content-type", "text/event-stream"}});
      call.body(testing::chunk("some words of an answer"));
    }
    call.end(Error{ErrorCode::lost, "as the test says"});
  }

  void leave() {
    auto& asked = some().asked();
    if (!asked.empty()) asked.erase(asked.begin() + static_cast<std::ptrdiff_t>(pick(asked.size())));
  }

  void jump() {
    const WallTime::duration jumps[] = {hours(-24), hours(1), hours(-1), hours(24), hours(24 * 8), hours(-24 * 3)};
    timer_.set_wall(timer_.wall() + jumps[pick(std::size(jumps))]);
  }

  // What reconciliation books while servers run: another process's rows.
  void refund() {
    const auto store = open_store(directory_.file("gateway.db"));
    for (const Row& row : all_rows(*store)) {
      if (row.entry > 0 || row.state == RowState::open || row.cost.is_zero() || pick(5) > 0) continue;
      if (books_.rows().contains({row.request, row.attempt, 1})) continue;
      Row correction = row;
      correction.entry = 1;
      correction.state = RowState::adjustment;
      correction.cost =
          Money::units(-1 - static_cast<std::int64_t>(pick(static_cast<std::uint64_t>(row.cost.units()))));
      REQUIRE(gateway::append(*store, {correction}));
      books_.add(correction);
      return;
    }
  }

  void pass(milliseconds time) {
    for (milliseconds passed{0}; passed < time; passed += milliseconds(20)) {
      timer_.advance(milliseconds(20));
      look();
      for (auto& process : processes_) process->pump();
      look();
    }
    for (auto& process : processes_) process->tidy();
  }

  // Takes down what was dispatched and what the journals say, before any of it goes on its way to the store.
  void look() {
    for (auto& process : processes_) {
      books_.read(process->journal());
      std::size_t& seen = seen_[process.get()];
      for (; seen < process->upstream().calls(); ++seen) note(*process, process->upstream().call(seen));
    }
    std::erase_if(alive_, [&](const Dispatch& dispatch) {
      if (dispatch.call->alive() && !dispatch.call->ended()) return false;
      over_.push_back(dispatch);
      return true;
    });
  }
  void note(Process& process, testing::FakeCall& call) {
    Dispatch dispatch;
    dispatch.by = &process;
    dispatch.call = &call;
    const std::string& body = call.request().body;
    const std::size_t at = body.find("\"user\":\"") + 8;
    dispatch.name = body.substr(at, body.find('"', at) - at);
    dispatch.attempt = ++attempts_[dispatch.name];
    CHECK(books_.find(dispatch.name, dispatch.attempt) != nullptr);
    alive_.push_back(dispatch);
  }

  // The truth, over all processes; and what each of them reports.
  void check_caps() {
    for (const Period period : {Period::day, Period::month}) {
      const MoneySum cap = Money::units(period == Period::day ? kDayCap : kMonthCap);
      for (const AccountKey& key : books_.accounts("demo", period, zone_)) {
        const Books::Sum sum = books_.sum(key);
        CHECK(sum.closed + sum.held <= cap);
      }
    }
    for (auto& process : processes_) {
      for (const auto& [period, told] : process->spend()) {
        const Money spent = Money::parse(told.at("spent")).value(), held = Money::parse(told.at("held")).value();
        CHECK_FALSE(held.is_negative());
        CHECK(MoneySum(spent) + held <= MoneySum(Money::parse(told.at("cap")).value()));
      }
    }
  }

  // Each dispatch has its row, at the provider's price if it reported one.
  void check_dispatches() {
    for (const Dispatch& dispatch : over_) {
      const Row* row = books_.find(dispatch.name, dispatch.attempt);
      INFO(dispatch.name << " attempt " << dispatch.attempt);
      REQUIRE(row != nullptr);
      CHECK(row->cost <= row->hold);
      if (dispatch.price) {
        CHECK(row->cost == *dispatch.price);
      } else if (!row->streamed && (row->flags & row_flag::client_left) != 0) {
        CHECK(row->cost_source == CostSource::held);  // nothing was seen of an answer in one piece
        CHECK(row->cost == row->hold);
      } else {
        CHECK(row->cost_source == CostSource::estimated);
        CHECK(row->cost == price_of(row->usage));
      }
    }
    over_.clear();
  }

  // Whoever asks now, of any process, is admitted if the cap has room for it.
  void check_nothing_is_stranded() {
    Process& process = some();
    bool room = true;
    for (const Period period : {Period::day, Period::month}) {
      const PeriodBounds now = period_of(period, timer_.wall(), zone_);
      const MoneySum cap = Money::units(period == Period::day ? kDayCap : kMonthCap);
      const MoneySum spent = books_.sum({"demo", period, now.start, now.end}).closed;
      room &= cap - spent >= MoneySum(Money::units(500'000'000));
    }
    timer_.advance(std::chrono::minutes(2));  // so that no target is cooling down
    pass(milliseconds(1000));
    const std::size_t before = process.upstream().calls();
    const Asked& asked = process.ask("r-" + std::to_string(++asked_), 10);
    for (int i = 0; i < 30 && process.upstream().calls() == before && !asked.client.done(); ++i) pass(milliseconds(20));
    if (room) CHECK(process.upstream().calls() == before + 1);
    look();
    answer();
    pass(milliseconds(100));
  }

  TempDirectory directory_;
  testing::ManualTimer timer_;
  std::mt19937_64 random_;
  const Zone zone_;
  std::vector<std::unique_ptr<Process>> graves_;  // what their providers were asked is still looked at
  std::vector<std::unique_ptr<Process>> processes_;
  std::vector<std::uint64_t> dead_;  // not swept yet
  std::uint64_t number_ = 0;
  Books books_;
  std::vector<Dispatch> alive_, over_;
  std::map<const Process*, std::size_t> seen_;
  std::map<std::string, std::uint16_t> attempts_;
  int asked_ = 0;
  int kills_ = 0;
};

// GATEWAY_PROGRAMS: how many; GATEWAY_SEED: the first one's seed.
std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

TEST_CASE("whatever happens, no cap is passed and every dispatch is billed once", "[money][programs]") {
  const std::uint64_t first = from_environment("GATEWAY_SEED", 1), programs = from_environment("GATEWAY_PROGRAMS", 12);
  std::size_t rows = 0;
  int kills = 0;
  for (std::uint64_t seed = first; seed < first + programs; ++seed) {
    INFO("GATEWAY_SEED=" << seed);
    Program program(seed);
    for (int i = 0; i < 160; ++i) {
      program.step();
      if (i % 40 == 39) program.settle_up();
    }
    rows += program.rows();
    kills += program.kills();
  }
  std::cout << "seeds " << first << " to " << first + programs - 1 << ": " << rows << " rows, " << kills << " kills\n";
  CHECK(rows > 20 * programs);
}

}  // namespace
}  // namespace gateway
