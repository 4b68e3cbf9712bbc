#include "app/values/project_texts.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "app/values/moments.h"
#include "base/names.h"
#include "config/scalars.h"
#include "gateway/yaml_config.h"

namespace gateway::app {
namespace {

using operations::ProjectChange;

constexpr std::string_view kNone = "none";

Error unexpected(std::string_view flag, std::string_view expected, std::string_view found) {
  return usage_error(fmt::format("{}: expected {}, found '{}'", flag, expected, found));
}

Result<void> set_limit(const std::optional<std::string>& text, std::string_view flag,
                       std::optional<ProjectChange::Limit>& limit) {
  if (!text) return {};
  if (*text == kNone) {
    limit = ProjectChange::Limit();
    return {};
  }
  const std::optional<std::int64_t> number = scalars::whole(*text);
  if (!number || *number < 1) return unexpected(flag, "a whole number of at least 1, or none", *text);
  limit = ProjectChange::Limit(number);
  return {};
}

Result<void> set_models(const std::vector<std::string>& texts, std::optional<std::vector<std::string>>& models) {
  if (texts.empty()) return {};
  const std::vector<std::string> patterns = split_list(texts);
  models.emplace();
  if (patterns == std::vector<std::string>{std::string(kNone)}) return {};
  for (const std::string& pattern : patterns) {
    if (!names::is_pattern(pattern)) return unexpected("--models", names::kPatternExpected, pattern);
    models->push_back(pattern);
  }
  return {};
}

// "25", "25/month", "none", "none/day".
Result<void> add_cap(const std::string& text, const std::optional<std::string>& period_flag, std::set<Period>& given,
                     std::vector<ProjectChange::Cap>& caps) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const std::string amount = text.substr(0, slash);
  const bool has_period = slash < text.size() || period_flag;
  const std::string period_text = slash < text.size() ? text.substr(slash + 1) : period_flag.value_or("month");
  Period period = Period::month;
  if (!parse(period_text, period)) return unexpected("--cap", "a period of day, week, month or total", period_text);

  const bool all = amount == kNone && !has_period;
  if (!all && !given.insert(period).second) {
    return usage_error(
        fmt::format("--cap: expected at most one for each period, found a second one for {}: '{}'", period_text, text));
  }
  if (amount == kNone) {
    caps.push_back({all ? std::nullopt : std::optional(period), std::nullopt});
    return {};
  }
  const std::optional<Money> money = scalars::amount(amount);
  if (!money) return unexpected("--cap", "USD such as 25 or 25/month, or none", text);
  caps.push_back({period, *money});
  return {};
}

Result<void> set_warnings(const std::vector<std::string>& texts, std::optional<std::vector<int>>& warnings) {
  if (texts.empty()) return {};
  std::vector<int> percents;
  for (const std::string& text : split_list(texts)) {
    if (text == kNone) continue;
    const std::optional<std::int64_t> percent = scalars::whole(text);
    if (!percent || *percent < 1 || *percent > 100) return unexpected("--warn", "percent from 1 to 100, or none", text);
    percents.push_back(static_cast<int>(*percent));
  }
  std::sort(percents.begin(), percents.end());
  warnings = std::move(percents);
  return {};
}

Result<void> set_spend(const ProjectTexts& texts, ProjectChange& change) {
  if (texts.period && texts.caps.empty()) return usage_error("--period: expected --cap beside it");
  std::set<Period> given;
  for (const std::string& cap : texts.caps) {
    if (auto done = add_cap(cap, texts.period, given, change.caps); !done) return done;
  }
  if (auto done = set_warnings(texts.warnings, change.warnings); !done) return done;
  if (texts.mode) change.mode = *texts.mode == "strict" ? SpendMode::strict : SpendMode::estimate;
  if (texts.unpriced) change.allow_unpriced = *texts.unpriced == "allow";
  if (!texts.timezone) return {};
  const std::string name = *texts.timezone == kNone ? "UTC" : *texts.timezone;
  Result<Zone> zone = load_zone(name);
  if (!zone) return unexpected("--timezone", "a time zone such as UTC or Europe/Berlin", name);
  change.timezone = ProjectChange::TimeZone{name, std::move(*zone)};
  return {};
}

}  // namespace

bool is_empty(const ProjectTexts& texts) {
  const bool lists = texts.models.empty() && texts.caps.empty() && texts.warnings.empty();
  return lists && !texts.requests_per_minute && !texts.tokens_per_minute && !texts.concurrent &&
         !texts.max_output_tokens && !texts.period && !texts.mode && !texts.timezone && !texts.unpriced;
}

Result<operations::ProjectChange> read_project_change(const ProjectTexts& texts) {
  ProjectChange change;
  if (auto done = set_models(texts.models, change.models); !done) return done.error();
  if (auto done = set_limit(texts.requests_per_minute, "--rpm", change.requests_per_minute); !done) return done.error();
  if (auto done = set_limit(texts.tokens_per_minute, "--tpm", change.tokens_per_minute); !done) return done.error();
  if (auto done = set_limit(texts.concurrent, "--concurrent", change.concurrent); !done) return done.error();
  if (auto done = set_limit(texts.max_output_tokens, "--max-output-tokens", change.max_output_tokens); !done)
    return done.error();
  if (auto done = set_spend(texts, change); !done) return done.error();
  return change;
}

}  // namespace gateway::app
