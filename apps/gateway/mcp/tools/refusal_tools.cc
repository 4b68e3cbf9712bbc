#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "app/mcp/tools/tools.h"
#include "app/values/moments.h"
#include "base/time_text.h"
#include "operations/usage.h"
#include "operations/why.h"
#include "operations/why_no_row.h"

namespace gateway::app::mcp {
namespace {

struct Meaning {
  std::string_view code;
  int status;
  std::string_view meaning, what_to_do;
};
constexpr Meaning kMeanings[] = {
    {"invalid_request_error", 400, "The body or a parameter is not what the endpoint takes: the message names it.",
     "Correct the request; sending the same again gives the same answer."},
    {"rate_limit_exceeded", 429,
     "A limit of the project (requests, tokens or concurrency) was reached, or its cap was held by requests under way.",
     "Wait as long as retry-after says, send less at a time, or have the limit raised."},
    {"request_exceeds_limit", 429, "One request alone has more tokens than a minute may have.",
     "Send a shorter input or a lower max_tokens, or have tokens_per_minute raised."},
    {"insufficient_quota", 429, "A spend cap is used up.",
     "Wait until resets_at of the cap in state_now, or have the cap raised."},
    {"request_exceeds_budget", 429, "The worst case of one request is more than the cap has left.",
     "Send a lower max_tokens; explain_route says how much would be held."},
    {"model_not_allowed", 403, "The project's list of models lacks it.",
     "Use a model of list_models, or have the project's models extended."},
    {"model_not_found", 404, "No route has a model of that name.",
     "Correct the name; list_models has those there are."},
    {"unpriced_model", 400, "The model has no known price and the project has a spend cap.",
     "Use a priced model, or have a price configured."},
    {"unpriced_option", 400, "The request asks for something that has no known price, under a spend cap.",
     "Leave the option out."},
    {"unpriced_input", 400, "Images, audio or files have no unit price, under a spend cap.",
     "Leave them out, or use a model that prices them."},
    {"unsupported_feature", 400, "The model's provider has no place for what is requested.", "Use another model."},
    {"no_target_fits", 400, "No target of the model's route is for such a request.",
     "Use another model; explain_route shows what each target is for."},
    {"response_not_found", 404, "No stored response of that id was made for the project.",
     "Correct the id, or send the conversation whole: a response may not have been stored, or have been deleted."},
    {"request_too_large", 413, "The body is larger than the server takes.", "Send less."},
    {"provider_unavailable", 502, "The provider refuses the gateway's credentials or credit.",
     "An operator has to look at the provider's account."},
    {"provider_rate_limited", 429, "The provider limits the gateway's account.", "Wait, or use another model."},
    {"provider_error", 502, "The provider failed after all attempts.",
     "Try again; get_provider_health shows what fails right now."},
    {"provider_timeout", 504, "The provider did not answer in time.", "Try again, or ask for a shorter answer."},
    {"overloaded", 503, "The gateway had too much under way.", "Try again after retry-after."},
    {"unavailable", 503, "The gateway could not write its ledger, or is shutting down.",
     "Try again after retry-after."},
};

const Meaning* meaning_of(std::string_view code) {
  const auto found = std::find_if(std::begin(kMeanings), std::end(kMeanings),
                                  [code](const Meaning& each) { return each.code == code; });
  return found == std::end(kMeanings) ? nullptr : found;
}

constexpr Input kInputs[] = {{"request_id", Type::text, "Then the quarter of an hour it came in is looked at"},
                             kProject,
                             {"model", Type::text},
                             {"code", Type::text, "The error code that the client got"},
                             kSince,
                             kLimit};
constexpr Output kOutputs[] = {
    {"refusals", "array"}, {"state_now", "object", true}, {"since", "string"}, kTruncated, kAsCommand};

struct Refused {
  std::string project, model, code;
  std::int64_t count = 0;
  std::string last_hour;
};

std::string refused_json(const Refused& refused) {
  const Meaning* meaning = meaning_of(refused.code);
  json::Object object;
  object.add("code", json::text(refused.code))
      .add("status", meaning ? json::number(meaning->status) : json::null())
      .add("meaning", meaning ? json::text(meaning->meaning) : json::null())
      .add("what_to_do", meaning ? json::text(meaning->what_to_do) : json::null())
      .add("project", json::text(refused.project))
      .add("model", refused.model.empty() ? json::null() : json::text(refused.model))
      .add("count", json::number(refused.count))
      .add("last_hour", json::text(refused.last_hour));
  return object.str();
}

// The ledger counts refusals by hour, project, model and code.
Result<std::vector<Refused>> refusals_of(const Opened& opened, const UsageQuery& query) {
  const auto sums = operations::usage(opened.deployment, query, {.limit = 0});
  if (!sums) return sums.error();
  std::map<std::string, Refused> found;
  for (const UsageSum& sum : sums->sums) {
    if (sum.refused == 0) continue;
    Refused& refused = found[fmt::format("{}\n{}\n{}", sum.key[1], sum.key[2], sum.key[3])];
    refused.code = sum.key[1];
    refused.project = sum.key[2];
    refused.model = sum.key[3];
    refused.count += sum.refused;
    refused.last_hour = std::max(refused.last_hour, sum.key[0]);
  }
  std::vector<Refused> list;
  for (auto& [name, refused] : found) list.push_back(std::move(refused));
  std::stable_sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.count > b.count; });
  return list;
}

Result<void> choose_time(const Desk& desk, const Arguments& given, UsageQuery& query) {
  if (const auto text = given.text("request_id")) {
    RequestId request;
    if (!RequestId::parse(*text, request)) {
      return Error{ErrorCode::invalid, fmt::format("request_id: expected \"req_\" and 26 letters or digits, found '{}'",
                                                   text->substr(0, 64))};
    }
    query.since = operations::quarter_of(request);
    query.until = *query.since + operations::kQuarter;
    return {};
  }
  const auto since = read_moment("since", given.text("since").value_or("24h"), desk.now());
  if (!since) return since.error();
  query.since = *since;
  return {};
}

ToolAnswer refusal_answer(const Desk& desk, const Arguments& given) {
  const auto project = desk.project_of(given);
  if (!project) return failed(project.error());
  UsageQuery query;
  if (*project) query.project = {**project};
  if (const auto model = given.text("model"))
    query.model = operations::counted_names(desk.sources().config->routes, *model);
  query.code = given.text("code");
  query.by = {UsageKey::hour, UsageKey::code, UsageKey::project, UsageKey::model};
  if (auto chosen = choose_time(desk, given, query); !chosen) return failed(chosen.error());
  const auto opened = desk.open();
  if (!opened) return failed(opened.error());
  const auto refusals = refusals_of(*opened, query);
  if (!refusals) return failed(refusals.error());
  Rows rows;
  const auto limit = static_cast<std::size_t>(given.whole("limit", 20));
  const auto next =
      add_slice(rows, {0, limit}, refusals->size(), [&](std::size_t i) { return refused_json((*refusals)[i]); });
  json::Object answer, state;
  answer.add("refusals", rows.str()).add("since", json::time(*query.since));
  if (*project) {
    if (auto added = add_state_now(state, desk, *opened, **project); !added) return failed(added.error());
    answer.add("state_now", state.str());
  } else {
    answer.add("state_now", json::null());
  }
  CommandText command("gateway usage");
  for (const char* name : {"model", "code"}) command.flag(name, given.text(name));
  command.flag("project", *project).flag("since", rfc3339(*query.since));
  if (query.until) command.flag("until", rfc3339(*query.until));
  answer.add("truncated", json::boolean(next.has_value()));
  answer.add("as_command", json::text(command.flag("by", "code,project,model").str()));
  return answered(answer);
}

}  // namespace

Tool explain_refusal(const Desk& desk) {
  return {"explain_refusal",
          "Why requests were refused",
          "Refusals by code, project and model: what each means, what to do, and the project's limits and caps now. "
          "Refused requests are counted; they have no rows.",
          kInputs,
          kOutputs,
          [&desk](const Arguments& given) { return refusal_answer(desk, given); }};
}

}  // namespace gateway::app::mcp
