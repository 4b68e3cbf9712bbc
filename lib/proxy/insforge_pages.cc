#include "proxy/insforge_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "policy/routing/router.h"
#include "proxy/project_state.h"
#include "wire/json/text.h"

namespace gateway {
namespace {

// In USD for a million, as a number, and in words.
void append_price(std::string& out, std::string_view name, const std::optional<Money>& each) {
  constexpr std::int64_t kMillion = 1'000'000;
  if (!each) return;
  const Money price = each->times_saturated(kMillion);
  out += fmt::format(R"(,"{0}":{1},"{0}Label":"{2}")", name, price.to_string(),
                     price == Money{} ? "Free" : fmt::format("${} / M tokens", price.to_string()));
}

// From nothing or unknown to dear.
int price_level(const Prices& prices) {
  if (!prices.output || *prices.output == Money{}) return 0;
  if (*prices.output < *Money::parse("0.000001")) return 1;
  return *prices.output < *Money::parse("0.00001") ? 2 : 3;
}

void append_insforge_model(std::string& out, const ListedModel& model) {
  std::string id, provider;
  append_json_string(id, model.id);
  append_json_string(provider, model.owned_by);
  out += fmt::format(R"({{"id":{0},"modelId":{0},"provider":{1},"inputModality":["text"],"outputModality":["text"],)"
                     R"("priceLevel":{2},"created":{3})",
                     id, provider, price_level(model.prices), model.created);
  append_price(out, "inputPrice", model.prices.input);
  append_price(out, "outputPrice", model.prices.output);
  out += '}';
}

void append_configuration(std::string& out, const ListedModel& model) {
  std::string id, provider;
  append_json_string(id, model.id);
  append_json_string(provider, model.owned_by);
  out += fmt::format(R"({{"id":{0},"modelId":{0},"provider":{1},"inputModality":["text"],"outputModality":["text"]}})",
                     id, provider);
}

template <class Append>
void append_allowed(std::string& out, const Snapshot& snapshot, const Project& project, Append append) {
  out += '[';
  for (const ListedModel& model : snapshot.models) {
    if (!allows(project.config.models, model.id)) continue;
    if (out.back() != '[') out += ',';
    append(out, model);
  }
  out += ']';
}

// Of a project's caps the one that leaves least.
struct Credit {
  std::string limit = "null", remaining = "null", reset = "null";
};
Credit credit_of(const Project& project, WallTime wall) {
  Credit out;
  std::optional<Money> least;
  for (const Spend::CapView& cap : project.state->spend.views(project.config.spend, wall)) {
    const Money used = cap.view.spent.plus_saturated(cap.view.held);
    const Money left = std::max(Money{}, cap.view.cap.minus(used).value_or(Money{}));
    if (least && *least <= left) continue;
    least = left;
    out.limit = cap.view.cap.to_string();
    out.remaining = left.to_string();
    static constexpr std::pair<Period, std::string_view> kWords[] = {
        {Period::day, R"("daily")"}, {Period::week, R"("weekly")"}, {Period::month, R"("monthly")"}};
    out.reset = "null";
    for (const auto& [period, word] : kWords) {
      if (cap.period == period) out.reset = word;
    }
  }
  return out;
}

}  // namespace

void append_insforge_models(std::string& out, const Snapshot& snapshot, const Project& project) {
  append_allowed(out, snapshot, project, append_insforge_model);
}

void append_insforge_configurations(std::string& out, const Snapshot& snapshot, const Project& project) {
  append_allowed(out, snapshot, project, append_configuration);
}

void append_insforge_overview(std::string& out, const ApiKey& key, const Project& project, WallTime wall) {
  const Credit credit = credit_of(project, wall);
  const UsageFigures& usage = project.state->usage;
  out += R"({"key":{"label":)";
  append_json_string(out, key.name.empty() ? key.id : key.name);
  out += fmt::format(R"(,"limit":{},"limitRemaining":{},"limitReset":{},"usage":{},"usageDaily":{},"usageWeekly":{},)"
                     R"("usageMonthly":{},"observabilityAvailable":false,"observabilityError":)"
                     R"("Days and models are in the gateway's ledger: GET /admin/v1/usage with the same key."}},)"
                     R"("charts":{{"spend":[],"requests":[],"tokens":[]}},"modelUsage":[]}})",
                     credit.limit, credit.remaining, credit.reset, usage.get(Period::total).to_string(),
                     usage.get(Period::day).to_string(), usage.get(Period::week).to_string(),
                     usage.get(Period::month).to_string());
}

void append_insforge_credits(std::string& out, const Project& project, WallTime wall) {
  const Credit credit = credit_of(project, wall);
  out += fmt::format(R"({{"usage":{},"limit":{},"remaining":{}}})", project.state->usage.get(Period::total).to_string(),
                     credit.limit, credit.remaining);
}

}  // namespace gateway
