// The network of a play: whatever is sent to a provider is answered as somebody decides, when the clock is there.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config.h"
#include "gateway/upstream.h"
#include "sim/play/provider_answer.h"
#include "sim/play/request.h"
#include "sim/play/virtual_clock.h"

namespace gateway::sim {

// A request as a provider gets it. Valid during the call.
struct ProviderCall {
  std::string_view provider;
  std::string_view model;
  std::string_view credential;
  const PlayedRequest& request;
  Duration elapsed;
};
using Decide = std::function<ProviderAnswer(const ProviderCall&)>;

// Marks what is sent to each provider with its name, since two may have one address, and keeps the configuration from
// asking them for anything but answers.
void mark_providers(Config& config);

class PlayedUpstream final : public Upstream {
 public:
  // `find`: the request of this number, which its prompt ends with.
  PlayedUpstream(VirtualClock& clock, Decide decide, std::function<const PlayedRequest&(std::size_t)> find);
  std::unique_ptr<gateway::Call> start(const UpstreamRequest& request, UpstreamReply& reply) override;

  std::int64_t started() const noexcept { return started_; }  // calls
  std::int64_t asked() const noexcept { return asked_; }      // requests that wait for a provider now

 private:
  class Call;
  void count(std::size_t number, int change);

  VirtualClock& clock_;
  Decide decide_;
  std::function<const PlayedRequest&(std::size_t)> find_;
  std::string text_;  // being written
  std::int64_t started_ = 0, asked_ = 0;
  std::vector<int> calls_;  // under way, by the number of their request
};

// How a prompt ends.
std::string prompt_end(std::size_t number);

}  // namespace gateway::sim
