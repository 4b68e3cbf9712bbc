#include "app/admin/bodies.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>

#include <algorithm>
#include <functional>
#include <span>

#include "app/admin/parameters.h"
#include "app/values/moments.h"
#include "base/names.h"
#include "config/scalars.h"
#include "gateway/yaml_config.h"
#include "policy/limits/period.h"
#include "wire/json/repair.h"

namespace gateway::app {
namespace {

using Element = simdjson::dom::element;
using Object = simdjson::dom::object;

using operations::OperationInfo;
using operations::Parameter;
using operations::ProjectChange;
using Words = std::vector<std::string>;

// One member of an object: what it is called, and what becomes of its value.
struct Member {
  std::string_view name;
  std::function<Result<void>(Element)> take;
};

// The members that the table has, each once, and those that it requires. Errors begin with the member's path from the
// root: `path` is what comes before the names here, "limits." for one.
Result<void> take_members(Object object, std::span<const Parameter> table, const std::vector<Member>& members,
                          const std::string& path = {}) {
  const auto within = [&path](Error error) {
    error.detail.insert(0, path);
    return error;
  };
  std::vector<std::string_view> known, seen;
  for (const Parameter& each : table) {
    if (each.in == operations::In::body) known.push_back(each.name);
  }
  for (const auto& [name, value] : object) {
    const auto is_named = [&each_name = name](const Member& member) { return member.name == each_name; };
    const auto found = std::find_if(members.begin(), members.end(), is_named);
    if (found == members.end() || std::find(known.begin(), known.end(), name) == known.end())
      return within(unknown_name(name, known));
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) return within(expected(name, "it once"));
    seen.push_back(name);
    auto taken = found->take(value);
    if (!taken) return within(std::move(taken).error());
  }
  for (const Parameter& each : table) {
    if (each.in == operations::In::body && each.required &&
        std::find(seen.begin(), seen.end(), each.name) == seen.end())
      return within(expected(each.name, each.expected));
  }
  return {};
}

Result<void> take_body(const std::string& body, std::span<const Parameter> table, const std::vector<Member>& members) {
  const auto broken = [](std::string_view why) {
    return Error{ErrorCode::invalid, fmt::format("The request body is not valid JSON: {}.", why)};
  };
  if (const std::string fault = gateway::json::fault_in(body); !fault.empty()) return broken(fault);
  simdjson::dom::parser parser;
  Object object;
  // What is left to find fault with is a number that no 64 bits hold.
  if (parser.parse(body).get_object().get(object)) return broken("a number is too large");
  return take_members(object, table, members);
}

std::span<const Parameter> members_of(const OperationInfo& operation, std::string_view name) {
  for (const Parameter& each : operation.parameters) {
    if (each.name == name) return each.members();
  }
  return {};
}

// A string or a whole number, as text; null as "none" if that is allowed.
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

// One of two words, as a flag.
Member choice_member(std::string_view name, std::string_view yes, std::string_view no, std::function<void(bool)> take,
                     Words& words) {
  return {name, [=, &words](Element value) -> Result<void> {
            const auto text = scalar(value, false);
            if (!text || text->empty()) return expected(name, "a string");
            if (*text != yes && *text != no) return expected(name, fmt::format("{} or {}", yes, no) + found_text(text));
            words.push_back(fmt::format("--{}={}", name, *text));
            take(*text == yes);
            return {};
          }};
}

Member timezone_member(std::optional<ProjectChange::TimeZone>& into, Words& words) {
  return {"timezone", [&into, &words](Element value) -> Result<void> {
            const auto text = scalar(value, false);
            if (!text || text->empty()) return expected("timezone", "a string");
            const std::string name = *text == "none" ? "UTC" : *text;
            Result<Zone> zone = load_zone(name);
            if (!zone) return expected("timezone", "a time zone such as UTC or Europe/Berlin" + found_text(name));
            words.push_back("--timezone=" + *text);
            into = ProjectChange::TimeZone{name, std::move(*zone)};
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

Member limit_member(std::string_view name, std::string_view flag, std::optional<ProjectChange::Limit>& into,
                    Words& words) {
  return {name, [=, &into, &words](Element value) -> Result<void> {
            const auto text = scalar(value, true);
            const auto number = text ? scalars::whole(*text) : std::nullopt;
            if (text != "none" && (!number || *number < 1)) {
              return expected(name, "a whole number of at least 1, or null" + found_text(text));
            }
            words.push_back(fmt::format("--{}={}", flag, *text));
            into = number;
            return {};
          }};
}

Member limits_member(const OperationInfo& operation, ProjectChange& into, Words& words) {
  return {"limits", [&into, &words, table = members_of(operation, "limits")](Element value) -> Result<void> {
            Object limits;
            if (value.get(limits)) return expected("limits", "an object");
            return take_members(limits, table,
                                {limit_member("requests_per_minute", "rpm", into.requests_per_minute, words),
                                 limit_member("tokens_per_minute", "tpm", into.tokens_per_minute, words),
                                 limit_member("concurrent", "concurrent", into.concurrent, words),
                                 limit_member("max_output_tokens", "max-output-tokens", into.max_output_tokens, words)},
                                "limits.");
          }};
}

std::vector<int> percents_in(const std::string& list) {
  std::vector<int> percents;
  for (const std::string& text : split_list({list})) {
    if (text != "none") percents.push_back(static_cast<int>(*scalars::whole(text)));
  }
  std::sort(percents.begin(), percents.end());
  return percents;
}

Result<void> take_cap(Element value, std::span<const Parameter> table, const std::string& path, ProjectChange& change,
                      Words& words, std::optional<std::string>& warnings) {
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
  if (auto taken = take_members(cap, table, {cap_member, period_member, warn_member}, path); !taken) return taken;
  Period known{};
  parse(period, known);
  const auto& caps = change.caps;
  if (std::any_of(caps.begin(), caps.end(), [&](const ProjectChange::Cap& each) { return each.period == known; }))
    return expected_at("period", fmt::format("one cap for each period, found a second one for {}", period));
  if (warnings && *warnings != warn) return expected_at("warn", "the same percentages at every cap");
  warnings = warn;
  words.push_back(fmt::format("--cap={}/{}", amount, period));
  change.caps.push_back({known, *scalars::amount(amount)});
  return {};
}

Member spend_member(const OperationInfo& operation, ProjectChange& into, Words& words) {
  return {"spend", [&into, &words, table = members_of(operation, "spend")](Element value) -> Result<void> {
            simdjson::dom::array caps;
            if (value.get(caps)) return expected("spend", "a list of {cap, period, warn}");
            into.caps.push_back({});  // all that there were
            words.push_back("--cap=none");
            std::optional<std::string> warnings;
            std::size_t index = 0;
            for (const Element each : caps) {
              if (auto taken = take_cap(each, table, fmt::format("spend[{}].", index++), into, words, warnings); !taken)
                return taken;
            }
            if (!warnings) return {};
            words.push_back("--warn=" + *warnings);
            into.warnings = percents_in(*warnings);
            return {};
          }};
}

Member models_member(ProjectChange& into, Words& words) {
  return {"models", [&into, &words](Element value) -> Result<void> {
            if (value.is_null()) return expected("models", "a list");  // an empty one allows all, and says so
            const auto text = list_text("models", value);
            if (!text) return text.error();
            std::vector<std::string> models;
            if (*text != "none") models = split_list({*text});
            for (const std::string& model : models) {
              if (!names::is_pattern(model))
                return expected("models", fmt::format("{}, found '{}'", names::kPatternExpected, model));
            }
            words.push_back("--models=" + *text);
            into.models = std::move(models);
            return {};
          }};
}

}  // namespace

Result<ProjectBody> read_project_body(const std::string& body, const OperationInfo& operation) {
  ProjectBody out;
  ProjectChange& change = out.change;
  const Member name{"name", [&out](Element value) -> Result<void> {
                      std::string_view text;
                      if (value.get(text) || !names::is_name(text) || text.starts_with('-'))
                        return expected("name", names::kNameExpected);
                      out.name = std::string(text);
                      return {};
                    }};
  const auto set_mode = [&change](bool strict) { change.mode = strict ? SpendMode::strict : SpendMode::estimate; };
  const auto set_unpriced = [&change](bool allow) { change.allow_unpriced = allow; };
  auto taken = take_body(
      body, operation.parameters,
      {name, models_member(change, out.words), limits_member(operation, change, out.words),
       spend_member(operation, change, out.words), choice_member("mode", "strict", "estimate", set_mode, out.words),
       timezone_member(change.timezone, out.words),
       choice_member("unpriced", "allow", "refuse", set_unpriced, out.words)});
  if (!taken) return taken.error();
  return out;
}

std::optional<std::string> TextBody::get(std::string_view name) const {
  const auto found = values.find(name);
  return found == values.end() ? std::nullopt : std::optional(found->second);
}

Result<TextBody> read_text_body(const std::string& body, const OperationInfo& operation) {
  TextBody out;
  std::vector<Member> members;
  bool may_be_empty = true;
  for (const Parameter& each : operation.parameters) {
    if (each.in != operations::In::body) continue;
    may_be_empty = may_be_empty && !each.required;
    members.push_back({each.name, [&out, name = each.name](Element value) -> Result<void> {
                         const auto text = scalar(value, false);
                         if (!text || text->empty()) return expected(name, "a string");
                         out.words.push_back(fmt::format("--{}={}", name, *text));
                         out.values.emplace(name, *text);
                         return {};
                       }});
  }
  if (body.empty() && may_be_empty) return out;
  if (auto taken = take_body(body, operation.parameters, members); !taken) return taken.error();
  return out;
}

}  // namespace gateway::app
