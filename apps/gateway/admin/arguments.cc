#include "app/admin/arguments.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "base/names.h"
#include "config/nearest.h"
#include "config/scalars.h"
#include "proxy/request_target.h"

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

Result<void> take_members(Object object, const std::vector<Member>& members) {
  std::vector<std::string_view> known, seen;
  for (const Member& member : members) known.push_back(member.name);
  for (const auto& [name, value] : object) {
    const auto found = std::find(known.begin(), known.end(), name);
    if (found == known.end()) return unknown(name, known);
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) return expected(name, "it once");
    seen.push_back(name);
    if (auto taken = members[static_cast<std::size_t>(found - known.begin())].take(value); !taken) return taken;
  }
  return {};
}

Result<void> take_body(const std::string& body, const std::vector<Member>& members) {
  simdjson::dom::parser parser;
  Element root;
  if (const auto fault = parser.parse(body).get(root))
    return Error{ErrorCode::invalid, fmt::format("the body is not valid JSON: {}", simdjson::error_message(fault))};
  Object object;
  if (root.get(object)) return Error{ErrorCode::invalid, "the body must be a JSON object"};
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

Member text_flag(std::string_view name, std::string_view flag, Arguments& into, bool null_is_none = false) {
  return {name, [=, &into](Element value) -> Result<void> {
            const auto text = scalar(value, null_is_none);
            if (!text || text->empty()) return expected(name, null_is_none ? "a string, a number or null" : "a string");
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

Member limits_member(Arguments& into) {
  return {"limits", [&into](Element value) -> Result<void> {
            Object limits;
            if (value.get(limits)) return expected("limits", "an object");
            return take_members(limits, {text_flag("requests_per_minute", "rpm", into, true),
                                         text_flag("tokens_per_minute", "tpm", into, true),
                                         text_flag("concurrent", "concurrent", into, true),
                                         text_flag("max_output_tokens", "max-output-tokens", into, true)});
          }};
}

Result<void> take_cap(Element value, Arguments& flags, std::optional<std::string>& warnings) {
  Object cap;
  if (value.get(cap)) return expected("spend", "a list of {cap, period, warn}");
  std::string amount, period = "month", warn = "none";
  const auto text_into = [](std::string_view name, std::string& into) -> Member {
    return {name, [name, &into](Element each) -> Result<void> {
              const auto text = scalar(each, false);
              if (!text || text->find('/') != text->npos)
                return expected(name, name == "cap" ? "USD as a string such as \"25.00\"" : "a string");
              into = *text;
              return {};
            }};
  };
  const Member warn_member{"warn", [&](Element each) -> Result<void> {
                             auto text = list_text("warn", each);
                             if (!text) return text.error();
                             warn = std::move(*text);
                             return {};
                           }};
  if (auto taken = take_members(cap, {text_into("cap", amount), text_into("period", period), warn_member}); !taken)
    return taken;
  if (amount.empty() || amount == "none") return expected("cap", "USD as a string such as \"25.00\"");
  if (warnings && *warnings != warn) return expected("warn", "the same percentages at every cap");
  warnings = warn;
  flags.push_back(fmt::format("--cap={}/{}", amount, period));
  return {};
}

Member spend_member(Arguments& into) {
  return {"spend", [&into](Element value) -> Result<void> {
            simdjson::dom::array caps;
            if (value.get(caps)) return expected("spend", "a list of {cap, period, warn}");
            into.push_back("--cap=none");
            std::optional<std::string> warnings;
            for (const Element each : caps) {
              if (auto taken = take_cap(each, into, warnings); !taken) return taken;
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
