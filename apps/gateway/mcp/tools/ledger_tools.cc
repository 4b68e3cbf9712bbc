#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "app/mcp/tools/tools.h"
#include "app/render/reconciliation.h"
#include "app/render/row_fields.h"
#include "app/render/usage_fields.h"
#include "app/values/moments.h"
#include "app/values/queries.h"
#include "base/time_text.h"
#include "operations/one_request.h"
#include "operations/requests.h"
#include "operations/row_cursor.h"
#include "operations/usage.h"

namespace gateway::app::mcp {
namespace {

constexpr const char* kDay = "24h";
constexpr Input kKey{"key", Type::text, "A key's id"};
constexpr Input kModel{"model", Type::text, "As clients asked for it"};
constexpr Input kProvider{"provider", Type::text};

// --- get_usage

constexpr Input kTz{"tz", Type::text, "Whose days and hours, such as Europe/Berlin; default the project's, else UTC"};
constexpr Input kUsageInputs[] = {
    kProject,
    kKey,
    kModel,
    kProvider,
    kSince,
    kUntil,
    kTz,
    {"by", Type::texts, "Default model", false,
     "quarter|hour|day|week|month|project|key|model|served_model|provider|endpoint|state|code|none", 0, 3},
    {"order", Type::text, "Default: by time if `by` has one, else by cost", false, "cost|requests|tokens"},
    kLimit,
    kCursor};
constexpr Output kUsageOutputs[] = {{"rows", "array"}, {"total", "object"}, {"since", "string"}, {"until", "string"},
                                    kTruncated,        kNextCursor,         kAsCommand};

bool is_by_time(const std::vector<UsageKey>& by) {
  constexpr UsageKey kTimes[] = {UsageKey::quarter, UsageKey::hour, UsageKey::day, UsageKey::week, UsageKey::month};
  return !by.empty() && std::find(std::begin(kTimes), std::end(kTimes), by.front()) != std::end(kTimes);
}

operations::UsageOrder order_of(const Arguments& given, const std::vector<UsageKey>& by) {
  const std::string order = given.text("order").value_or(is_by_time(by) ? "" : "cost");
  if (order == "cost") return operations::UsageOrder::cost;
  if (order == "requests") return operations::UsageOrder::requests;
  if (order == "tokens") return operations::UsageOrder::tokens;
  return operations::UsageOrder::key;
}

// The values of a filter that may have several.
std::vector<std::string> one(const std::optional<std::string>& value) {
  return value ? std::vector<std::string>{*value} : std::vector<std::string>{};
}

// Whose days a project's caps follow; none for UTC, or for several projects.
std::optional<std::string> zone_of(const Opened& opened, const std::optional<std::string>& project) {
  if (!project) return std::nullopt;
  const auto found = operations::find_project(opened.deployment, *project);
  if (!found || found->spend.timezone.empty() || found->spend.timezone == "UTC") return std::nullopt;
  return found->spend.timezone;
}

ToolAnswer usage_answer(const Desk& desk, const Arguments& given) {
  const auto project = desk.project_of(given);
  if (!project) return failed(project.error());
  const auto opened = desk.open();
  if (!opened) return failed(opened.error());
  UsageTexts texts;
  texts.project = one(*project);
  texts.key = one(given.text("key"));
  texts.model = one(given.text("model"));
  texts.provider = one(given.text("provider"));
  texts.since = given.text("since").value_or(kDay);
  texts.until = given.text("until");
  texts.tz = given.text("tz");
  if (!texts.tz) texts.tz = zone_of(*opened, *project);
  texts.by = given.texts("by");
  if (texts.by.empty()) texts.by = {"model"};
  auto request = read_usage_query(texts, "", desk.now());
  if (!request) return failed(request.error());
  const UsageQuery& query = request->query;
  request->shape.order = order_of(given, query.by);
  const auto slice = slice_of(given);
  if (!slice) return failed(slice.error());
  auto found = operations::usage(opened->deployment, query, {.limit = 0}, request->shape);
  if (!found) return failed(found.error());
  Rows rows;
  const auto columns = usage_columns(query.by);
  const auto next = add_slice(rows, *slice, found->sums.size(),
                              [&](std::size_t i) { return object_of(columns, usage_cells(found->sums[i])).str(); });
  json::Object answer;
  answer.add("rows", rows.str())
      .add("total", object_of(usage_columns({}), usage_cells(found->total)).str())
      .add("since", json::time(query.since.value_or(desk.now())))
      .add("until", json::time(query.until.value_or(desk.now())));
  CommandText command("gateway usage");
  for (const char* name : {"key", "model", "provider", "until", "order"}) command.flag(name, given.text(name));
  command.flag("project", *project).flag("since", texts.since).flag("tz", texts.tz);
  command.flag("by", fmt::format("{}", fmt::join(texts.by, ",")));
  add_end(answer, next, command.str() + " --json");
  return answered(answer);
}

// --- list_requests and get_request

constexpr Input kRequestsInputs[] = {kProject,
                                     kKey,
                                     kModel,
                                     kProvider,
                                     {"state", Type::text, {}, false, "open|settled|failed|interrupted|adjustment"},
                                     {"code", Type::text},
                                     {"status", Type::text, "429, or 5xx"},
                                     {"flag", Type::text, "client_left, hedge ...; several with commas"},
                                     {"streamed", Type::text, {}, false, "true|false"},
                                     {"min_cost", Type::text, "USD"},
                                     {"min_duration_ms", Type::whole},
                                     kSince,
                                     kUntil,
                                     kLimit,
                                     kCursor};
constexpr Output kRequestsOutputs[] = {{"requests", "array"}, kTruncated, kNextCursor, kAsCommand};

std::string milliseconds(WallTime from, WallTime to) {
  if (from == WallTime{} || to == WallTime{}) return json::null();
  return json::number(std::chrono::duration_cast<std::chrono::milliseconds>(to - from).count());
}

std::string text_or_null(std::string_view text) { return text.empty() ? json::null() : json::text(text); }

void add_what_was_asked(json::Object& object, const Row& row) {
  object.add("request_id", json::text(row.request.text().view()))
      .add("accepted", json::time(row.accepted))
      .add("project", json::text(row.project.view()))
      .add("key", json::text(row.key.view()))
      .add("model", json::text(row.asked_model.view()))
      .add("endpoint", json::text(to_string(row.operation)));
}

void add_outcome(json::Object& object, const Row& row) {
  object.add("attempt", json::number(row.attempt))
      .add("provider", json::text(row.provider.view()))
      .add("served_model", text_or_null(row.served_model.view()))
      .add("state", json::text(to_string(row.state)))
      .add("status", row.status == 0 ? json::null() : json::number(row.status))
      .add("code", text_or_null(row.error_code.view()))
      .add("input_tokens", json::number(row.usage.input))
      .add("output_tokens", json::number(row.usage.output))
      .add("cost", json::money(row.cost))
      .add("cost_source", json::text(to_string(row.cost_source)))
      .add("first_byte_ms", milliseconds(row.dispatched, row.first_byte))
      .add("duration_ms", milliseconds(row.dispatched, row.ended));
}

std::string request_json(const Row& row) {
  json::Object object;
  add_what_was_asked(object, row);
  add_outcome(object, row);
  return object.str();
}

ToolAnswer requests_answer(const Desk& desk, const Arguments& given) {
  const auto project = desk.project_of(given);
  if (!project) return failed(project.error());
  RowTexts texts;
  texts.project = one(*project);
  texts.key = one(given.text("key"));
  texts.model = one(given.text("model"));
  texts.provider = one(given.text("provider"));
  texts.state = one(given.text("state"));
  texts.code = one(given.text("code"));
  texts.status = one(given.text("status"));
  texts.flag = one(given.text("flag"));
  texts.streamed = given.text("streamed");
  texts.min_cost = given.text("min_cost");
  if (const auto least = given.whole("min_duration_ms")) texts.min_duration = fmt::format("{}ms", *least);
  texts.since = given.text("since").value_or(kDay);
  texts.until = given.text("until");
  const auto query = read_row_query(texts, "", desk.now());
  if (!query) return failed(query.error());
  const auto opened = desk.open();
  if (!opened) return failed(opened.error());
  const std::int64_t limit = given.whole("limit", 20);
  Rows rows;
  std::string last;
  bool is_full = false;
  const auto found = operations::list_requests(opened->deployment, *query, {limit, given.text("cursor").value_or("")},
                                               [&](const Row& row) {
                                                 std::string json = request_json(row);
                                                 is_full = !rows.has_room(json);
                                                 if (is_full) return false;
                                                 rows.add(std::move(json));
                                                 last = operations::cursor_of(row);
                                                 return true;
                                               });
  if (!found) return failed(found.error());
  json::Object answer;
  answer.add("requests", rows.str());
  CommandText command("gateway requests");
  for (const char* name : {"key", "model", "provider", "state", "code", "status", "flag", "streamed", "until"})
    command.flag(name, given.text(name));
  command.flag("project", *project).flag("min-cost", texts.min_cost).flag("min-duration", texts.min_duration);
  command.flag("since", texts.since).flag("limit", std::to_string(limit));
  add_end(answer, is_full ? std::optional(last) : found->next, command.str() + " --json");
  return answered(answer);
}

constexpr Input kOneRequestInputs[] = {
    {"request_id", Type::text, "As in the answer's x-request-id, or the client's own", true}};
constexpr Output kOneRequestOutputs[] = {{"request_id", "string"},
                                         {"project", "string"},
                                         {"model", "string"},
                                         {"cost", "string"},
                                         {"attempts", "array"},
                                         {"corrections", "array"},
                                         {"client_request_id", "string", true},
                                         kTruncated,
                                         kAsCommand};

std::string attempt_json(const Row& row) {
  json::Object object;
  add_outcome(object, row);
  return object.add("target_model", json::text(row.target_model.view()))
      .add("dispatched", json::time(row.dispatched))
      .add("first_byte", json::time(row.first_byte))
      .add("ended", json::time(row.ended))
      .add("hold", json::money(row.hold))
      .add("price_version", text_or_null(row.price_version.view()))
      .add("finish_reason", text_or_null(row.finish_reason.view()))
      .add("flags", json::text(row_flags_to_string(row.flags)))
      .str();
}

std::string correction_json(const Row& row) {
  return json::Object()
      .add("attempt", json::number(row.attempt))
      .add("entry", json::number(row.entry))
      .add("accepted", json::time(row.accepted))
      .add("cost", json::money(row.cost))
      .add("cost_source", json::text(to_string(row.cost_source)))
      .str();
}

ToolAnswer no_row(const Desk& desk, const std::string& id, const std::string& reason) {
  if (desk.caller().is_admin) return failed(reason);
  return failed(
      fmt::format("request_id: '{}' has no row of this project: nothing was dispatched for it; explain_refusal counts "
                  "what was refused",
                  id));
}

constexpr std::size_t kMaxShown = 40;  // attempts, and corrections

ToolAnswer request_answer(const Desk& desk, const Arguments& given) {
  const std::string id = *given.text("request_id");
  const auto opened = desk.open();
  if (!opened) return failed(opened.error());
  AnyText own;
  if (!desk.caller().is_admin) own.add(desk.caller().project);
  const auto found = operations::find_request(opened->deployment, id, own);
  if (!found && found.error().code != ErrorCode::not_found) return failed(found.error());
  if (!found) return no_row(desk, id.substr(0, 128), found.error().detail);
  const auto& attempts = found->attempts;
  Rows shown_attempts, shown_corrections;
  bool is_cut = false;
  const auto show = [&](Rows& rows, std::string json) {
    if (rows.has_room(json) && rows.size() < kMaxShown) {
      rows.add(std::move(json));
    } else {
      is_cut = true;
    }
  };
  for (const Row& row : attempts) show(shown_attempts, attempt_json(row));
  for (const Row& row : found->corrections) show(shown_corrections, correction_json(row));
  json::Object answer;
  add_what_was_asked(answer, attempts.front());
  answer.add("client_request_id", text_or_null(attempts.front().client_request_id.view()))
      .add("streamed", json::boolean(attempts.front().streamed))
      .add("cost", json::money(found->cost))
      .add("attempts", shown_attempts.str())
      .add("corrections", shown_corrections.str())
      .add("truncated", json::boolean(is_cut))
      .add("as_command", json::text(CommandText("gateway request").word(id).str() + " --json"));
  return answered(answer);
}

// --- get_reconciliation

constexpr Input kReconciliationInputs[] = {
    kProvider, {"since", Type::text, "Only UTC days from this one on: a day, or so long ago: 7d"}};
constexpr Output kReconciliationOutputs[] = {{"agrees", "boolean"},
                                             {"last_success", "string", true},
                                             {"failures", "integer"},
                                             {"providers", "array"},
                                             kAsCommand};

ToolAnswer reconciliation_answer(const Desk& desk, const Arguments& given) {
  if (!desk.sources().reconciled)
    return failed(
        "Only a running server keeps what its nightly reconciliation found: use its /mcp, or 'gateway reconcile'");
  operations::ReconciliationReport report = desk.sources().reconciled();
  if (const auto provider = given.text("provider")) {
    std::vector<std::string> known;
    for (const ProviderConfig& each : desk.sources().config->providers) known.push_back(each.name);
    if (std::find(known.begin(), known.end(), *provider) == known.end()) {
      return failed(
          fmt::format("provider: expected one of {}, found '{}'", fmt::join(known, ", "), provider->substr(0, 64)));
    }
    std::erase_if(report.bills, [&](const operations::ComparedBill& bill) { return bill.provider != *provider; });
  }
  if (const auto since = given.text("since")) {
    const auto moment = read_moment("since", *since, desk.now());
    if (!moment) return failed(moment.error());
    const std::string first = day_text(*moment);
    for (operations::ComparedBill& bill : report.bills)
      std::erase_if(bill.lines, [&first](const ReconciledLine& line) { return line.day < first; });
  }
  std::size_t lines = 80;  // of all bills
  bool agrees = report.last_success != WallTime{};
  for (operations::ComparedBill& bill : report.bills) {
    agrees = agrees && bill.trouble.empty() && bill.lines.empty();
    if (bill.lines.size() > lines) bill.lines.resize(lines);
    lines -= bill.lines.size();
  }
  const std::string all = reconciliation_json(report);
  return ToolAnswer{fmt::format(R"({{"agrees":{},{},"as_command":"gateway reconcile"}})", agrees,
                                std::string_view(all).substr(1, all.size() - 2))};
}

}  // namespace

Tool get_usage(const Desk& desk) {
  return {"get_usage",
          "Usage and cost",
          "Requests, tokens and exact cost, summed by what you choose. `total` covers all rows.",
          kUsageInputs,
          kUsageOutputs,
          [&desk](const Arguments& given) { return usage_answer(desk, given); }};
}

Tool list_requests(const Desk& desk) {
  return {"list_requests",
          "Requests",
          "Rows of the ledger, newest first: one for each attempt at a provider. Refused requests have none.",
          kRequestsInputs,
          kRequestsOutputs,
          [&desk](const Arguments& given) { return requests_answer(desk, given); }};
}

Tool get_request(const Desk& desk) {
  return {
      "get_request",     "One request",      "A request with all its attempts, their timing and cost, and corrections.",
      kOneRequestInputs, kOneRequestOutputs, [&desk](const Arguments& given) { return request_answer(desk, given); }};
}

Tool get_reconciliation(const Desk& desk) {
  return {"get_reconciliation",
          "Reconciliation",
          "Whether the ledger agrees with the providers' bills, and the days and models that differ.",
          kReconciliationInputs,
          kReconciliationOutputs,
          [&desk](const Arguments& given) { return reconciliation_answer(desk, given); }};
}

}  // namespace gateway::app::mcp
