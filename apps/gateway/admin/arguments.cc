#include "app/admin/arguments.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "app/cli/flags.h"
#include "base/names.h"
#include "config/nearest.h"
#include "config/scalars.h"
#include "policy/limits/period.h"
#include "proxy/request_target.h"
#include "wire/json/repair.h"

namespace gateway::app {
namespace {

using Element = simdjson::dom::element;
using Object = simdjson::dom::object;

constexpr std::int64_t kMostListed = 10'000;

Error expected(std::string_view name, std::string_view what) {
  return Error{ErrorCode::invalid, fmt::format("{}: expected {}", name, what)};
}

Error unknown(std::string_view name, std::span<const std::string_view> known) {
  const std::string_view meant = nearest(name, known);
  const std::string hint =
      meant.empty() ? fmt::format("known are: {}", fmt::join(known, ", ")) : fmt::format("did you mean '{}'?", meant);
  return Error{ErrorCode::invalid, fmt::format("{}: unknown here; {}", name, hint)};
}

// One member of an object: what it is called, and what becomes of its value.
struct Member {
  std::string_view name;
  std::function<Result<void>(Element)> take;
};

// Errors begin with the member's path from the root: `path` is what comes before the names here, "limits." for one.
Result<void> take_members(Object object, const std::vector<Member>& members, const std::string& path = {}) {
  const auto within = [&path](Error error) {
    error.detail.insert(0, path);
    return error;
  };
  std::vector<std::string_view> known, seen;
  for (const Member& member : members) known.push_back(member.name);
  for (const auto& [name, value] : object) {
    const auto found = std::find(known.begin(), known.end(), name);
    if (found == known.end()) return within(unknown(name, known));
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) return within(expected(name, "it once"));
    seen.push_back(name);
    auto taken = members[static_cast<std::size_t>(found - known.begin())].take(value);
    if (!taken) return within(std::move(taken).error());
  }
  return {};
}

Result<void> take_body(const std::string& body, const std::vector<Member>& members) {
  const auto broken = [](std::string_view why) {
    return Error{ErrorCode::invalid, fmt::format("The request body is not valid JSON: {}.", why)};
  };
  if (const std::string fault = gateway::json::fault_in(body); !fault.empty()) return broken(fault);
  simdjson::dom::parser parser;
  Object object;
  // What is left to find fault with is a number that no 64 bits hold.
  if (parser.parse(body).get_object().get(object)) return broken("a number is too large");
  return take_members(object, members);
}

// A string or a whole number, as text; null as "none" where that is said.
std::optional<std::string> scalar(Element value, bool null_is_none) {
  std::string_view text;
  if (!value.get(text)) return std::string(text);
  std::int64_t number = 0;
  if (!value.get(number)) return std::to_string(number);
  if (null_is_none && value.is_null()) return "none";
  return std::nullopt;
}

// What is shown of a value beside what was expected.
std::string found_text(const std::optional<std::string>& text) {
  return text ? ", found '" + *text + "'" : std::string();
}

Member text_flag(std::string_view name, std::string_view flag, Arguments& into) {
  return {name, [=, &into](Element value) -> Result<void> {
            const auto text = scalar(value, false);
            if (!text || text->empty()) return expected(name, "a string");
            into.push_back(fmt::format("--{}={}", flag, *text));
            return {};
          }};
}

// ["a", "b"] as "a,b"; an empty one and null as "none".
Result<std::string> list_text(std::string_view name, Element value) {
  simdjson::dom::array array;
  if (value.is_null()) return std::string("none");
  if (value.get(array)) return expected(name, "a list");
  std::string joined;
  for (const Element each : array) {
    const auto text = scalar(each, false);
    if (!text || text->empty() || text->find(',') != text->npos) return expected(name, "a list of names or numbers");
    joined += (joined.empty() ? "" : ",") + *text;
  }
  return joined.empty() ? std::string("none") : joined;
}

Member limit_member(std::string_view name, std::string_view flag, Arguments& into) {
  return {name, [=, &into](Element value) -> Result<void> {
            const auto text = scalar(value, true);
            const auto number = text ? scalars::whole(*text) : std::nullopt;
            if (text != "none" && (!number || *number < 1)) {
              return expected(name, "a whole number of at least 1, or null" + found_text(text));
            }
            into.push_back(fmt::format("--{}={}", flag, *text));
            return {};
          }};
}

Member limits_member(Arguments& into) {
  return {"limits", [&into](Element value) -> Result<void> {
            Object limits;
            if (value.get(limits)) return expected("limits", "an object");
            return take_members(
                limits,
                {limit_member("requests_per_minute", "rpm", into), limit_member("tokens_per_minute", "tpm", into),
                 limit_member("concurrent", "concurrent", into),
                 limit_member("max_output_tokens", "max-output-tokens", into)},
                "limits.");
          }};
}

Result<void> take_cap(Element value, const std::string& path, Arguments& flags, std::vector<std::string>& periods,
                      std::optional<std::string>& warnings) {
  constexpr std::string_view kAmount = "USD as a string such as \"25.00\"";
  const auto expected_at = [&path](std::string_view name, std::string_view what) {
    return expected(path + std::string(name), what);
  };
  Object cap;
  if (value.get(cap)) return expected("spend", "a list of {cap, period, warn}");
  std::string amount, period = "month", warn = "none";
  const Member cap_member{"cap", [&](Element each) -> Result<void> {
                            const auto text = scalar(each, false);
                            if (!text || !scalars::amount(*text))
                              return expected("cap", std::string(kAmount) + found_text(text));
                            amount = *text;
                            return {};
                          }};
  const Member period_member{"period", [&](Element each) -> Result<void> {
                               const auto text = scalar(each, false);
                               Period ignored;
                               if (!text || !parse(*text, ignored)) {
                                 return expected("period", "day, week, month or total" + found_text(text));
                               }
                               period = *text;
                               return {};
                             }};
  const Member warn_member{"warn", [&](Element each) -> Result<void> {
                             auto text = list_text("warn", each);
                             if (!text) return text.error();
                             for (const std::string& percent : split_list({*text})) {
                               const auto number = scalars::whole(percent);
                               if (percent != "none" && (!number || *number < 1 || *number > 100))
                                 return expected("warn", "percent from 1 to 100" + found_text(percent));
                             }
                             warn = std::move(*text);
                             return {};
                           }};
  if (auto taken = take_members(cap, {cap_member, period_member, warn_member}, path); !taken) return taken;
  if (amount.empty()) return expected_at("cap", kAmount);
  if (std::find(periods.begin(), periods.end(), period) != periods.end())
    return expected_at("period", fmt::format("one cap for each period, found a second one for {}", period));
  periods.push_back(period);
  if (warnings && *warnings != warn) return expected_at("warn", "the same percentages at every cap");
  warnings = warn;
  flags.push_back(fmt::format("--cap={}/{}", amount, period));
  return {};
}

Member spend_member(Arguments& into) {
  return {"spend", [&into](Element value) -> Result<void> {
            simdjson::dom::array caps;
            if (value.get(caps)) return expected("spend", "a list of {cap, period, warn}");
            into.push_back("--cap=none");
            std::vector<std::string> periods;
            std::optional<std::string> warnings;
            std::size_t index = 0;
            for (const Element each : caps) {
              if (auto taken = take_cap(each, fmt::format("spend[{}].", index++), into, periods, warnings); !taken)
                return taken;
            }
            if (warnings) into.push_back("--warn=" + *warnings);
            return {};
          }};
}

}  // namespace

Result<Arguments> query_arguments(std::string_view query, std::span<const std::string_view> known) {
  Arguments out;
  std::vector<std::string_view> seen;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::string_view name = pair.substr(0, pair.find('='));
    if (std::find(known.begin(), known.end(), name) == known.end()) return unknown(name, known);
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) return expected(name, "it once");
    seen.push_back(name);
    std::string raw(pair.substr(std::min(pair.size(), name.size() + 1)));
    std::replace(raw.begin(), raw.end(), '+', ' ');
    std::string value;
    if (!decode_path(raw, value) || value.empty()) return expected(name, "a value");
    if (name == "limit") {
      const auto limit = scalars::whole(value);
      if (!limit || *limit < 1 || *limit > kMostListed) return expected(name, "a number from 1 to 10000");
    }
    out.push_back(fmt::format("--{}={}", name, value));
  }
  return out;
}

Result<ProjectArguments> project_arguments(const std::string& body) {
  ProjectArguments out;
  const Member name{"name", [&out](Element value) -> Result<void> {
                      std::string_view text;
                      if (value.get(text) || !names::is_name(text) || text.starts_with('-'))
                        return expected("name", names::kNameExpected);
                      out.name = text;
                      return {};
                    }};
  const Member models{"models", [&out](Element value) -> Result<void> {
                        const auto text = list_text("models", value);
                        if (!text) return text.error();
                        out.flags.push_back("--models=" + *text);
                        return {};
                      }};
  auto taken = take_body(
      body, {name, models, limits_member(out.flags), spend_member(out.flags), text_flag("mode", "mode", out.flags),
             text_flag("timezone", "timezone", out.flags), text_flag("unpriced", "unpriced", out.flags)});
  if (!taken) return taken.error();
  return out;
}

Result<Arguments> key_arguments(const std::string& body) {
  Arguments out;
  auto taken = take_body(body, {text_flag("project", "project", out), text_flag("name", "name", out),
                                text_flag("expires", "expires", out)});
  if (!taken) return taken.error();
  return out;
}

}  // namespace gateway::app
