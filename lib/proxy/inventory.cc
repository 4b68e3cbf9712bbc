#include "proxy/inventory.h"

#include <fmt/format.h>

#include "base/time_text.h"
#include "policy/routing/router.h"
#include "proxy/project_state.h"
#include "wire/json/text.h"
#include "wire/openai/error_body.h"

namespace gateway {
namespace {

void append_names(std::string& out, const std::vector<std::string>& names) {
  out += '[';
  for (const std::string& name : names) {
    if (out.back() != '[') out += ',';
    append_json_string(out, name);
  }
  out += ']';
}

std::string number_or_null(const std::optional<std::int64_t>& n) { return n ? std::to_string(*n) : "null"; }

void append_limits(std::string& out, const Project& project, TimePoint now) {
  const LimitsConfig& limits = project.config.limits;
  const RateLimits& used = project.state->limits;
  out += fmt::format(R"("limits":{{"requests_per_minute":{},"tokens_per_minute":{},"concurrent":{}}},)",
                     number_or_null(limits.requests_per_minute), number_or_null(limits.tokens_per_minute),
                     number_or_null(limits.concurrent));
  std::optional<std::int64_t> requests, tokens, concurrent;
  if (limits.requests_per_minute) requests = used.requests(limits, now).remaining;
  if (limits.tokens_per_minute) tokens = used.tokens(limits, now).remaining;
  if (limits.concurrent) concurrent = std::max<std::int64_t>(0, *limits.concurrent - used.concurrent());
  out += fmt::format(R"("remaining":{{"requests":{},"tokens":{},"concurrent":{}}},)", number_or_null(requests),
                     number_or_null(tokens), number_or_null(concurrent));
}

void append_spend(std::string& out, const Project& project, WallTime wall) {
  out += R"("spend":[)";
  for (const Spend::CapView& cap : project.state->spend.views(project.config.spend, wall)) {
    if (out.back() != '[') out += ',';
    const Money spent_and_held = cap.view.spent.plus_saturated(cap.view.held);
    const Money left = std::max(Money{}, cap.view.cap.minus(spent_and_held).value_or(Money{}));
    out += fmt::format(R"({{"period":"{}","cap":"{}","spent":"{}","held":"{}","remaining":"{}","resets_at":)",
                       to_string(cap.period), cap.view.cap.to_string(), cap.view.spent.to_string(),
                       cap.view.held.to_string(), left.to_string());
    if (cap.period == Period::total) {
      out += "null}";
    } else {
      out += fmt::format("\"{}\"}}", rfc3339(cap.bounds.end));
    }
  }
  out += "],";
}

}  // namespace

void append_key_facts(std::string& out, const ApiKey& key, const Project& project, TimePoint now, WallTime wall) {
  out += R"({"data":{"id":)";
  append_json_string(out, key.id);
  out += R"(,"name":)";
  append_json_string(out, key.name);
  out += R"(,"project":)";
  append_json_string(out, key.project);
  out += R"(,"models":)";
  append_names(out, project.config.models);
  out += ',';
  append_limits(out, project, now);
  append_spend(out, project, wall);
  const UsageFigures& usage = project.state->usage;
  out += fmt::format(R"("usage":{{"day":"{}","week":"{}","month":"{}","total":"{}"}}}}}})",
                     usage.get(Period::day).to_string(), usage.get(Period::week).to_string(),
                     usage.get(Period::month).to_string(), usage.get(Period::total).to_string());
}

void append_models(std::string& out, const Snapshot& snapshot, const Project& project) {
  out += R"({"object":"list","data":[)";
  for (const ListedModel& model : snapshot.models) {
    if (!allows(project.config.models, model.id)) continue;
    if (out.back() != '[') out += ',';
    out += model.json;
  }
  out += "]}";
}

void append_anthropic_models(std::string& out, const Snapshot& snapshot, const Project& project) {
  std::string first = "null", last = "null";
  out += R"({"data":[)";
  for (const ListedModel& model : snapshot.models) {
    if (!allows(project.config.models, model.id)) continue;
    if (out.back() != '[') out += ',';
    last.clear();
    append_json_string(last, model.id);
    if (first == "null") first = last;
    const WallTime created{std::chrono::seconds(model.created)};
    out += fmt::format(R"({{"type":"model","id":{0},"display_name":{0},"created_at":"{1}"}})", last, rfc3339(created));
  }
  out += fmt::format(R"(],"has_more":false,"first_id":{},"last_id":{}}})", first, last);
}

bool append_model(std::string& out, const Snapshot& snapshot, const Project& project, std::string_view id) {
  const ListedModel* model = snapshot.model(id);
  if (model == nullptr || !allows(project.config.models, id)) return false;
  out += model->json;
  return true;
}

}  // namespace gateway
