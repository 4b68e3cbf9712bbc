#include <fmt/format.h>

#include <algorithm>

#include "app/mcp/tools/tools.h"
#include "app/render/explanation.h"
#include "app/render/live.h"
#include "app/render/price_view.h"
#include "app/render/project_view.h"
#include "base/nearest.h"
#include "chat/endpoint.h"
#include "operations/explain.h"
#include "operations/models.h"
#include "policy/routing/provider_keys.h"

namespace gateway::app::mcp {
namespace {

// --- list_models

constexpr Input kModelsInputs[] = {kProject,
                                   {"search", Type::text, "A part of the name"},
                                   {"max_input_price", Type::text, "USD per million tokens, such as \"0.5\""},
                                   {"min_context", Type::whole, "Tokens", false, {}, 0},
                                   {"sort", Type::text, "Default name", false, "name|price"},
                                   kLimit,
                                   kCursor};
constexpr Output kModelsOutputs[] = {{"models", "array"}, kTruncated, kNextCursor, kAsCommand};

// Why the project could not use it at this moment: from the decision that a request would meet.
struct Usability {
  std::optional<ProjectConfig> project;
  std::vector<operations::CapState> caps;
};

std::string listed_json(const Desk& desk, const operations::ModelList& list, const ListedModel& model,
                        const Usability& usability) {
  json::Object object;
  object.add("id", json::text(model.id))
      .add("context_length", model.context_length > 0 ? json::number(model.context_length) : json::null())
      .add("prices", model.prices.known() ? prices_json(model.prices) : json::null());
  const RouteConfig* route = list.snapshot->router.find(model.id);
  const std::string source = operations::price_source(*list.snapshot, model.id).version;
  object.add("price_source", source.empty() ? json::null() : json::text(source));
  if (desk.caller().is_admin && route != nullptr) {
    std::vector<std::string> targets;
    for (const TargetConfig& target : route->targets) {
      targets.push_back(json::Object()
                            .add("provider", json::text(split_keyed(target.provider).provider))
                            .add("model", json::text(target_model(target, model.id)))
                            .str());
    }
    object.add("targets", json::list(targets));
  }
  if (usability.project) {
    operations::ExplainQuery query;
    query.project = usability.project->name;
    query.model = model.id;
    query.now = desk.now();
    const auto found = operations::explain(list.snapshot, *usability.project, usability.caps, query);
    object.add("usable", json::boolean(!found.refusal))
        .add("why_not", found.refusal ? json::text(found.refusal->message) : json::null());
  }
  return object.str();
}

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::search(text.begin(), text.end(), part.begin(), part.end(),
                     [&](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

ToolAnswer models_answer(const Desk& desk, const Arguments& given) {
  const auto project = desk.project_of(given);
  if (!project) return failed(project.error());
  const auto slice = slice_of(given);
  if (!slice) return failed(slice.error());
  std::optional<Money> most;  // for a token
  if (const auto text = given.text("max_input_price")) {
    const auto price = Money::parse(*text);
    if (!price)
      return failed("max_input_price: expected USD per million tokens such as \"0.5\", found '" + text->substr(0, 32) +
                    "'");
    most = *price;
  }
  const auto opened = desk.open_if_there();
  if (!opened) return failed(opened.error());
  auto list = operations::list_models(opened->deployment, desk.catalogues(), {*project, {.limit = 0}});
  if (!list) return failed(list.error());
  auto& models = list->models;
  const std::int64_t least_context = given.whole("min_context", 0);
  const std::string search = given.text("search").value_or("");
  std::erase_if(models, [&](const ListedModel* model) {
    const bool is_cheap = !most || (model->prices.input && model->prices.input->times_saturated(1'000'000) <= *most);
    return !is_cheap || model->context_length < least_context || !contains_ignoring_case(model->id, search);
  });
  if (given.text("sort") == "price") {
    std::stable_sort(models.begin(), models.end(), [](const ListedModel* a, const ListedModel* b) {
      return a->prices.input.value_or(Money::max()) < b->prices.input.value_or(Money::max());
    });
  }
  Usability usability;
  if (*project) {
    auto view = operations::show_project(opened->deployment, **project);
    if (!view) return failed(view.error());
    usability = {std::move(view->project), std::move(view->caps)};
  }
  Rows rows;
  const auto next = add_slice(rows, *slice, models.size(),
                              [&](std::size_t i) { return listed_json(desk, *list, *models[i], usability); });
  json::Object answer;
  answer.add("models", rows.str());
  add_end(answer, next, "gateway prices list --json");
  return answered(answer);
}

// --- estimate_cost

constexpr std::int64_t kMaxTokens = 1'000'000'000;
constexpr Input kEstimateInputs[] = {{"model", Type::text, {}, true},
                                     {"input_tokens", Type::whole, {}, true, {}, 0, kMaxTokens},
                                     {"output_tokens", Type::whole, {}, true, {}, 0, kMaxTokens},
                                     {"images", Type::whole, "In the input", false, {}, 0, 1000},
                                     kProject};
constexpr Output kEstimateOutputs[] = {{"cost", "string", true},
                                       {"hold", "string", true},
                                       {"price_version", "string", true},
                                       {"targets", "array"},
                                       {"fits_budget", "boolean", true},
                                       {"limiting", "object", true},
                                       kAsCommand};

struct Estimate {
  Money cost, hold;
};

ToolAnswer unknown_model(const Desk& desk, const operations::ModelList& list, const std::string& model) {
  std::vector<std::string_view> known;
  for (const ListedModel* each : list.models) known.emplace_back(each->id);
  for (const RouteConfig& route : desk.sources().config->routes) {
    if (route.pattern.find('*') == route.pattern.npos && desk.caller().is_admin) known.emplace_back(route.pattern);
  }
  const std::string_view near = nearest(model, known);
  return failed(fmt::format("model: expected one of list_models, found '{}'{}", model.substr(0, 128),
                            near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
}

ToolAnswer estimate_answer(const Desk& desk, const Arguments& given) {
  const auto project = desk.project_of(given);
  if (!project) return failed(project.error());
  const std::string model = *given.text("model");
  const auto opened = desk.open_if_there();
  if (!opened) return failed(opened.error());
  const auto list = operations::list_models(opened->deployment, desk.catalogues(), {*project, {.limit = 0}});
  if (!list) return failed(list.error());
  const Snapshot& snapshot = *list->snapshot;
  const RouteConfig* route = snapshot.router.find(model);
  if (route == nullptr) return unknown_model(desk, *list, model);
  Usage usage;
  usage.input = given.whole("input_tokens", 0);
  usage.output = given.whole("output_tokens", 0);
  const std::int64_t images = given.whole("images", 0);
  std::optional<Estimate> first;
  std::string version;
  std::vector<std::string> targets;
  for (const TargetConfig& target : route->targets) {
    const Provider* provider = snapshot.provider(target.provider);
    const std::string_view name = target_model(target, model);
    const PriceInForce priced = provider ? snapshot.prices(target, *provider, name) : PriceInForce{};
    json::Object object;
    object.add("provider", json::text(split_keyed(target.provider).provider)).add("model", json::text(name));
    std::optional<Estimate> estimate;
    if (priced.prices != nullptr) {
      estimate = {price(*priced.prices, usage, images, 0, desk.now()),
                  worst_case(*priced.prices, usage.input, usage.output, images, 0, desk.now())};
    }
    object.add("cost", estimate ? json::money(estimate->cost) : json::null())
        .add("hold", estimate ? json::money(estimate->hold) : json::null())
        .add("price_version", estimate ? json::text(priced.version) : json::null());
    if (targets.empty() && estimate) {
      first = estimate;
      version = priced.version;
    }
    targets.push_back(object.str());
  }
  json::Object answer;
  answer.add("cost", first ? json::money(first->cost) : json::null())
      .add("hold", first ? json::money(first->hold) : json::null())
      .add("price_version", first ? json::text(version) : json::null())
      .add("targets", json::list(targets));
  std::string limiting = json::null();
  bool fits = true;
  if (*project && first) {
    const auto view = operations::show_project(opened->deployment, **project);
    if (!view) return failed(view.error());
    for (const operations::CapState& cap : view->caps) {
      if (cap.remaining() >= MoneySum(first->hold) && cap.remaining() > MoneySum()) continue;
      fits = false;
      limiting = cap_object(cap).str();
      break;
    }
    answer.add("fits_budget", json::boolean(fits)).add("limiting", limiting);
  }
  CommandText command("gateway explain");
  command.flag("project", project->value_or("NAME")).flag("model", model);
  return answered(answer.add("as_command", json::text(command.str())));
}

// --- explain_route

constexpr Input kRouteInputs[] = {
    {"model", Type::text, {}, true},
    {"endpoint", Type::text, "Default chat", false,
     "chat|embeddings|completions|images|image_edits|transcriptions|translations|speech|moderations|rerank"},
    kProject,
    {"body", Type::object, "The request's JSON; default: a short one"}};
constexpr Output kRouteOutputs[] = {
    {"project", "string"},       {"model", "string"},     {"route", "string", true}, {"targets", "array"},
    {"refusal", "object", true}, {"admitted", "boolean"}, {"verdict", "string"},     kAsCommand};

ToolAnswer route_answer(const Desk& desk, const Arguments& given) {
  const auto project = desk.one_project_of(given);
  if (!project) return failed(project.error());
  operations::ExplainQuery query;
  query.project = *project;
  query.model = *given.text("model");
  query.body = given.text("body");
  if (desk.caller().key) query.key = desk.caller().key->id;
  query.now = desk.now();
  const std::string endpoint = given.text("endpoint").value_or("chat");
  if (!parse(endpoint, query.operation))
    return failed("endpoint: expected chat, embeddings, images, speech ..., found '" + endpoint + "'");
  const auto opened = desk.open_if_there();
  if (!opened) return failed(opened.error());
  const auto found = operations::explain(opened->deployment, desk.catalogues(), query, desk.live());
  if (!found) return failed(found.error());
  std::string verdict;
  if (found->refusal) {
    verdict =
        fmt::format("refused with {} {}: {}", found->refusal->status, found->refusal->code, found->refusal->message);
  } else {
    const auto chosen = std::find_if(found->targets.begin(), found->targets.end(),
                                     [](const auto& target) { return target.rejected.empty(); });
    verdict = fmt::format("would go to {} as {}, holding {} USD", chosen->target->provider, chosen->model,
                          chosen->plan.hold.to_string());
  }
  CommandText command("gateway explain");
  command.flag("project", *project).flag("model", query.model);
  if (endpoint != "chat") command.flag("endpoint", endpoint);
  const std::string explained = explanation_json(*found, *project, endpoint, desk.sources().config->retry);
  ToolAnswer answer;
  answer.structured =
      fmt::format(R"({},"admitted":{},"verdict":{},"as_command":{}}})", explained.substr(0, explained.size() - 1),
                  !found->refusal, json::text(verdict), json::text(command.str() + " --json"));
  return answer;
}

}  // namespace

Tool list_models(const Desk& desk) {
  return {"list_models",
          "Models",
          "Models that may be used, with prices in USD per million tokens, and for a project whether it could use each "
          "now.",
          kModelsInputs,
          kModelsOutputs,
          [&desk](const Arguments& given) { return models_answer(desk, given); }};
}

Tool estimate_cost(const Desk& desk) {
  return {"estimate_cost",
          "Estimate a cost",
          "What so many tokens cost exactly at the first target, and whether the project's caps have room.",
          kEstimateInputs,
          kEstimateOutputs,
          [&desk](const Arguments& given) { return estimate_answer(desk, given); }};
}

Tool explain_route(const Desk& desk) {
  return {"explain_route",
          "Explain a route",
          "Where a request would go, in which order, what it would hold, and why other targets are rejected. Sends "
          "nothing.",
          kRouteInputs,
          kRouteOutputs,
          [&desk](const Arguments& given) { return route_answer(desk, given); }};
}

}  // namespace gateway::app::mcp
