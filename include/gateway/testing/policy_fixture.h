// A routing policy or a spend limit under test, offline: a configuration, providers that answer by script, and a clock
// that moves only as far as it must.
//
//   Config config;
//   config.routes = {route("fast", {"first", "second"}, per_million("1", "2"))};
//   PolicyFixture policy(config);
//   policy.script("first", {Answer::json(503, "{}")});
//   const PolicyAnswer answer = policy.ask({.model = "fast"});
//   // answer.status == 200, answer.provider == "second", answer.attempts == 2
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/gateway.h"
#include "gateway/testing/fake_upstream.h"
#include "gateway/testing/manual_timer.h"
#include "gateway/testing/memory_store.h"

namespace gateway::testing {

// --- parts of a configuration, in one line each

/// USD as text: "0.50". A text that is none ends the process.
Money usd(std::string_view amount);
/// Prices in USD per million tokens, as in a configuration file.
Prices per_million(std::string_view input, std::string_view output);
/// A route whose targets are tried in this order, each under the name that the client requested.
RouteConfig route(std::string pattern, const std::vector<std::string>& providers, std::optional<Prices> prices = {});
/// A project with a spend cap.
ProjectConfig capped_project(std::string name, std::string_view cap, Period period = Period::month);

// --- what providers answer

/// An answer of a chat model in one piece, with its usage.
Answer chat_answer(std::string_view content = "hello", std::int64_t input = 10, std::int64_t output = 10);
/// The same, streamed: for a request with `stream`.
Answer chat_stream(std::string_view content = "hello", std::int64_t input = 10, std::int64_t output = 10);

/// An answer, and how long after the dispatch it comes.
struct Scripted {
  Scripted(Answer what, Duration when = Duration::zero()) : answer(std::move(what)), after(when) {}
  Answer answer;
  Duration after;
};
/// No answer ever comes: only a time limit ends it.
Scripted silence();

// --- the requests, and their outcomes

struct PolicyRequest {
  std::string model{};
  std::string project{};  ///< empty: the first one
  std::string prompt = "hello";
  std::optional<std::int64_t> max_tokens{};
  bool stream = false;
  std::string body{};  ///< the complete JSON, instead of all above but the project
};

struct PolicyAnswer {
  int status = 0;
  std::string code{};      ///< of the error: "rate_limit_exceeded"; empty: there is none
  std::string provider{};  ///< that answered, or failed last; empty: nothing was dispatched
  int attempts = 0;        ///< dispatches
  Money cost{};            ///< of all attempts
  Duration took{};         ///< on the fixture's clock
  bool broken = false;     ///< the answer broke off
  Headers headers{};
  std::string body{};
  std::vector<Row> rows{};  ///< by attempt
};

/// One thread. A rule of the test that is broken (a configuration that cannot work, a provider or project that is not
/// configured, an answer that can never come) ends the process with a message: a test cannot overlook it.
class PolicyFixture {
 public:
  /// What the configuration leaves out is added: a provider that only targets name, as OpenAI-compatible one at
  /// http://NAME.example/v1; a project `demo` if there is none. Each project has one key. A configuration from YAML is
  /// read_config_text(yaml, "test.yaml", environment).config.
  explicit PolicyFixture(Config config);
  ~PolicyFixture();
  PolicyFixture(const PolicyFixture&) = delete;
  PolicyFixture& operator=(const PolicyFixture&) = delete;

  /// What a provider answers from now on: the first call the first of these, and so on. Calls beyond the last one, and
  /// those of a provider without a script, get chat_answer(), or chat_stream() if they request a stream.
  void script(std::string_view provider, std::vector<Scripted> answers);

  /// Sends one request and lets time pass until it is answered and its rows are in the store.
  PolicyAnswer ask(const PolicyRequest& request);
  /// The same for several at the same instant; answers in the order of the requests.
  std::vector<PolicyAnswer> ask_all(const std::vector<PolicyRequest>& requests);

  /// Lets time pass, on both clocks.
  void advance(Duration by);
  /// Puts another configuration in place. What it leaves out is added as above; if projects are new, a second passes
  /// until their keys are known.
  Result<void> reload(Config config);
  /// What was sent to a provider so far, oldest first, but for requests for its list of models.
  std::vector<SentRequest> sent(std::string_view provider) const;

  /// --- for whatever else a test looks at
  Core& core();
  MemoryStore& store();
  ManualTimer& timer();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gateway::testing
