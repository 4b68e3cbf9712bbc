// What the file may hold: a table for each kind of mapping. The readers take the keys they know from these tables, and
// the reference of all keys is printed from them.
#pragma once

#include <span>
#include <string_view>

namespace gateway {

struct Key {
  std::string_view name;
  std::string_view allowed;   // as mistakes word it: "a duration such as 250ms, 2s, 10m or 1h, at least 1ms"
  std::string_view fallback;  // what holds without the key, as the file would have it; empty: the help says
  std::string_view help;      // for the reference; Markdown
};
using Keys = std::span<const Key>;

// A mapping of the file. `path` is where it is: NAME is any name, [] an item of a list.
struct Section {
  std::string_view path;  // "models.NAME.targets[].prices"; empty: the file itself
  Keys keys;
  Keys more = {};  // keys that it shares with another section
  std::string_view help = {};
};

bool has_key(const Section& section, std::string_view name);

// In the order of the reference. Each is defined beside its reader.
extern const Section kRootSection, kAdminSection, kAdminTokenSection, kMetricsSection, kReconcileSection;
extern const Section kMcpSection, kSurfacesSection;
extern const Section kServerSection, kTlsSection, kTimeoutsSection, kRetrySection, kOutlierSection;
extern const Section kProviderSection, kProviderKeySection, kTokenCommandSection;
extern const Section kRouteSection, kHedgeSection, kTargetSection, kConditionSection, kCanarySection;
extern const Section kPricesSection, kOverrideSection;
extern const Section kProjectSection, kLimitsSection, kSpendSection;

inline constexpr const Section* kSections[] = {
    &kRootSection,   &kAdminSection,    &kAdminTokenSection, &kMetricsSection,     &kReconcileSection,
    &kMcpSection,    &kSurfacesSection, &kServerSection,     &kTlsSection,         &kTimeoutsSection,
    &kRetrySection,  &kOutlierSection,  &kProviderSection,   &kProviderKeySection, &kTokenCommandSection,
    &kRouteSection,  &kHedgeSection,    &kTargetSection,     &kConditionSection,   &kCanarySection,
    &kPricesSection, &kOverrideSection, &kProjectSection,    &kLimitsSection,      &kSpendSection};

}  // namespace gateway
