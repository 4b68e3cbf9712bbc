#include "proxy/random_world.h"

#include <algorithm>

#include "wire/multipart/forms.h"

namespace gateway::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr unsigned kWorkers = 2;

ProjectConfig project(std::string name) {
  ProjectConfig config;
  config.name = std::move(name);
  return config;
}

std::string event(const std::string& json) { return "data: " + json + "\n\n"; }

}  // namespace

RandomWorld::RandomWorld(unsigned seed) : random_(seed) {
  base_ = test_config();
  base_.projects.push_back(project("other"));
  base_.timeouts = {.connect = seconds(2), .first_byte = seconds(20), .idle = seconds(20), .total = seconds(50)};
  base_.durability = pick(3) == 0 ? Durability::power : Durability::process;
  base_.retry.on_lost = pick(2) == 0;
  if (pick(2) == 0) base_.routes[0].hedge.emplace() = {.after = milliseconds(pick(2) == 0 ? 20 : 3000), .most = 2};
  base_.server.max_in_flight = pick(4) == 0 ? 3 : 4096;
  if (pick(2) == 0) base_.server.max_body = 60'000;
  for (ProjectConfig& each : base_.projects) {
    if (pick(2) == 0) {
      each.limits.requests_per_minute = pick(2) == 0 ? 100'000 : 10;
      each.limits.tokens_per_minute = 1'000'000;
      each.limits.concurrent = pick(2) == 0 ? 50 : 2;
    }
    // Large, or so small that requests wait for each other.
    const Money cap = Money::parse(pick(3) == 0 ? "0.0007" : "100").value();
    if (pick(3) != 0) each.spend.caps.push_back({cap, Period::month, {50}});
    if (pick(3) == 0) each.spend.caps.push_back({Money::dollars(200), Period::total, {}});
    if (pick(4) == 0) each.spend.mode = SpendMode::estimate;
  }
  for (const ProjectConfig& each : base_.projects) add_key(each.name);
  CoreOptions options;
  options.config = base_;
  options.store = &store_;
  options.workers = kWorkers;
  options.store_within = milliseconds(pick(2) * 20);
  options.now = timer_.now();
  options.wall = timer_.wall();
  core_ = std::move(Core::create(std::move(options))).value();
  for (unsigned i = 0; i < kWorkers; ++i) {
    gateways_.push_back(std::make_unique<Gateway>(*core_, i, timer_, upstream_));
  }
  for (int i = 0; i < 4; ++i) advance(milliseconds(5)), pump();
}

void RandomWorld::advance(Duration by) {
  timer_.clock.advance(by);
  upstream_.run();  // what was to be said to calls that were paused
}

void RandomWorld::step() {
  switch (pick(16)) {
    case 0:
    case 1:
      return pick(4) == 0 ? client_uploads() : client_asks();
    case 2:
      return client_goes_on();
    case 3:
    case 4:
      return client_reads_or_leaves();
    case 5:
      return client_looks_around();
    case 6:
      return configuration_changes();
    case 7:
      return pick(3) == 0 ? key_changes() : store_acts();
    case 8:
    case 9:
      return pump();
    case 10:
      return time_passes();
    default:
      return provider_acts();
  }
}

void RandomWorld::add_key(std::string project) {
  std::string text = std::to_string(keys_.size());
  text.insert(0, "gk-" + std::string(43 - text.size(), '0'));
  ApiKey key = test_key(text);
  key.id = "key_" + std::to_string(keys_.size());
  key.project = std::move(project);
  if (store_.put_key(key)) keys_.push_back(text);
}

std::unique_ptr<Exchange> RandomWorld::open(Client& client, unsigned worker, std::string_view method,
                                            std::string_view path, std::string_view key,
                                            std::optional<std::uint64_t> length, std::string_view content_type) {
  const std::string bearer = "Bearer " + std::string(key);
  const HeaderField fields[] = {{"authorization", bearer}, {"content-type", content_type}};
  return gateways_[worker]->open(
      {.method = method, .path = path, .headers = fields, .content_length = length, .has_body = method == "POST"},
      client);
}

// --- clients --------------------------------------------------------------------------------------------------------

void RandomWorld::client_asks() {
  Visit& visit = visits_.emplace_back();
  visit.streamed = pick(3) != 0;
  std::string body = visit.streamed ? R"({"model":"m","stream":true,)" : R"({"model":"m",)";
  if (pick(3) == 0) body += R"("n":2,)";
  if (pick(3) == 0) body += R"("max_tokens":50,)";
  body += pick(8) == 0 ? R"("messages":{}})" : R"("messages":[{"role":"user","content":"hello"}]})";
  const auto length = pick(2) == 0 ? std::optional<std::uint64_t>(body.size()) : std::nullopt;
  visit.exchange = open(visit.client, pick(kWorkers), "POST", "/v1/chat/completions", one_of(keys_), length);
  visit.unsent = std::move(body);
  if (pick(4) != 0) {
    if (visit.exchange->wants_body()) visit.exchange->on_body(std::exchange(visit.unsent, {}));
    if (visit.exchange->wants_body()) visit.exchange->on_end();
  }
}

// A form that is large here, and may be wrong at its end.
void RandomWorld::client_uploads() {
  Visit& visit = visits_.emplace_back();
  visit.uploads = true;
  const std::string model = test::form_text("model", "m"),
                    file = test::form_file("file", std::string(1 + pick(200'000), 'x'));
  std::string body = pick(4) == 0 ? test::form({file, model}) : test::form({model, file});
  if (pick(6) == 0) body = test::form({model, file, model});
  if (pick(6) == 0) body.resize(body.size() - 4);
  const auto length = pick(2) == 0 ? std::optional<std::uint64_t>(body.size()) : std::nullopt;
  visit.exchange =
      open(visit.client, pick(kWorkers), "POST", "/v1/audio/transcriptions", one_of(keys_), length, test::kFormType);
  visit.unsent = std::move(body);
}

void RandomWorld::client_goes_on() {
  for (Visit& visit : visits_) {
    if (visit.exchange == nullptr || visit.unsent.empty() || !visit.exchange->wants_body()) continue;
    const std::size_t some = 1 + pick(static_cast<unsigned>(visit.unsent.size()));
    visit.exchange->on_body(visit.unsent.substr(0, some));
    visit.unsent.erase(0, some);
    if (visit.unsent.empty() && visit.exchange->wants_body()) visit.exchange->on_end();
  }
}

void RandomWorld::client_reads_or_leaves() {
  if (visits_.empty()) return;
  Visit& visit = visits_[pick(static_cast<unsigned>(visits_.size()))];
  if (visit.exchange == nullptr) return;
  switch (pick(5)) {
    case 0:
    case 1:
      return visit.client.set_flow(Flow::pause);
    case 2:
    case 3:
      visit.client.set_flow(Flow::more);
      if (!visit.client.done()) visit.exchange->on_drained();
      return;
    default:
      visit.left = !visit.client.done();
      visit.exchange.reset();
  }
}

void RandomWorld::client_looks_around() {
  FakeClient client;
  static const std::vector<std::string> kPaths{"/v1/models", "/v1/models/m", "/v1/key", "/metrics", "/readyz", "/x"};
  const auto exchange = open(client, pick(kWorkers), "GET", one_of(kPaths), one_of(keys_));
  expect(client.finished(), "a plain GET was not answered at once");
}

// --- providers ------------------------------------------------------------------------------------------------------

void RandomWorld::provider_acts() {
  if (upstream_.calls() == 0) return;
  scripts_.resize(upstream_.calls(), Script::asked);
  // The newest are most of the time those that somebody waits for.
  const auto newest = static_cast<unsigned>(upstream_.calls());
  const std::size_t call = newest - 1 - pick(std::min(newest, 5u));
  if (upstream_.call(call).alive() && scripts_[call] != Script::ended) provider_answers_at(call);
}

void RandomWorld::provider_answers_at(std::size_t at) {
  FakeCall& call = upstream_.call(at);
  Script& script = scripts_[at];
  const auto fails = [&] {
    script = Script::ended;
    static const std::vector<ErrorCode> kCodes{ErrorCode::unreachable, ErrorCode::lost, ErrorCode::timeout,
                                               ErrorCode::protocol};
    call.end(Error{one_of(kCodes), "as the dice say"});
  };
  const auto ends = [&] {
    script = Script::ended;
    call.end({});
  };
  if (script == Script::asked) {
    if (pick(12) == 0) return call.not_sent();
    if (pick(10) == 0) return fails();
    static const std::vector<int> kStatuses{200, 200, 200, 200, 400, 401, 429, 500, 503};
    const int status = one_of(kStatuses);
    const bool stream = status == 200 && pick(4) != 0;
    script = stream ? Script::stream : Script::document;
    HeaderList headers{{"content-type", stream ? "text/event-stream" : "application/json"}};
    if (status != 200 && pick(2) == 0) headers.emplace_back("retry-after", std::to_string(pick(4)));
    return call.head(status, headers);
  }
  if (pick(14) == 0) return fails();
  if (script == Script::document) {
    static const std::vector<std::string> kDocuments{
        kAnswer,  kAnswer, R"({"error":{"message":"m","type":"t","code":"c"}})",
        "<html>", "{",     R"({"id":"x","choices":[]})"};
    if (pick(2) == 0) call.body(one_of(kDocuments));
    if (call.alive()) ends();
    return;
  }
  static const std::vector<std::string> kEvents{
      chunk("abc"),
      chunk("abc"),
      chunk(std::string(5000, 'x')),
      kFinish,
      kFinish + kUsage,
      kUsage,
      kFinish + kUsage + kDone,
      kDone,
      ": a comment\n\n",
      "data: {\"id\":",
      "\"gen-1\",\"choices\":[]}\n\n",
      event(R"({"error":{"message":"m","code":503}})"),
      event(R"({"choices":[{"index":1,"delta":{"content":"b"},"finish_reason":"stop"}]})"),
      event(R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}}]})")};
  pick(8) == 0 ? ends() : void(call.body(one_of(kEvents)));
}

// --- everything else ------------------------------------------------------------------------------------------------

void RandomWorld::time_passes() {
  static const std::vector<milliseconds> kSteps{milliseconds(1),   milliseconds(20),   milliseconds(300),
                                                milliseconds(300), milliseconds(3000), milliseconds(16'000)};
  advance(one_of(kSteps));
}

Config RandomWorld::some_config() {
  Config config = base_;
  if (pick(3) == 0) config.durability = pick(2) == 0 ? Durability::power : Durability::process;
  if (pick(3) == 0) config.routes[0].targets.resize(1);
  if (pick(3) == 0) config.routes[0].targets[0].prices = test_prices("0.000002", "0.000003");
  if (pick(4) == 0) config.routes[0].pattern = "other";
  if (pick(4) == 0) config.projects.pop_back();
  if (pick(4) == 0) config.projects[0].spend.caps.clear();
  if (pick(4) == 0) config.projects[0].limits = {};
  if (pick(4) == 0) config.projects[0].models = {"none"};
  return config;
}

void RandomWorld::configuration_changes() {
  if (pick(4) == 0) return core_->unstage();
  if (pick(4) == 0) {
    const StagedShare share{.percent = static_cast<int>(1 + pick(99))};
    return expect(core_->stage(some_config(), share).has_value(), "a configuration was not staged");
  }
  expect(core_->reload(pick(2) == 0 ? base_ : some_config()).has_value(), "a configuration was refused");
}

void RandomWorld::key_changes() {
  if (pick(2) == 0) {
    add_key(one_of(base_.projects).name);
  } else if (keys_.size() > base_.projects.size()) {
    const unsigned at = pick(static_cast<unsigned>(keys_.size()));
    if (at >= base_.projects.size()) {
      (void)store_.end_key("key_" + std::to_string(at), timer_.wall(), timer_.wall()).has_value();
    }
  }
}

void RandomWorld::store_acts() {
  switch (pick(4)) {
    case 0:
      return store_.fail_nth(1 + pick(5));
    case 1:
      return store_.fail_always();
    default:
      return store_.fail_never();
  }
}

}  // namespace gateway::testing
