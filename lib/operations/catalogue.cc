#include "operations/catalogue.h"

#include <array>
#include <cstdlib>

#include "base/enum_names.h"

namespace gateway::operations {
namespace {

constexpr Parameter kLimit{"limit", In::query, Type::count, "Show at most N, from 1 to 10000",
                           false,   {},        "100",       "entries"};
constexpr Parameter kCursor{"cursor", In::query, Type::cursor, "The next of the answer before: continue there"};
constexpr Parameter kOfProject{"project", In::query, Type::text, "Only this project's"};
constexpr Parameter kOfProvider{"provider", In::query, Type::text, "Only this provider's"};
constexpr Parameter kNamed{"name", In::path, Type::text, "The project's name", true};
constexpr Parameter kKeyId{"id", In::path, Type::text, "The key's id", true};

// --- projects

constexpr Parameter kLimitMembers[] = {
    {"requests_per_minute", In::body, Type::count, "Requests a minute", false, {}, {}, "requests", {}, true},
    {"tokens_per_minute", In::body, Type::count, "Tokens a minute", false, {}, {}, "tokens", {}, true},
    {"concurrent", In::body, Type::count, "Requests at a time", false, {}, {}, "requests", {}, true},
    {"max_output_tokens", In::body, Type::count, "The most a request may ask for", false, {}, {}, "tokens", {}, true}};
constexpr Parameter kCapMembers[] = {
    {"cap", In::body, Type::money, "What may be spent", true, "USD as a string such as \"25.00\"", {}, "USD"},
    {"period", In::body, Type::text, "Weeks begin on Monday", false, {}, "month", {}, "day|week|month|total"},
    {"warn", In::body, Type::list, "At which parts of it the log warns, for all caps", false, {}, {}, "percent"}};

constexpr Parameter kNewName{"name", In::body, Type::text, "The project's name", true, "a project's name"};
constexpr Parameter kModels{"models", In::body, Type::list, "Which models it may use: names and prefix/*; empty: all"};
constexpr Parameter kLimits{"limits",
                            In::body,
                            Type::object,
                            "Rates and lengths; null removes one",
                            false,
                            {},
                            {},
                            {},
                            {},
                            false,
                            kLimitMembers,
                            std::size(kLimitMembers)};
constexpr Parameter kSpend{"spend", In::body, Type::list,  "All its spend caps, one for each period",
                           false,   {},       {},          {},
                           {},      false,    kCapMembers, std::size(kCapMembers)};
constexpr Parameter kMode{
    "mode",   In::body, Type::text,       "strict holds the worst case, estimate the expected cost", false, {},
    "strict", {},       "strict|estimate"};
constexpr Parameter kTimezone{"timezone", In::body, Type::text, "Whose days, weeks and months its caps follow",
                              false,      {},       "UTC"};
constexpr Parameter kUnpriced{"unpriced",    In::body, Type::text, "allow or refuse models without a known price",
                              false,         {},       "refuse",   {},
                              "allow|refuse"};
constexpr Parameter kIfMatch{"if-match", In::header, Type::text,
                             "Change it only if it still has this version, in quotation marks; *: any"};

constexpr Parameter kPageOnly[] = {kLimit, kCursor};
constexpr Parameter kNewProject[] = {kNewName, kModels, kLimits, kSpend, kMode, kTimezone, kUnpriced};
constexpr Parameter kOneProject[] = {kNamed};
constexpr Parameter kChangedProject[] = {kNamed, kIfMatch, kModels, kLimits, kSpend, kMode, kTimezone, kUnpriced};

// --- keys

constexpr Parameter kKeyName{"name", In::body, Type::text, "What to call the key"};
constexpr Parameter kExpires{"expires", In::body, Type::moment, "When it ends: 90d, 12h, or a time"};
constexpr Parameter kKeyList[] = {
    kOfProject,
    {"order",
     In::query,
     Type::text,
     "age: by project and age; cost: those that cost most in 30 days first; last_used: the longest unused first",
     false,
     {},
     "age",
     {},
     "age|cost|last_used"},
    {"unused_for", In::query, Type::duration, "Only active keys that were not used for so long: 30d"},
    kLimit,
    kCursor};
constexpr Parameter kNewKey[] = {
    {"project", In::body, Type::text, "The project it belongs to", true, "a project's name"}, kKeyName, kExpires};
constexpr Parameter kRotatedKey[] = {
    kKeyId,
    {"grace", In::body, Type::duration, "Keep the old key valid this long (e.g. 1h); default: revoked at once"},
    kKeyName,
    kExpires};
constexpr Parameter kOneKey[] = {kKeyId};

// --- the ledger's rows and sums

// A filter that may be repeated: any of its values is meant.
constexpr Parameter any_of(std::string_view name, Type type, std::string_view help, std::string_view choices = {}) {
  Parameter parameter{name, In::query, type, help};
  parameter.choices = choices;
  parameter.repeated = true;
  return parameter;
}
constexpr Parameter kProjects = any_of("project", Type::text, "Only this project's; may be repeated");
constexpr Parameter kKeys = any_of("key", Type::text, "Only this key's, by its id or its name; may be repeated");
constexpr Parameter kModelsAsked =
    any_of("model", Type::text, "Only this model, as clients asked for it; may be repeated");
constexpr Parameter kServedModels =
    any_of("served_model", Type::text, "Only this model, as the provider answered; may be repeated");
constexpr Parameter kProviders = any_of("provider", Type::text, "Only this provider's; may be repeated");
constexpr Parameter kEndpoints =
    any_of("endpoint", Type::list, "Only these endpoints: chat, embeddings, images, speech ...");
constexpr Parameter kCodes = any_of("code", Type::list, "Only these error codes: rate_limit_exceeded, provider_error");
constexpr Parameter kStates =
    any_of("state", Type::list, "Only these states: open, settled, failed, interrupted, adjustment");
constexpr Parameter kStatuses =
    any_of("status", Type::list, "Only these HTTP statuses of the provider: 429, or 5xx for all from 500 to 599");
constexpr Parameter kMinCost{"min_cost", In::query, Type::money, "Only what cost at least so much",
                             false,      {},        {},          "USD"};
constexpr Parameter kMinDuration{"min_duration", In::query, Type::duration,
                                 "Only what took at least so long, to the end of the answer: 5s, 250ms"};
constexpr Parameter kFlags = any_of("flag", Type::list,
                                    "Only rows with one of these flags: usage_odd, usage_missing, client_left, "
                                    "over_hold, clamped, byok, backfill_pending, unpriced, surcharged");
constexpr Parameter kWasStreamed{
    "streamed", In::query, Type::text, "Only what was asked for as a stream, or not", false, {}, {}, {}, "true|false"};
constexpr Parameter kTz{
    "tz", In::query, Type::text, "The time zone of days and of times that are shown: Europe/Berlin", false, {}, "UTC"};
constexpr Parameter kOfRequest{"request", In::query, Type::text, "Only this request's, by the id in x-request-id"};
constexpr Parameter kAcceptedSince{"since", In::query, Type::moment,
                                   "Accepted from this moment on: a time, a day, 24h, 7d"};
constexpr Parameter kAcceptedUntil{"until", In::query, Type::moment, "Accepted before this moment, likewise"};

constexpr Parameter kUsage[] = {
    kProjects,
    kKeys,
    kModelsAsked,
    kServedModels,
    kProviders,
    kEndpoints,
    kCodes,
    {"since", In::query, Type::moment, "From this moment on, in quarters of an hour: a time, a day, 24h, 7d"},
    {"until", In::query, Type::moment, "Before this moment, likewise"},
    {"by",
     In::query,
     Type::list,
     "What to sum by: quarter (of an hour), hour, day, week, month, project, key, model, served_model, provider, "
     "endpoint, state, code; none: one sum",
     false,
     {},
     "project,model"},
    kTz,
    {"order",
     In::query,
     Type::text,
     "List by key, or the largest first: by cost, requests or tokens",
     false,
     {},
     "key",
     {},
     "key|cost|requests|tokens"},
    {"top", In::query, Type::count,
     "Show only the N that cost most (or that are first in that order), and the sum of all others as 'other'"},
    kLimit,
    kCursor};
constexpr Parameter kRows[] = {kProjects,      kKeys,   kModelsAsked, kServedModels, kProviders,
                               kEndpoints,     kStates, kCodes,       kStatuses,     kMinCost,
                               kMinDuration,   kFlags,  kWasStreamed, kOfRequest,    kAcceptedSince,
                               kAcceptedUntil, kTz,     kLimit,       kCursor};
constexpr Parameter kStreamed[] = {kProjects,
                                   kKeys,
                                   kModelsAsked,
                                   kServedModels,
                                   kProviders,
                                   kEndpoints,
                                   kStates,
                                   kCodes,
                                   kStatuses,
                                   kMinCost,
                                   kMinDuration,
                                   kFlags,
                                   kWasStreamed,
                                   kTz,
                                   {"last-event-id", In::header, Type::text,
                                    "The id of the last event that was received: continues there, and may repeat some "
                                    "rows"}};
constexpr Parameter kExport[] = {kProjects,
                                 kKeys,
                                 kModelsAsked,
                                 kServedModels,
                                 kProviders,
                                 kEndpoints,
                                 kStates,
                                 kCodes,
                                 kStatuses,
                                 kMinCost,
                                 kMinDuration,
                                 kFlags,
                                 kWasStreamed,
                                 kOfRequest,
                                 kAcceptedSince,
                                 kAcceptedUntil,
                                 kTz,
                                 {"format",
                                  In::query,
                                  Type::text,
                                  "json: a page; jsonl: all rows that match, a line each, unless a limit is given",
                                  false,
                                  {},
                                  "json",
                                  {},
                                  "json|jsonl"},
                                 kLimit,
                                 kCursor};
constexpr Parameter kOneRequest[] = {{"id", In::path, Type::text, "The request's id, as in x-request-id", true}, kTz};
constexpr Parameter kRepriced[] = {kProjects,    kKeys,      kModelsAsked,   kServedModels,  kProviders,   kEndpoints,
                                   kStates,      kCodes,     kStatuses,      kMinCost,       kMinDuration, kFlags,
                                   kWasStreamed, kOfRequest, kAcceptedSince, kAcceptedUntil, kTz};
constexpr Parameter kPruned[] = {{"before", In::body, Type::moment,
                                  "Rows accepted before this UTC day, at the latest today: 2026-01-01, or 90d ago",
                                  true, "a day such as 2026-01-01, or 90d"}};

constexpr Parameter kReload[] = {
    {"percent", In::query, Type::count,
     "Let the file serve so many percent of the requests, from 1 to 99, beside the configuration in force; 100: what "
     "is "
     "staged so is put in force"},
    {"of",
     In::query,
     Type::text,
     "With a percentage, of what: single requests, or all requests of a share of the projects",
     false,
     {},
     "requests",
     {},
     "requests|projects"},
    {"back", In::query, Type::text, "What is staged serves no longer", false, {}, {}, {}, "yes"}};

// --- decisions, prices, limits

// Not required of all: a project's key asks for its own.
constexpr Parameter kWhose{"project", In::query, Type::text,
                           "Whose request; with a project's key that project's, else required"};
constexpr Parameter kEndpoint{
    "endpoint",
    In::query,
    Type::text,
    "chat, embeddings, images, speech ...",
    false,
    {},
    "chat",
    {},
    "chat|embeddings|completions|images|image_edits|transcriptions|translations|speech|moderations|rerank"};
constexpr Parameter kExplain[] = {
    kWhose, {"model", In::query, Type::text, "As a client would name it", true, "a model's name"}, kEndpoint};
constexpr Parameter kExplainBody[] = {
    kWhose,
    {"model", In::query, Type::text, "As a client would name it; before the body's"},
    kEndpoint,
    {"request", In::body, Type::document, "The request's body, as a client would send it, up to 1 MiB"}};
constexpr Parameter kModelList[] = {
    {"project", In::query, Type::text, "Only those that this project may use"}, kLimit, kCursor};
constexpr Parameter kPriceList[] = {
    kOfProvider, {"model", In::query, Type::text, "Only this model's, as its provider names it"}, kLimit, kCursor};
constexpr Parameter kPerProject[] = {kOfProject, kLimit, kCursor};

constexpr std::span<const Parameter> kNoParameters{};

constexpr OperationInfo kOperations[] = {
    {Id::list_projects, "list_projects", "List all projects", Access::admin, "GET", "projects", 200, Answer::list,
     kPageOnly},
    {Id::create_project, "create_project", "Make a project in the database", Access::write, "POST", "projects", 201,
     Answer::one, kNewProject},
    {Id::show_project, "show_project", "Show a project, its limits and what it has spent", Access::admin, "GET",
     "projects/{name}", 200, Answer::one, kOneProject},
    {Id::set_project, "set_project", "Change a project of the database", Access::write, "PATCH", "projects/{name}", 200,
     Answer::one, kChangedProject},
    {Id::delete_project, "delete_project", "Delete a project and revoke its keys", Access::write, "DELETE",
     "projects/{name}", 200, Answer::one, kOneProject},
    {Id::list_keys, "list_keys", "List keys, never the keys themselves", Access::project, "GET", "keys", 200,
     Answer::list, kKeyList},
    {Id::create_key, "create_key", "Make a key and show it, once", Access::write, "POST", "keys", 201, Answer::one,
     kNewKey},
    {Id::rotate_key, "rotate_key", "Replace a key by a new one and show that, once", Access::write, "POST",
     "keys/{id}/rotate", 201, Answer::one, kRotatedKey},
    {Id::revoke_key, "revoke_key", "End a key at once", Access::write, "DELETE", "keys/{id}", 200, Answer::one,
     kOneKey},
    {Id::usage, "usage", "Sum the ledger: requests, tokens, cost; today included", Access::project, "GET", "usage", 200,
     Answer::list, kUsage},
    {Id::list_requests, "list_requests", "List the ledger row by row, newest first", Access::project, "GET", "requests",
     200, Answer::list, kRows},
    {Id::show_request, "show_request", "Show all rows of one request", Access::admin, "GET", "requests/{id}", 200,
     Answer::one, kOneRequest},
    {Id::stream_requests, "stream_requests",
     "Stream the ledger's rows as they are closed, each as an event (SSE) with the JSON that the list has",
     Access::project, "GET", "requests/stream", 200, Answer::events, kStreamed},
    {Id::explain, "explain", "Show where a request would go, what it would hold, and why other targets are rejected",
     Access::project, "GET", "explain", 200, Answer::one, kExplain},
    {Id::explain_body, "explain_body",
     "The same for a request with this body; sends it nowhere and keeps nothing of it", Access::project, "POST",
     "explain", 200, Answer::one, kExplainBody},
    {Id::list_models, "list_models", "List the models that clients may ask for", Access::project, "GET", "models", 200,
     Answer::list, kModelList},
    {Id::list_prices, "list_prices", "List the prices in force, in USD per million tokens and per unit", Access::admin,
     "GET", "prices", 200, Answer::list, kPriceList},
    {Id::list_budgets, "list_budgets", "List what each spend cap has spent, holds and has left", Access::project, "GET",
     "budgets", 200, Answer::list, kPerProject},
    {Id::health, "health", "Show the health of all providers and what is under way", Access::admin, "GET", "health",
     200, Answer::one, kNoParameters},
    {Id::list_limits, "list_limits", "List what each project has under way and what its rate limits leave",
     Access::project, "GET", "limits", 200, Answer::list, kPerProject},
    {Id::reconcile, "reconcile", "What the nightly reconciliation found last", Access::admin, "GET", "reconcile", 200,
     Answer::one, kNoParameters},
    {Id::verify_ledger, "verify_ledger", "Prove that rows, sums and balances agree", Access::admin, "GET",
     "ledger/verify", 200, Answer::one, kNoParameters},
    {Id::export_ledger, "export_ledger", "List all rows with all their fields, oldest first", Access::project, "GET",
     "ledger/export", 200, Answer::list, kExport},
    {Id::prune_ledger, "prune_ledger", "Delete closed rows of past days; all sums stay exact", Access::write, "POST",
     "ledger/prune", 200, Answer::one, kPruned},
    {Id::sweep_ledger, "sweep_ledger", "Replay the journals of processes that died, and close the rows they left open",
     Access::write, "POST", "ledger/sweep", 200, Answer::one, kNoParameters},
    {Id::reprice_ledger, "reprice_ledger", "What the rows that we priced would cost at today's prices; changes nothing",
     Access::project, "GET", "ledger/reprice", 200, Answer::one, kRepriced},
    {Id::show_config, "show_config", "Show the configuration in force; secrets are hidden", Access::admin, "GET",
     "config", 200, Answer::one, kNoParameters},
    {Id::show_system, "show_system",
     "Show the version, how long it has run, its workers and memory, and whether the ledger can be written",
     Access::admin, "GET", "system", 200, Answer::one, kNoParameters},
    {Id::reload, "reload", "Reload the configuration, for all requests or a share of them", Access::write, "POST",
     "reload", 200, Answer::one, kReload},
    {Id::openapi, "openapi", "Show this description, OpenAPI 3.1", Access::admin, "GET", "openapi.json", 200,
     Answer::document, kNoParameters},
};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < std::size(kOperations); ++i) {
    if (static_cast<std::size_t>(kOperations[i].id) != i) return false;
  }
  return true;
}
static_assert(is_in_order());

constexpr std::array<std::string_view, 3> kAccesses{"admin", "project", "write"};
constexpr std::array<std::string_view, 9> kTypes{"text", "count",  "money",  "moment",  "duration",
                                                 "list", "object", "cursor", "document"};

}  // namespace

std::span<const OperationInfo> operations() noexcept { return kOperations; }

const OperationInfo& info_of(Id id) noexcept { return kOperations[static_cast<std::size_t>(id)]; }

const Parameter& parameter_of(Id id, std::string_view name) noexcept {
  for (const Parameter& each : info_of(id).parameters) {
    if (each.name == name) return each;
  }
  std::abort();  // a name that the table does not have
}

std::string_view to_string(Access access) noexcept { return name_of(kAccesses, access); }
std::string_view to_string(Type type) noexcept { return name_of(kTypes, type); }

}  // namespace gateway::operations
