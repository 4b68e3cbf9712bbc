#include "sim/play/scripts.h"

#include <algorithm>

namespace gateway::sim {
namespace {

const Behaviour& behaviour_at(const ProviderScript& script, Duration elapsed) {
  const Behaviour* found = &script.usual;
  for (const Phase& phase : script.phases) {
    if (phase.from <= elapsed && elapsed < phase.until) found = &phase.behaviour;
  }
  return *found;
}

int drawn_status(const Behaviour& behaviour, Random& random) {
  if (behaviour.errors.empty()) return 200;
  std::int64_t drawn = random.below(kAll);
  for (const ErrorShare& error : behaviour.errors) {
    if (drawn < error.millionths) return error.status;
    drawn -= error.millionths;
  }
  return 200;
}

std::string percent(std::int64_t millionths) {
  std::string text = std::to_string(millionths / 10'000);
  if (millionths % 10'000 == 0) return text + " %";
  std::string rest = std::to_string(10'000 + millionths % 10'000).substr(1);
  rest.erase(rest.find_last_not_of('0') + 1);
  return text + '.' + rest + " %";
}

std::string milliseconds(Duration time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count()) + " ms";
}

std::string describe(const Latency& latency) {
  switch (latency.shape) {
    case Latency::Shape::uniform:
      return milliseconds(latency.low) + " to " + milliseconds(latency.high);
    case Latency::Shape::lognormal:
      return "median " + milliseconds(latency.low) + ", p99 " + milliseconds(latency.high);
    case Latency::Shape::fixed:
      break;
  }
  return milliseconds(latency.low);
}

}  // namespace

Scripts::Scripts(const Scenario& scenario) : seed_(scenario.seed) {
  for (const ProviderScript& script : scenario.providers)
    scripts_.push_back({&script, Random(seed_, "provider " + script.provider + ' ' + script.model)});
}

// One that is not written gets a sequence of its own, so that it changes no other's.
Scripts::Script& Scripts::script_of(std::string_view provider, std::string_view model) {
  Script* found = nullptr;
  for (Script& script : scripts_) {
    if (script.written->provider != provider) continue;
    if (script.written->model == model) return script;
    if (script.written->model.empty()) found = &script;
  }
  if (found != nullptr) return *found;
  const auto unwritten = unwritten_.find(provider);
  if (unwritten != unwritten_.end()) return unwritten->second;
  return unwritten_.emplace(provider, Script{&usual_, Random(seed_, provider)}).first->second;
}

ProviderAnswer Scripts::decide(const ProviderCall& call) {
  Script& script = script_of(call.provider, call.model);
  const Behaviour& behaviour = behaviour_at(*script.written, call.elapsed);
  ProviderAnswer answer;
  answer.outage = behaviour.outage;
  answer.begins = script.random.draw(behaviour.latency);
  answer.retry_after = behaviour.retry_after;
  answer.status = drawn_status(behaviour, script.random);
  answer.breaks = script.random.happens(behaviour.breaks);
  if (behaviour.tokens_per_second > 0)
    answer.lasts = Duration(std::chrono::seconds(call.request.output)) / behaviour.tokens_per_second;
  if (!behaviour.only_key.empty() && call.credential != behaviour.only_key) answer.status = 401;
  return answer;
}

std::string describe(const Behaviour& behaviour) {
  std::string text;
  const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  switch (behaviour.outage) {
    case Outage::refused:
      return "refuses connections";
    case Outage::hanging:
      return "never answers";
    case Outage::lost:
      return "breaks every connection";
    case Outage::stalled:
      add("stalls once an answer has begun");
      break;
    case Outage::none:
      break;
  }
  for (const ErrorShare& error : behaviour.errors)
    add("answers " + std::to_string(error.status) + " to " + percent(error.millionths));
  if (!behaviour.errors.empty() && behaviour.retry_after)
    add("retry-after " + std::to_string(behaviour.retry_after->count()) + " s");
  if (behaviour.breaks > 0) add("breaks off " + percent(behaviour.breaks));
  if (!behaviour.only_key.empty()) add("takes another key alone");
  add("begins after " + describe(behaviour.latency));
  if (behaviour.tokens_per_second > 0) add(std::to_string(behaviour.tokens_per_second) + " tokens a second");
  return text;
}

std::vector<Happening> phases_of(const Scenario& scenario) {
  std::vector<Happening> out;
  for (const ProviderScript& script : scenario.providers) {
    const std::string who = script.provider + (script.model.empty() ? "" : '/' + script.model);
    for (const Phase& phase : script.phases) {
      out.push_back({phase.from, who + ' ' + describe(phase.behaviour)});
      const bool followed = std::any_of(script.phases.begin(), script.phases.end(),
                                        [&](const Phase& other) { return other.from == phase.until; });
      if (phase.until >= scenario.length || followed) continue;
      const Behaviour& next = behaviour_at(script, phase.until);
      out.push_back({phase.until, who + ' ' + (&next == &script.usual ? "as usual" : describe(next))});
    }
  }
  return out;
}

}  // namespace gateway::sim
