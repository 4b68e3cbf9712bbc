#include "sim/scripted_upstream.h"

#include <iterator>
#include <utility>

namespace gateway::testing {

void ScriptedUpstream::know(const std::vector<ProviderConfig>& providers) {
  for (const ProviderConfig& provider : providers) {
    names_[provider.name] = provider.base_url.empty() ? default_base_url(provider.type) : provider.base_url;
  }
}

void ScriptedUpstream::script(std::string_view provider, std::vector<Scripted> answers) {
  scripts_[std::string(provider)] = {std::make_move_iterator(answers.begin()), std::make_move_iterator(answers.end())};
}

std::vector<SentRequest> ScriptedUpstream::sent(std::string_view provider) const {
  const auto found = sent_.find(std::string(provider));
  return found == sent_.end() ? std::vector<SentRequest>() : found->second;
}

// Of several that the URL begins with, the longest one is meant.
std::string ScriptedUpstream::provider_of(const UpstreamRequest& request) const {
  const std::string url = request.origin->scheme + "://" + request.origin->authority + std::string(request.path);
  std::string name;
  std::size_t longest = 0;
  for (const auto& [each, base_url] : names_) {
    if (url.starts_with(base_url) && base_url.size() > longest) name = each, longest = base_url.size();
  }
  return name;
}

Scripted ScriptedUpstream::next_answer(const std::string& provider, const SentRequest& request) {
  std::deque<Scripted>& script = scripts_[provider];
  if (script.empty()) {
    const bool streams = request.body.find("\"stream\":true") != std::string::npos;
    return streams ? chat_stream() : chat_answer();
  }
  Scripted next = std::move(script.front());
  script.pop_front();
  return next;
}

std::unique_ptr<Call> ScriptedUpstream::start(const UpstreamRequest& request, UpstreamReply& reply) {
  const std::string provider = provider_of(request);
  std::unique_ptr<Call> call = calls_.start(request, reply);
  FakeCall& fake = calls_.last();
  Scripted next{Answer::json(404, "{}")};  // lists of models are not scripted: there is none
  if (request.method == "POST") {
    sent_[provider].push_back(fake.request());
    next = next_answer(provider, fake.request());
  }
  if (next.after == Duration::max()) return call;
  deliveries_.push_back(std::make_unique<Delivery>(fake, std::move(next.answer)));
  timer_.arm(*deliveries_.back(), timer_.now() + next.after);
  return call;
}

}  // namespace gateway::testing
