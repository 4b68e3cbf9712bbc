#include <fmt/format.h>

#include "config/keys.h"
#include "config/scenario_sections.h"
#include "gateway/yaml_config.h"
#include "gateway/yaml_scenario.h"

namespace gateway {
namespace {

// Text in a cell of a table: there a bar would begin the next one.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? "\\|" : std::string(1, c);
  return out;
}

std::string heading(const Section& section) {
  return section.path.empty() ? "### The file itself" : fmt::format("### `{}`", section.path);
}

void append_keys(std::string& out, const Keys& keys) {
  for (const Key& key : keys) {
    out += fmt::format("| `{}` | {} | {} | {} |\n", key.name, cell(key.allowed),
                       key.fallback.empty() ? "" : fmt::format("`{}`", key.fallback), cell(key.help));
  }
}

std::string reference_of(std::span<const Section* const> sections) {
  std::string out = "## Every key\n";
  for (const Section* section : sections) {
    out += fmt::format("\n{}\n\n", heading(*section));
    if (!section->help.empty()) out += fmt::format("{}\n\n", section->help);
    out += "| key | expected | default | meaning |\n|---|---|---|---|\n";
    append_keys(out, section->keys);
    append_keys(out, section->more);
  }
  return out;
}

}  // namespace

std::string config_reference() { return reference_of(kSections); }
std::string scenario_reference() { return reference_of(kScenarioSections); }

}  // namespace gateway
