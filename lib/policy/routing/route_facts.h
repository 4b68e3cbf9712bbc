// What routing looks at of one request beside its model's name.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/route.h"

namespace gateway {

struct RouteFacts {
  using NamedValues = std::span<const std::pair<std::string, std::string>>;
  std::string_view project, key, key_name;
  NamedValues headers;  // those that the configuration names
  // What the body says, if the route looks at it.
  NamedValues metadata;
  std::span<const std::string> tags;
  std::string_view user, session, prefix;
  std::uint8_t needs = 0;  // bits of Ability
  std::int64_t input_tokens = 0;
  std::optional<std::int64_t> max_output;
  int minute = 0;          // of the day, UTC
  std::uint64_t turn = 0;  // of the route
};

// Why a request does not fit a target.
enum class Misfit : std::uint8_t {
  none,
  project,
  key,
  header,
  metadata,
  tags,
  input_tokens,
  hours,
  ability,
  context_length,
  canary
};
// What follows "the target is not for this request: ".
std::string_view to_string(Misfit misfit) noexcept;

// The hash of what identifies it; absent: the request has no such thing.
std::optional<std::uint64_t> identity_of(const RouteFacts& facts, const Identity& identity) noexcept;

// `share`: the request's, among all of the route's; see Canary.
Misfit misfit_of(const TargetConfig& target, const RouteFacts& facts, std::uint64_t share) noexcept;
Misfit misfit_of(const TargetGroup& group, const RouteFacts& facts, std::uint64_t share) noexcept;

}  // namespace gateway
