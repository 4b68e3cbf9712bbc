// Providers that answer by script, each after its own delay.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config.h"
#include "gateway/testing/fake_upstream.h"
#include "gateway/testing/manual_timer.h"
#include "gateway/testing/policy_fixture.h"

namespace gateway::testing {

class ScriptedUpstream final : public Upstream {
 public:
  explicit ScriptedUpstream(ManualTimer& timer) : timer_(timer) {}

  // Providers are distinguished by their base URLs.
  void know(const std::vector<ProviderConfig>& providers);
  bool knows(std::string_view provider) const { return names_.contains(std::string(provider)); }
  void script(std::string_view provider, std::vector<Scripted> answers);
  std::vector<SentRequest> sent(std::string_view provider) const;

  std::unique_ptr<Call> start(const UpstreamRequest& request, UpstreamReply& reply) override;

 private:
  // Delivers an answer when its time has come, if anybody still waits for it.
  struct Delivery final : Alarm {
    Delivery(FakeCall& c, Answer a) : call(c), answer(std::move(a)) {}
    void on_alarm() override { call.answer(answer); }
    FakeCall& call;
    Answer answer;
  };

  std::string provider_of(const UpstreamRequest& request) const;
  Scripted next_answer(const std::string& provider, const SentRequest& request);

  ManualTimer& timer_;
  FakeUpstream calls_;
  std::map<std::string, std::string> names_;  // a provider's name, its base URL
  std::map<std::string, std::deque<Scripted>> scripts_;
  std::map<std::string, std::vector<SentRequest>> sent_;
  std::vector<std::unique_ptr<Delivery>> deliveries_;
};

}  // namespace gateway::testing
