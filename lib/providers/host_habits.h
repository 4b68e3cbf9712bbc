// What servers of OpenAI's API demand, refuse and call otherwise, each by its host: a table that ages, with its date.
#pragma once

#include <span>
#include <string_view>

#include "gateway/provider.h"
#include "providers/carried.h"
#include "providers/openai_body.h"

namespace gateway {

inline constexpr std::string_view kHostHabitsDate = "2026-11-28";

struct HostHabits {
  HostPreset preset = HostPreset::plain;
  std::string_view domain{};  // its hosts are at or below it; empty: it is configured alone
  bool rewrites = false;      // bodies of OpenAI's shape are written anew, so that what is below holds for them too
  bool asks_usage = true;     // it knows stream_options
  bool call_signatures = false;
  std::string_view cache_marks{};  // what the names of its models begin with that know `cache_control`; empty: none do
  ReasoningHistory reasoning = ReasoningHistory::none;
  std::string_view required = "required";  // its word for a tool choice that forces some tool
  std::string_view seed = "seed";
  std::size_t call_id_size = 0;                // ids of calls are so many letters and digits; 0: anything
  std::span<const CarriedFeature> features{};  // that it refuses, and that are left out
};

std::span<const HostHabits> host_habits() noexcept;
// Of OpenRouter, wherever it is.
const HostHabits& openrouter_habits() noexcept;
// Of the preset, or of whoever has that host; those of nobody in particular, if it is not known.
const HostHabits& habits_of(std::optional<HostPreset> preset, std::string_view host, std::uint16_t port) noexcept;

}  // namespace gateway
