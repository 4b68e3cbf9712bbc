#include "providers/counted_usage.h"

#include "chat/endpoint.h"

namespace gateway {
namespace {

using Meter = EndpointInfo::Meter;

}  // namespace

std::optional<Usage> counted_usage(const AnswerFacts& facts, Operation operation,
                                   const RequestFacts& request) noexcept {
  std::optional<Usage> out;
  if (facts.has_usage) out = facts.usage;
  const auto count = [&out](std::int64_t Usage::*unit, std::int64_t number) {
    if (number <= 0) return;
    if (!out) out.emplace();
    (*out).*unit = number;
  };
  switch (info_of(operation).meter) {
    case Meter::tokens:
      break;
    case Meter::images:
      count(&Usage::images, facts.data_count);
      break;
    case Meter::seconds:
      count(&Usage::audio_ms, facts.audio_ms.value_or(0));
      break;
    case Meter::characters:  // no answer counts them, and one that is counted otherwise speaks all
      if (out) out->characters = request.units_estimate.characters;
      break;
    case Meter::searches:
      count(&Usage::searches, facts.searches.value_or(0));
      break;
  }
  return out;
}

}  // namespace gateway
