#include "app/cli/project_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "app/cli/flags.h"
#include "app/cli/validators.h"
#include "base/names.h"
#include "config/scalars.h"
#include "gateway/yaml_config.h"
#include "policy/limits/period.h"

namespace gateway::app {
namespace {

constexpr std::string_view kNone = "none";

Error unexpected(std::string_view flag, std::string_view expected, std::string_view found) {
  return usage_error(fmt::format("{}: expected {}, found '{}'", flag, expected, found));
}

Result<void> set_limit(const std::optional<std::string>& text, std::string_view flag,
                       std::optional<std::int64_t>& limit) {
  if (!text) return {};
  if (*text == kNone) {
    limit.reset();
    return {};
  }
  const std::optional<std::int64_t> number = scalars::whole(*text);
  if (!number || *number < 1) return unexpected(flag, "a whole number of at least 1, or none", *text);
  limit = number;
  return {};
}

Result<void> set_models(const std::vector<std::string>& texts, std::vector<std::string>& models) {
  if (texts.empty()) return {};
  const std::vector<std::string> patterns = split_list(texts);
  models.clear();
  if (patterns == std::vector<std::string>{std::string(kNone)}) return {};
  for (const std::string& pattern : patterns) {
    if (!names::is_pattern(pattern)) return unexpected("--models", names::kPatternExpected, pattern);
    models.push_back(pattern);
  }
  return {};
}

// "25", "25/month", "none", "none/day".
Result<void> set_cap(const std::string& text, const std::optional<std::string>& period_flag, std::set<Period>& given,
                     SpendConfig& spend) {
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
  auto& caps = spend.caps;
  const auto old =
      std::find_if(caps.begin(), caps.end(), [period](const SpendCap& cap) { return cap.period == period; });
  if (amount == kNone) {
    caps.erase(std::remove_if(caps.begin(), caps.end(), [&](const SpendCap& c) { return all || c.period == period; }),
               caps.end());
    return {};
  }
  const std::optional<Money> money = scalars::amount(amount);
  if (!money) return unexpected("--cap", "USD such as 25 or 25/month, or none", text);
  if (old != caps.end()) {
    old->cap = *money;
  } else {
    caps.push_back({*money, period, {}});
  }
  return {};
}

Result<void> set_warnings(const std::vector<std::string>& texts, SpendConfig& spend) {
  if (texts.empty()) return {};
  std::vector<int> percents;
  for (const std::string& text : split_list(texts)) {
    if (text == kNone) continue;
    const std::optional<std::int64_t> percent = scalars::whole(text);
    if (!percent || *percent < 1 || *percent > 100) return unexpected("--warn", "percent from 1 to 100, or none", text);
    percents.push_back(static_cast<int>(*percent));
  }
  std::sort(percents.begin(), percents.end());
  for (SpendCap& cap : spend.caps) cap.warn_percent = percents;
  return {};
}

Result<void> set_spend(const ProjectFlags& flags, SpendConfig& spend) {
  if (flags.period && flags.caps.empty()) return usage_error("--period: expected --cap beside it");
  std::set<Period> given;
  for (const std::string& cap : flags.caps) {
    if (auto done = set_cap(cap, flags.period, given, spend); !done) return done;
  }
  if (auto done = set_warnings(flags.warnings, spend); !done) return done;
  if (flags.mode) spend.mode = *flags.mode == "strict" ? SpendMode::strict : SpendMode::estimate;
  if (flags.unpriced) spend.allow_unpriced = *flags.unpriced == "allow";
  if (!flags.timezone) return {};
  spend.timezone = *flags.timezone == kNone ? "UTC" : *flags.timezone;
  Result<Zone> zone = load_zone(spend.timezone);
  if (!zone) return unexpected("--timezone", "a time zone such as UTC or Europe/Berlin", spend.timezone);
  spend.zone = std::move(*zone);
  return {};
}

}  // namespace

void add_flags(CLI::App& command, ProjectFlags& flags) {
  command.add_option("--models", flags.models, "Which models it may use: names and prefix/*, by comma; none: all")
      ->type_name("LIST")
      ->allow_extra_args(false);
  command.add_option("--rpm,--requests-per-minute", flags.requests_per_minute, "Requests a minute, or none")
      ->type_name("N");
  command.add_option("--tpm,--tokens-per-minute", flags.tokens_per_minute, "Tokens a minute, or none")->type_name("N");
  command.add_option("--concurrent", flags.concurrent, "Requests at a time, or none")->type_name("N");
  command.add_option("--max-output-tokens", flags.max_output_tokens, "The most a request may ask for, or none")
      ->type_name("N");
  command
      .add_option("--cap", flags.caps, "A spend cap in USD: 25/month, or 25 with --period; may be given again; none")
      ->type_name("USD[/PERIOD]")
      ->allow_extra_args(false);
  command.add_option("--period", flags.period, "day, week, month or total, for a --cap that names none")
      ->type_name("PERIOD")
      ->check(one_of({"day", "week", "month", "total"}));
  command.add_option("--warn", flags.warnings, "Percent of its caps to warn at, by comma, or none")
      ->type_name("LIST")
      ->allow_extra_args(false);
  command.add_option("--mode", flags.mode, "strict holds the worst case, estimate the expected cost")
      ->type_name("MODE")
      ->check(one_of({"strict", "estimate"}));
  command.add_option("--timezone", flags.timezone, "Whose days, weeks and months its caps follow")->type_name("ZONE");
  command.add_option("--unpriced", flags.unpriced, "allow or refuse models without a known price")
      ->type_name("RULE")
      ->check(one_of({"allow", "refuse"}));
}

Result<void> apply(const ProjectFlags& flags, ProjectConfig& project) {
  if (auto done = set_models(flags.models, project.models); !done) return done;
  LimitsConfig& limits = project.limits;
  if (auto done = set_limit(flags.requests_per_minute, "--rpm", limits.requests_per_minute); !done) return done;
  if (auto done = set_limit(flags.tokens_per_minute, "--tpm", limits.tokens_per_minute); !done) return done;
  if (auto done = set_limit(flags.concurrent, "--concurrent", limits.concurrent); !done) return done;
  if (auto done = set_limit(flags.max_output_tokens, "--max-output-tokens", limits.max_output_tokens); !done)
    return done;
  return set_spend(flags, project.spend);
}

}  // namespace gateway::app
