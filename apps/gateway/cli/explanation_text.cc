#include "app/cli/explanation_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "app/cli/members.h"
#include "app/render/table.h"
#include "policy/pricing/price_figures.h"

namespace gateway::app {
namespace {

struct Figures {
  std::string text;  // "input 0.15, output 0.6"
  bool has_units = false;
};

Figures figures_of(const Members& prices) {
  Figures figures;
  std::vector<std::string> parts;
  for (const PriceFigure& each : kPriceFigures) {
    const std::string_view amount = prices.text(std::string(each.name).c_str());
    if (amount.empty()) continue;
    parts.push_back(fmt::format("{} {}", each.name, amount));
    figures.has_units = figures.has_units || !each.per_token;
  }
  figures.text = fmt::format("{}", fmt::join(parts, ", "));
  return figures;
}

std::string condition_of(const Members& rule) {
  std::vector<std::string> parts;
  if (const std::int64_t tokens = rule.number("min_prompt_tokens"); tokens > 0)
    parts.push_back(fmt::format("from {} tokens", tokens));
  if (rule.has("utc_start") || rule.has("utc_end")) {
    parts.push_back(fmt::format("{}-{} UTC", rule.has("utc_start") ? rule.text("utc_start") : "00:00",
                                rule.has("utc_end") ? rule.text("utc_end") : "24:00"));
  }
  return parts.empty() ? "always" : fmt::format("{}", fmt::join(parts, ", "));
}

std::string price_text(const Members& target) {
  if (!target.has("prices")) return "no price is known";
  const Members prices(target.at("prices"));
  const Figures figures = figures_of(prices);
  std::string text = fmt::format("{} USD per million tokens{} ({})", figures.text, figures.has_units ? " or unit" : "",
                                 target.text("price_version"));
  prices.each("overrides", [&text](simdjson::dom::element element) {
    const Members rule(element);
    text += fmt::format("\n          {}: {}", condition_of(rule), figures_of(rule).text);
  });
  return text;
}

std::int64_t seconds_of(std::int64_t ms) { return (ms + 999) / 1000; }

// What a server that runs knows of it: "first event after 320 ms, 2 in flight, hedged after 800 ms".
std::string pace_text(const Members& target) {
  std::vector<std::string> parts;
  if (target.has("first_event_ms"))
    parts.push_back(fmt::format("first event after {} ms", target.number("first_event_ms")));
  if (const std::int64_t count = target.number("in_flight"); count > 0)
    parts.push_back(fmt::format("{} in flight", count));
  if (target.has("hedged_after_ms"))
    parts.push_back(fmt::format("hedged after {} ms", target.number("hedged_after_ms")));
  return fmt::format("{}", fmt::join(parts, ", "));
}

// `wanted`: the model that the request names first.
std::string target_text(const Members& target, std::string_view wanted) {
  std::string text = fmt::format("{}. {}{} {}{}\n   prices {}\n   holds {} USD for at most {} tokens of output",
                                 target.number("order"), target.text("provider"),
                                 target.has("key") ? "#" + std::string(target.text("key")) : "", target.text("model"),
                                 target.text("asked") == wanted ? "" : fmt::format(", for {}", target.text("asked")),
                                 price_text(target), target.text("hold"), target.number("output_bound"));
  if (target.has("writes_max_tokens"))
    text += fmt::format("; writes max_tokens {} into the request", target.number("writes_max_tokens"));
  text += '\n';
  if (const std::string pace = pace_text(target); !pace.empty()) text += fmt::format("   {}\n", pace);
  if (target.number("rests_ms") > 0)
    text += fmt::format("   rests for {} s more\n", seconds_of(target.number("rests_ms")));
  if (target.has("outlier")) {
    text += fmt::format("   last for {} s more: {} than the others\n", seconds_of(target.number("outlier_ms")),
                        target.text("outlier") == "errors" ? "it fails far more often" : "it is far slower");
  }
  if (target.has("rejected")) text += fmt::format("   rejected: {}\n", target.text("rejected"));
  return text;
}

std::string refusal_text(const Members& refusal) {
  return fmt::format("refused  {} {}: {}\n", refusal.number("status"),
                     refusal.has("code") ? refusal.text("code") : refusal.text("type"), refusal.text("message"));
}

std::string all_text(const Members& found) {
  const std::string refused = found.has("refusal") ? refusal_text(Members(found.at("refusal"))) : std::string();
  if (!found.has("allowed")) return refused;  // the body cannot be read
  std::string text = fmt::format("project  {}: {} {}\n", found.text("project"),
                                 found.truth("allowed") ? "may use" : "may not use", found.text("model"));
  if (found.has("route")) {
    const std::string_view strategy = found.text("strategy");
    const std::string hedge =
        found.has("hedge") ? fmt::format(", hedged after {}", Members(found.at("hedge")).text("after")) : std::string();
    text += fmt::format("route    '{}', {}, at most {} attempts{}\n", found.text("route"),
                        strategy == "ordered" ? "in order" : strategy, found.number("max_attempts"), hedge);
  } else {
    text += "route    none\n";
  }
  text += fmt::format("request  at most {} tokens of input; {} tokens charged against tokens_per_minute\n",
                      found.number("input_bound"), found.number("tokens"));
  found.each("targets",
             [&](simdjson::dom::element target) { text += target_text(Members(target), found.text("model")); });
  return text + refused;
}

// A terminal obeys control characters, and a model's name may be anything.
std::string printable_lines(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    out += printable(text.substr(at, end - at)) + '\n';
    at = end + 1;
  }
  return out;
}

}  // namespace

std::string explanation_text(const std::string& json) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  return parser.parse(json).get(root) == simdjson::SUCCESS ? printable_lines(all_text(Members(root))) : std::string();
}

}  // namespace gateway::app
