#include "gateway/testing/policy_fixture.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "gateway/api_key.h"
#include "gateway/testing/fake_client.h"
#include "sim/completed_config.h"
#include "sim/json_text.h"
#include "sim/scripted_upstream.h"

namespace gateway::testing {
namespace {

[[noreturn]] void fail(const std::string& what) { detail::die(("PolicyFixture: " + what).c_str()); }

std::string body_of(const PolicyRequest& request) {
  if (!request.body.empty()) return request.body;
  std::string body = R"({"model":)" + json_text(request.model);
  if (request.stream) body += R"(,"stream":true)";
  if (request.max_tokens) body += R"(,"max_tokens":)" + std::to_string(*request.max_tokens);
  return body + R"(,"messages":[{"role":"user","content":)" + json_text(request.prompt) + "}]}";
}

std::string error_code_in(const std::string& body) {
  constexpr std::string_view kCode = "\"code\":\"";
  const std::size_t at = body.find(kCode);
  if (at == body.npos || body.find("\"error\":{") == body.npos) return {};
  const std::size_t begin = at + kCode.size();
  return body.substr(begin, body.find('"', begin) - begin);
}

}  // namespace

struct PolicyFixture::State {
  explicit State(Config config) : config_(completed(std::move(config))), upstream_(timer_) {
    upstream_.know(config_.providers);
    add_keys();
    auto created = Core::create({.config = config_, .store = &store_, .now = timer_.now(), .wall = timer_.wall()});
    if (!created) fail(created.error().detail);
    core_ = std::move(*created);
    gateway_ = std::make_unique<Gateway>(*core_, 0, timer_, upstream_);
    pump();
  }

  // One key for each project that has none yet. Whether there were any.
  bool add_keys() {
    const std::size_t before = keys_.size();
    for (const ProjectConfig& project : config_.projects) {
      if (keys_.contains(project.name)) continue;
      std::array<std::uint8_t, 48> bytes{};
      bytes.fill(static_cast<std::uint8_t>(keys_.size() + 1));
      const NewApiKey key = make_api_key(bytes, project.name);
      if (auto put = store_.put_key(key.stored); !put) fail(put.error().detail);
      keys_[project.name] = key.text;
    }
    return keys_.size() > before;
  }

  void pump() { core_->pump(timer_.now(), timer_.wall()); }

  // Moves to the next moment at which anything happens.
  void step() {
    pump();
    const auto next = timer_.next_due();
    if (!next) fail("nothing is left to happen, and an answer has not come");
    timer_.advance(std::max(*next - timer_.now(), Duration::zero()));
  }

  void advance(Duration by) {
    timer_.advance(by);
    pump();
  }

  ManualTimer timer_;
  MemoryStore store_;
  Config config_;
  ScriptedUpstream upstream_;
  std::map<std::string, std::string> keys_;  // by project
  std::unique_ptr<Core> core_;
  std::unique_ptr<Gateway> gateway_;
};

namespace {

// One request under way.
struct Asked {
  Asked(Gateway& gateway, const ManualTimer& clock, const std::string& key, const std::string& body)
      : began(clock.now()) {
    const std::string bearer = "Bearer " + key;
    const HeaderField headers[] = {{"authorization", bearer}, {"content-type", "application/json"}};
    client.when_done([this, &clock] { ended = clock.now(); });
    exchange =
        gateway.open({.method = "POST", .path = "/v1/chat/completions", .headers = headers, .has_body = true}, client);
    if (exchange->wants_body()) exchange->on_body(body);
    if (exchange->wants_body()) exchange->on_end();
  }

  TimePoint began, ended{};
  FakeClient client;
  std::unique_ptr<Exchange> exchange;
};

PolicyAnswer answer_of(const Asked& asked, MemoryStore& store) {
  PolicyAnswer answer;
  answer.status = asked.client.status();
  answer.broken = asked.client.aborted();
  answer.headers = asked.client.headers();
  answer.body = asked.client.body();
  answer.code = error_code_in(answer.body);
  answer.took = asked.ended - asked.began;
  RequestId request;
  if (!RequestId::parse(asked.client.header("x-request-id"), request)) return answer;
  for (const Row& row : store.all_rows()) {
    if (row.request != request) continue;
    answer.cost = answer.cost.plus_saturated(row.cost);
    if (row.entry == 0) ++answer.attempts;
    answer.provider = row.provider.str();
    answer.rows.push_back(row);
  }
  return answer;
}

}  // namespace

PolicyFixture::PolicyFixture(Config config) : state_(std::make_unique<State>(std::move(config))) {}
PolicyFixture::~PolicyFixture() = default;

void PolicyFixture::script(std::string_view provider, std::vector<Scripted> answers) {
  if (!state_->upstream_.knows(provider)) fail("there is no provider '" + std::string(provider) + "'");
  state_->upstream_.script(provider, std::move(answers));
}

PolicyAnswer PolicyFixture::ask(const PolicyRequest& request) { return std::move(ask_all({request}).front()); }

std::vector<PolicyAnswer> PolicyFixture::ask_all(const std::vector<PolicyRequest>& requests) {
  State& s = *state_;
  std::vector<std::unique_ptr<Asked>> all;
  for (const PolicyRequest& request : requests) {
    const std::string& project = request.project.empty() ? s.config_.projects.front().name : request.project;
    const auto key = s.keys_.find(project);
    if (key == s.keys_.end()) fail("there is no project '" + project + "'");
    all.push_back(std::make_unique<Asked>(*s.gateway_, s.timer_, key->second, body_of(request)));
  }
  const auto done = [](const std::unique_ptr<Asked>& asked) { return asked->client.done(); };
  while (!std::all_of(all.begin(), all.end(), done)) s.step();
  s.pump();
  std::vector<PolicyAnswer> answers;
  for (const auto& asked : all) answers.push_back(answer_of(*asked, s.store_));
  return answers;
}

void PolicyFixture::advance(Duration by) { state_->advance(by); }

Result<void> PolicyFixture::reload(Config config) {
  State& s = *state_;
  config = completed(std::move(config));
  if (auto reloaded = s.core_->reload(config); !reloaded) return reloaded;
  s.config_ = std::move(config);
  s.upstream_.know(s.config_.providers);
  if (s.add_keys()) s.advance(std::chrono::seconds(1));  // until the core has seen them
  return {};
}

std::vector<SentRequest> PolicyFixture::sent(std::string_view provider) const {
  if (!state_->upstream_.knows(provider)) fail("there is no provider '" + std::string(provider) + "'");
  return state_->upstream_.sent(provider);
}

Core& PolicyFixture::core() { return *state_->core_; }
MemoryStore& PolicyFixture::store() { return state_->store_; }
ManualTimer& PolicyFixture::timer() { return state_->timer_; }

}  // namespace gateway::testing
