#include "policy/routing/route_facts.h"

#include <algorithm>

#include "policy/routing/route_hash.h"

namespace gateway {
namespace {

using NamedValues = RouteFacts::NamedValues;

constexpr std::uint64_t kAllHundredths = 10'000;

bool contains(const std::vector<std::string>& names, std::string_view name) noexcept {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string_view value_of(NamedValues values, std::string_view name) noexcept {
  for (const auto& [each, value] : values) {
    if (each == name) return value;
  }
  return {};
}

bool has_all(NamedValues values, const Condition::NamedValues& wanted) noexcept {
  return std::all_of(wanted.begin(), wanted.end(), [values](const auto& each) {
    const std::string_view value = value_of(values, each.first);
    return each.second == "*" ? !value.empty() : value == each.second;
  });
}

bool is_within(const std::pair<int, int>& hours, int minute) noexcept {
  const auto [from, to] = hours;
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}

Misfit misfit_of(const Condition& when, const RouteFacts& facts) noexcept {
  if (!when.projects.empty() && !contains(when.projects, facts.project)) return Misfit::project;
  const bool has_key =
      contains(when.keys, facts.key) || (!facts.key_name.empty() && contains(when.keys, facts.key_name));
  if (!when.keys.empty() && !has_key) return Misfit::key;
  if (!has_all(facts.headers, when.headers)) return Misfit::header;
  if (!has_all(facts.metadata, when.metadata)) return Misfit::metadata;
  const bool has_tag = std::any_of(facts.tags.begin(), facts.tags.end(),
                                   [&when](const std::string& tag) { return contains(when.tags, tag); });
  if (!when.tags.empty() && !has_tag) return Misfit::tags;
  if (when.input_tokens_over && facts.input_tokens <= *when.input_tokens_over) return Misfit::input_tokens;
  if (when.input_tokens_under && facts.input_tokens >= *when.input_tokens_under) return Misfit::input_tokens;
  if (when.minutes && !is_within(*when.minutes, facts.minute)) return Misfit::hours;
  return Misfit::none;
}

// Without an identity the requests that are in it are spread evenly over all of them.
bool is_in(const Canary& canary, const RouteFacts& facts, std::uint64_t share) noexcept {
  if (canary.by) {
    const auto identity = identity_of(facts, *canary.by);
    if (!identity) return false;
    share = mixed(*identity);
  }
  __extension__ using Product = unsigned __int128;
  const auto hundredth = static_cast<std::uint64_t>((Product{share} * kAllHundredths) >> 64);
  return hundredth < static_cast<std::uint64_t>(canary.hundredths);
}

Misfit misfit_of(const std::optional<Condition>& when, const std::optional<Canary>& canary, const RouteFacts& facts,
                 std::uint64_t share) noexcept {
  const Misfit misfit = when ? misfit_of(*when, facts) : Misfit::none;
  if (misfit != Misfit::none || !canary || is_in(*canary, facts, share)) return misfit;
  return Misfit::canary;
}

}  // namespace

std::string_view to_string(Misfit misfit) noexcept {
  switch (misfit) {
    case Misfit::none:
      break;
    case Misfit::project:
      return "it is for other projects";
    case Misfit::key:
      return "it is for other API keys";
    case Misfit::header:
      return "it is for requests with other header fields";
    case Misfit::metadata:
      return "it is for requests with other metadata";
    case Misfit::tags:
      return "it is for requests with other tags";
    case Misfit::input_tokens:
      return "it is for longer or shorter inputs";
    case Misfit::hours:
      return "it is for other hours of the day";
    case Misfit::ability:
      return "it cannot do what is requested";
    case Misfit::context_length:
      return "its context is too short";
    case Misfit::canary:
      return "it is for a share of the requests that this one is not in";
  }
  return {};
}

std::optional<std::uint64_t> identity_of(const RouteFacts& facts, const Identity& identity) noexcept {
  const auto text = [&]() -> std::string_view {
    switch (identity.by) {
      case IdentifiedBy::project:
        return facts.project;
      case IdentifiedBy::key:
        return facts.key;
      case IdentifiedBy::header:
        return value_of(facts.headers, identity.header);
      case IdentifiedBy::user:
        return facts.user;
      case IdentifiedBy::session:
        return facts.session.empty() ? value_of(facts.headers, "x-session-id") : facts.session;
      case IdentifiedBy::prefix:
        return facts.prefix;
    }
    return {};
  }();
  if (text.empty()) return std::nullopt;
  return hash_of(text);
}

Misfit misfit_of(const TargetConfig& target, const RouteFacts& facts, std::uint64_t share) noexcept {
  const Misfit misfit = misfit_of(target.when, target.canary, facts, share);
  if (misfit != Misfit::none) return misfit;
  if (target.can && (facts.needs & ~*target.can) != 0) return Misfit::ability;
  if (target.context_length && facts.input_tokens > *target.context_length - facts.max_output.value_or(0))
    return Misfit::context_length;
  return Misfit::none;
}

Misfit misfit_of(const TargetGroup& group, const RouteFacts& facts, std::uint64_t share) noexcept {
  return misfit_of(group.when, group.canary, facts, share);
}

}  // namespace gateway
