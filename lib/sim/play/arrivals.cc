#include "sim/play/arrivals.h"

#include <algorithm>

namespace gateway::sim {

Arrivals::Arrivals(const Scenario& scenario) : length_(scenario.length) {
  for (std::size_t i = 0; i < scenario.traffic.size(); ++i) {
    const Traffic& traffic = scenario.traffic[i];
    const std::string name = "traffic " + std::to_string(i) + traffic.name;
    Source& source = sources_.emplace_back(Source{&traffic, Random(scenario.seed, name)});
    if (traffic.at.empty() && traffic.every > Duration::zero()) {
      source.due = traffic.from + (traffic.random ? gap(source) : Duration::zero());
      if (*source.due >= std::min(traffic.until, length_)) source.due.reset();
    } else {
      advance(source);
    }
  }
}

Duration Arrivals::gap(Source& source) const {
  const Duration every = source.traffic->every;
  return source.traffic->random ? Duration(multiply(every.count(), source.random.exponential())) : every;
}

void Arrivals::advance(Source& source) const {
  const Traffic& traffic = *source.traffic;
  if (!traffic.at.empty()) {
    source.due.reset();
    if (source.listed < traffic.at.size()) source.due = traffic.at[source.listed++];
  } else if (source.due) {
    *source.due += gap(source);
  }
  if (source.due && *source.due >= std::min(traffic.until, length_)) source.due.reset();
}

bool Arrivals::next(PlayedRequest& request) {
  Source* first = nullptr;
  for (Source& source : sources_) {
    if (source.due && (first == nullptr || *source.due < *first->due)) first = &source;
  }
  if (first == nullptr) return false;
  request.at = *first->due;
  request.traffic = first->traffic;
  request.input = request.prompt = first->random.between(first->traffic->input_tokens);
  request.output = first->random.between(first->traffic->output_tokens);
  advance(*first);
  return true;
}

}  // namespace gateway::sim
