#include "app/admin/parameters.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/nearest.h"
#include "config/scalars.h"
#include "proxy/request_target.h"

namespace gateway::app {

Error expected(std::string_view name, std::string_view what) {
  return Error{ErrorCode::invalid, fmt::format("{}: expected {}", name, what)};
}

Error unknown_name(std::string_view name, const std::vector<std::string_view>& known) {
  const std::string_view meant = nearest(name, known);
  if (known.empty()) return Error{ErrorCode::invalid, fmt::format("{}: unknown here; this call takes nothing", name)};
  const std::string hint =
      meant.empty() ? fmt::format("known are: {}", fmt::join(known, ", ")) : fmt::format("did you mean '{}'?", meant);
  return Error{ErrorCode::invalid, fmt::format("{}: unknown here; {}", name, hint)};
}

Result<Parameters> Parameters::read(std::string_view query, const operations::OperationInfo& operation) {
  Parameters out;
  std::vector<std::string_view> known;
  for (const operations::Parameter& each : operation.parameters) {
    if (each.in == operations::In::query) known.push_back(each.name);
  }
  const auto is_repeated = [&operation](std::string_view name) {
    return std::any_of(operation.parameters.begin(), operation.parameters.end(),
                       [name](const operations::Parameter& each) { return each.name == name && each.repeated; });
  };
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::string_view name = pair.substr(0, pair.find('='));
    if (std::find(known.begin(), known.end(), name) == known.end()) return unknown_name(name, known);
    if (out.values_.contains(name) && !is_repeated(name)) return expected(name, "it once");
    std::string raw(pair.substr(std::min(pair.size(), name.size() + 1)));
    std::replace(raw.begin(), raw.end(), '+', ' ');
    std::string value;
    if (!decode_path(raw, value) || value.empty()) return expected(name, "a value");
    if (name == "limit") {
      const auto limit = scalars::whole(value);
      if (!limit || *limit < 1 || *limit > kMaxListed) return expected(name, "a number from 1 to 10000");
    }
    out.values_[std::string(name)].push_back(std::move(value));
  }
  for (const operations::Parameter& each : operation.parameters) {
    if (each.in == operations::In::query && each.required && !out.get(each.name))
      return expected(each.name, each.expected);
  }
  return out;
}

std::optional<std::string> Parameters::get(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::nullopt : std::optional(found->second.front());
}

std::vector<std::string> Parameters::all(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

operations::Page Parameters::page() const {
  operations::Page page;
  if (const auto limit = get("limit")) page.limit = *scalars::whole(*limit);
  page.cursor = get("cursor").value_or("");
  return page;
}

}  // namespace gateway::app
