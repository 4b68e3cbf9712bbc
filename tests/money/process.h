// A gateway as a process is one: a core, its journal in a mapped file, its connection to a database that others share.
// Providers, clients and the clock are the test's. Many live in one test, and each can be killed.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/sqlite/ledger_fixture.h"
#include "gateway/gateway.h"
#include "gateway/mapped_journal.h"
#include "gateway/testing/fake_client.h"
#include "gateway/testing/fake_upstream.h"
#include "gateway/testing/manual_timer.h"
#include "ledger/sweep.h"
#include "money/failing_store.h"
#include "proxy/bench_gateway.h"

namespace gateway {

// Remembers which dispatches came before the journal had their open row: none should.
class WatchedUpstream final : public testing::FakeUpstream {
 public:
  explicit WatchedUpstream(const Journal& journal) : journal_(journal) {}

  std::unique_ptr<Call> start(const UpstreamRequest& request, UpstreamReply& reply) override {
    auto call = FakeUpstream::start(request, reply);
    const std::string& body = last().request().body;
    Journal::Records records;
    journal_.read(records, journal_.capacity());
    const bool open = !records.rows.empty() && records.rows.back().state == RowState::open &&
                      body.find("\"" + records.rows.back().client_request_id.str() + "\"") != body.npos;
    unrecorded_ += open ? 0 : 1;
    return call;
  }
  int unrecorded() const { return unrecorded_; }

 private:
  const Journal& journal_;
  int unrecorded_ = 0;
};

// One request and who asked.
struct Asked {
  std::string name;  // its client request id
  testing::FakeClient client;
  std::unique_ptr<Exchange> exchange;
};

class Process {
 public:
  Process(std::string directory, std::uint64_t number, Config config, testing::ManualTimer& timer)
      : directory_(std::move(directory)),
        number_(number),
        timer_(timer),
        store_(open_store(directory_ + "/gateway.db")) {
    auto journals = MappedJournals::create(
        {.directory = directory_ + "/journals", .process = number, .workers = 1, .capacity = 128});
    REQUIRE(journals);
    journals_ = std::move(*journals);
    upstream_ = std::make_unique<WatchedUpstream>(journal());
    CoreOptions options;
    options.config = std::move(config);
    options.store = &store_;
    options.process = number;
    options.journals = journals_->journals();
    options.store_within = std::chrono::milliseconds(number % 2 == 0 ? 0 : 15);  // some leave rows, some do not
    options.now = timer.now();
    options.wall = timer.wall();
    options.log = [this](const LogEvent& event) { logs_.emplace_back(event.message); };
    auto core = Core::create(std::move(options));
    INFO((core ? std::string() : core.error().detail));
    REQUIRE(core);
    core_ = std::move(*core);
    gateway_ = std::make_unique<Gateway>(*core_, 0, timer, *upstream_);
  }

  Asked& ask(const std::string& name, int max_tokens = 100, bool stream = false) {
    Asked& asked = *asked_.emplace_back(std::make_unique<Asked>());
    asked.name = name;
    asked.exchange = open(asked.client, "POST", "/v1/chat/completions", name);
    const std::string body = R"({"model":"m","user":")" + name + R"(","max_tokens":)" + std::to_string(max_tokens) +
                             (stream ? R"(,"stream":true)" : "") +
                             R"(,"messages":[{"role":"user","content":"hello"}]})";
    if (asked.exchange->wants_body()) asked.exchange->on_body(body);
    if (asked.exchange->wants_body()) asked.exchange->on_end();
    return asked;
  }
  // Forgets those that are answered.
  void tidy() {
    std::erase_if(asked_, [](const auto& asked) { return asked->client.done(); });
  }

  void pump() { core_->pump(timer_.now(), timer_.wall()); }

  // What GET /v1/key reports of each cap: by period, field by field.
  using Spend = std::map<std::string, std::map<std::string, std::string>>;
  Spend spend() {
    testing::FakeClient client;
    const auto exchange = open(client, "GET", "/v1/key", "look");
    REQUIRE(client.status() == 200);
    Spend out;
    const std::string& body = client.body();
    std::size_t at = body.find("\"spend\":[");
    const std::size_t end = body.find(']', at);
    while ((at = body.find("{\"period\"", at)) < end) {
      const std::string entry = body.substr(at, body.find('}', at) - at);
      auto& fields = out[text_of(entry, "period")];
      for (const char* name : {"cap", "spent", "held", "remaining", "resets_at"}) fields[name] = text_of(entry, name);
      ++at;
    }
    return out;
  }

  // What is left is what kill -9 leaves: the database and the journal's file as they are at this instant.
  void kill() {
    char name[32];
    std::snprintf(name, sizeof name, "%016llx.journal", static_cast<unsigned long long>(number_));
    const std::string path = directory_ + "/journals/" + name;
    std::ifstream file(path, std::ios::binary);
    const std::string as_it_is{std::istreambuf_iterator<char>(file), {}};
    REQUIRE_FALSE(as_it_is.empty());
    asked_.clear();
    gateway_.reset();
    core_.reset();
    journals_.reset();
    std::ofstream(path, std::ios::binary | std::ios::trunc) << as_it_is;
  }

  Journal& journal() { return *journals_->journals().front(); }
  FailingStore& store() { return store_; }
  WatchedUpstream& upstream() { return *upstream_; }
  Core& core() { return *core_; }
  std::vector<std::unique_ptr<Asked>>& asked() { return asked_; }
  const std::vector<std::string>& logs() const { return logs_; }
  std::uint64_t number() const { return number_; }

 private:
  static std::string text_of(const std::string& json, const std::string& name) {
    const std::string key = "\"" + name + "\":";
    std::size_t at = json.find(key);
    if (at == json.npos) return {};
    at += key.size();
    if (json[at] != '"') return json.substr(at, json.find_first_of(",}", at) - at);
    return json.substr(at + 1, json.find('"', at + 1) - at - 1);
  }
  std::unique_ptr<Exchange> open(Client& client, std::string_view method, std::string_view path,
                                 const std::string& name) {
    const std::string bearer = "Bearer " + std::string(testing::kTestKey);
    const std::vector<HeaderField> fields{{"authorization", bearer}, {"x-client-request-id", name}};
    return gateway_->open(
        {.method = method, .path = path, .query = {}, .headers = fields, .content_length = {}, .has_body = true},
        client);
  }

  std::string directory_;
  std::uint64_t number_;
  testing::ManualTimer& timer_;
  FailingStore store_;
  std::unique_ptr<MappedJournals> journals_;
  std::unique_ptr<WatchedUpstream> upstream_;
  std::vector<std::string> logs_;
  std::unique_ptr<Core> core_;
  std::unique_ptr<Gateway> gateway_;
  std::vector<std::unique_ptr<Asked>> asked_;
};

// What `gateway serve` does when it starts: replays what dead processes left, and closes what they had open.
inline Result<SweepReport> sweep(Store& store, const std::string& directory, WallTime now) {
  const std::string journals = directory + "/journals";
  SweepReport report;
  Result<void> trouble;
  const auto swept = MappedJournals::sweep(journals, [&](MappedJournals::Orphan& orphan) {
    const auto one = sweep_process(store, store, orphan.records, orphan.process, now);
    if (!one) return trouble = one.error(), false;
    report += *one;
    return true;
  });
  if (!swept) return swept.error();
  if (!trouble) return trouble.error();
  const auto alive = [&](std::uint64_t process) { return MappedJournals::alive(journals, process); };
  const auto lost = sweep_lost(store, store, alive, now);
  if (!lost) return lost.error();
  return report += *lost;
}

// Prices are 1 and 2 millionths of a dollar for a token of input and of output.
inline Money price_of(const Usage& usage) { return Money::units(1'000'000 * (usage.input + 2 * usage.output)); }

inline std::string answer_of(const Usage& usage) {
  return R"({"id":"gen","model":"m-a","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},)"
         R"("finish_reason":"stop"}],"usage":{"prompt_tokens":)" +
         std::to_string(usage.input) + R"(,"completion_tokens":)" + std::to_string(usage.output) + "}}";
}

inline std::vector<std::string> stream_of(const Usage& usage) {
  return {testing::chunk("hi") + testing::kFinish,
          R"(data: {"id":"gen","choices":[],"usage":{"prompt_tokens":)" + std::to_string(usage.input) +
              R"(,"completion_tokens":)" + std::to_string(usage.output) + "}}\n\n",
          testing::kDone};
}

// One project, strict, with a cap a day and a cap a month.
inline Config capped_config(std::int64_t a_day, std::int64_t a_month, const Zone& zone = {}) {
  Config config = testing::test_config();
  SpendConfig& spend = config.projects[0].spend;
  spend.caps = {{Money::units(a_day), Period::day, {}}, {Money::units(a_month), Period::month, {}}};
  spend.zone = zone;
  return config;
}

}  // namespace gateway
