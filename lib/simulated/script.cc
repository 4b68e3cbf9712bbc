#include "simulated/script.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>

namespace gateway {
namespace {

constexpr std::array<std::pair<std::string_view, SimulatedFault>, 10> kFaults{{
    {"reset", SimulatedFault::reset},
    {"hang", SimulatedFault::hang},
    {"html", SimulatedFault::html},
    {"empty", SimulatedFault::empty},
    {"error_in_200", SimulatedFault::error_in_200},
    {"error_mid_stream", SimulatedFault::error_mid_stream},
    {"cut", SimulatedFault::cut},
    {"no_finish", SimulatedFault::no_finish},
    {"no_usage", SimulatedFault::no_usage},
    {"no_done", SimulatedFault::no_done},
}};

std::optional<std::int64_t> parse_int(std::string_view text, std::int64_t most) {
  std::int64_t n = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (failed != std::errc{} || end != text.data() + text.size() || n < 0 || n > most) return std::nullopt;
  return n;
}

std::optional<std::chrono::milliseconds> parse_time(std::string_view text) {
  std::int64_t scale = 0;
  if (text.ends_with("ms")) {
    scale = 1, text.remove_suffix(2);
  } else if (text.ends_with("s")) {
    scale = 1000, text.remove_suffix(1);
  }
  const auto n = parse_int(text, 3'600'000);
  if (!n || scale == 0) return std::nullopt;
  return std::chrono::milliseconds(*n * scale);
}

bool apply(SimulatedScript& script, std::string_view key, std::string_view value) {
  const auto take = [](auto& place, const auto& parsed) {
    if (parsed) place = static_cast<std::remove_reference_t<decltype(place)>>(*parsed);
    return parsed.has_value();
  };
  if (key == "chunks") return (script.chunks = parse_int(value, 1'000'000)).has_value();
  if (key == "size") return take(script.size, parse_int(value, 65'536));
  if (key == "delay") return take(script.delay, parse_time(value));
  if (key == "first") return take(script.first, parse_time(value));
  if (key == "status") return take(script.status, parse_int(value, 599)) && script.status >= 200;
  if (key == "retry_after") {
    const auto n = parse_int(value, 3600);
    if (n) script.retry_after = static_cast<int>(*n);
    return n.has_value();
  }
  if (key == "fault") {
    for (const auto& [name, fault] : kFaults) {
      if (name == value) return script.fault = fault, true;
    }
  }
  return false;
}

constexpr std::string_view kPrefix = "simulated/";

bool is_listed(std::string_view name) noexcept {
  return std::any_of(std::begin(kSimulatedModels), std::end(kSimulatedModels),
                     [name](std::string_view id) { return id.substr(kPrefix.size()) == name; });
}

}  // namespace

Result<SimulatedScript> parse_simulated_model(std::string_view model) {
  SimulatedScript script;
  std::string_view rest = model;
  if (rest.starts_with(kPrefix)) rest.remove_prefix(kPrefix.size());
  const std::size_t mark = rest.find('?');
  script.name = rest.substr(0, mark);
  if (!is_listed(script.name)) {
    std::string names;
    for (const std::string_view id : kSimulatedModels) names.append(id.substr(kPrefix.size())).append(", ");
    return Error{ErrorCode::not_found, "the simulated provider has " + names + "not '" + script.name + "'"};
  }
  rest = mark == std::string_view::npos ? std::string_view{} : rest.substr(mark + 1);
  while (!rest.empty()) {
    const std::string_view option = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(option.size() + 1, rest.size()));
    const std::size_t equals = option.find('=');
    if (equals == std::string_view::npos || !apply(script, option.substr(0, equals), option.substr(equals + 1))) {
      return Error{ErrorCode::invalid, "the simulated provider does not understand '" + std::string(option) + "'"};
    }
  }
  if (script.name == "lorem" && !script.chunks) script.chunks = 64;
  return script;
}

}  // namespace gateway
