#include <set>

#include "base/config_check.h"
#include "base/fault_list.h"
#include "base/names.h"

namespace gateway {
namespace {

constexpr std::string_view kPeriodNames[] = {"day", "week", "month", "total"};

void check_limits(const LimitsConfig& limits, const FaultList& faults) {
  faults.whole("requests_per_minute", limits.requests_per_minute, 1, kMaxWhole);
  faults.whole("tokens_per_minute", limits.tokens_per_minute, 1, kMaxWhole);
  faults.whole("concurrent", limits.concurrent, 1, kMaxWhole);
  faults.whole("max_output_tokens", limits.max_output_tokens, 1, kMaxWhole);
}

void check_caps(const SpendConfig& spend, const FaultList& faults) {
  std::set<Period> periods;
  for (const SpendCap& cap : spend.caps) {
    if (cap.cap.is_negative()) {
      faults.unexpected("cap", "an amount in USD such as 25 or 0.50", cap.cap.to_string());
    }
    if (!periods.insert(cap.period).second) {
      faults.add("cap", faults.name() + " is a second cap for the period " +
                            std::string(kPeriodNames[static_cast<std::size_t>(cap.period)]) + "; expected at most one");
    }
    for (const int percent : cap.warn_percent) {
      if (percent >= 1 && percent <= 100) continue;
      faults.unexpected("warn", "a whole number of percent from 1 to 100", std::to_string(percent));
    }
  }
}

void check_zone(const SpendConfig& spend, const FaultList& faults) {
  if (spend.timezone.empty()) {
    faults.unexpected("timezone", "a time zone such as UTC or Europe/Berlin", "");
  } else if (spend.zone.empty() && spend.timezone != "UTC") {
    faults.add("timezone", faults.where("timezone") + ": '" + spend.timezone +
                               "' has no offsets; expected those of load_zone() in 'zone'");
  }
  for (std::size_t i = 1; i < spend.zone.size(); ++i) {
    if (spend.zone[i - 1].from < spend.zone[i].from) continue;
    faults.add("timezone", faults.where("timezone") + ": its offsets are not in the order of their beginnings");
    return;
  }
}

}  // namespace

void check_projects(const std::vector<ProjectConfig>& projects, std::vector<ConfigFault>& faults) {
  UniqueNames unique;
  for (const ProjectConfig& project : projects) {
    const FaultList part(faults, {"projects", project.name}, "project '" + project.name + "'");
    unique.add(part, project.name);
    if (!names::is_name(project.name)) {
      part.add("a project's name: expected " + std::string(names::kNameExpected) + ", found '" + project.name + "'");
    }
    for (const std::string& model : project.models) {
      if (!names::is_pattern(model)) part.unexpected("models", names::kPatternExpected, model);
    }
    check_limits(project.limits, part.part({"limits"}, "'limits' of " + part.name()));
    const FaultList spend = part.part({"spend"}, "'spend' of " + part.name());
    check_caps(project.spend, spend);
    check_zone(project.spend, spend);
  }
}

}  // namespace gateway
