// Decisions, models, prices, budgets, limits, health and the process.
#include <array>

#include "app/render/answers/answers.h"
#include "gateway/live_figures.h"
#include "gateway/tenancy.h"
#include "policy/pricing/price_figures.h"

namespace gateway::app::answers {
namespace {

// --- prices

// Figures that few models have are missing where there is none; the others are null.
constexpr auto kFigureFields = [] {
  std::array<Field, std::size(kPriceFigures)> fields{};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const PriceFigure& figure = kPriceFigures[i];
    const Field field = money(figure.name, figure.per_token ? "For a million tokens" : "For each");
    fields[i] = figure.rare ? field.or_missing() : field.or_null();
  }
  return fields;
}();

constexpr Field kOverrideFields[] = {
    whole("min_prompt_tokens", "Applies from so many tokens of input on; null: however many").or_null(),
    text("utc_start", "Applies from this time of the day on: 16:30; null: at all times").or_null(),
    text("utc_end", "Applies until then, perhaps of the next day").or_null()};

constexpr Field kTierFields[] = {
    text("service_tiers", "By what a service tier multiplies them, a decimal: {\"priority\":\"2\"}").by_name(),
    object("overrides", kPriceOverride, "Other prices, for some requests or times").list()};

constexpr Field kListedPriceFields[] = {
    text("source", "Which price list or file it is of"), text("provider", "The provider's name in the configuration"),
    text("model", "As the provider names it"),
    text("service_tiers", "By what a service tier multiplies them, a decimal: {\"priority\":\"2\"}").by_name(),
    object("overrides", kPriceOverride, "Other prices, for some requests or times").list()};

constexpr Field kModelFields[] = {
    text("id", "What a client asks for"),
    text("provider", "Who has it first"),
    whole("context_length", "In tokens; null: not known").or_null(),
    object("prices", kPrices, "Null: not known").or_null(),
    text("price_version", "Which prices they are, and of when; null: not known").or_null(),
    text("list_version", "Which list they differ from; null: from none").or_null(),
    object("list_differs", kPriceDifference, "Where the configuration's prices are not those of the provider's list")
        .list()};
constexpr Field kPriceDifferenceFields[] = {
    text("figure", "Which: input, output ...; override or order: of the conditions"),
    text("condition", "Of the override that it is in; null: of none").or_null(),
    text("here", "What the configuration says, an amount; null: nothing").or_null(),
    text("listed", "What the list says, an amount; null: nothing").or_null(),
    text("unit", "Of the amounts; null: they are none").or_null()};

// --- explain

constexpr Field kTargetFields[] = {
    whole("order", "Its turn, from 1 on"),
    text("asked", "The model of the request that leads here: its own, or another that it names"),
    text("provider", "The provider's name in the configuration"),
    text("key", "Which of the provider's keys; null: it has one").or_null(),
    text("model", "As the provider would be asked for it"),
    object("prices", kPrices, "Null: not known").or_null(),
    text("price_version", "Which prices they are; null: none").or_null(),
    money("hold", "What would be reserved"),
    whole("output_bound", "The most tokens of output that are reserved for"),
    whole("writes_max_tokens", "The limit that the gateway would write into the request; null: none").or_null(),
    whole("rests_ms", "How long its health lets it rest; 0: not at all"),
    whole("first_event_ms", "Mean time until an answer's first event; null: none was seen lately").or_null(),
    whole("in_flight", "Attempts under way there"),
    word<Outlier>("outlier", "Why it is tried after the others; null: it is not").or_null(),
    whole("outlier_ms", "For how long yet"),
    whole("hedged_after_ms", "Without an event, a second attempt would be made beside it; null: none").or_null(),
    text("rejected", "Why it would not be tried; null: it would be, in its turn").or_null()};

constexpr Field kRefusalFields[] = {whole("status", "The HTTP status"), text("type", "As in the client's error"),
                                    text("code", "As in the client's error; null: none").or_null(),
                                    text("message", "As in the client's error")};

constexpr Field kExplanationFields[] = {
    text("project", "Whose request"),
    text("model", "As a client would name it"),
    text("endpoint", "What is asked for"),
    text("route", "The pattern of the route that applies; null: there is none").or_null(),
    text("strategy", "How it orders its targets; null: there is no route").or_null(),
    object("hedge", kHedge, "A second attempt beside a slow one; null: none").or_null(),
    flag("allowed", "The project may use the model; null: the request cannot be read").or_null(),
    whole("input_bound", "The most tokens the input can be"),
    whole("tokens", "What would be charged against tokens_per_minute"),
    whole("max_attempts", "Dispatches of one request at most"),
    object("targets", kExplainedTarget, "In the order of their turns, then those that do not fit").list(),
    object("refusal", kRefusal, "What the client would get; null: a target would be tried").or_null()};

// --- budgets and limits

constexpr Field kForecastFields[] = {
    money("spent_at_reset", "What will be spent by the reset; null: too early to say").or_null(),
    money("low", "The 10th percentile of that").or_null(), money("high", "The 90th percentile of that").or_null(),
    time("exhausted_at", "When nothing will be left; null: not in this period").or_null(),
    text("basis", "What it is made from: 4 weeks, 3 days, too early")};

constexpr Field kBudgetFields[] = {text("project", "The project's name"),
                                   word<SpendMode>("mode", "strict holds the worst case, estimate the expected cost"),
                                   text("timezone", "Whose days, weeks and months the cap follows"),
                                   object("forecast", kForecast, "An estimate")};

constexpr Field kProjectLimitsFields[] = {
    text("project", "The project's name"), whole("in_flight", "Its requests under way"),
    whole("requests_remaining", "Of requests_per_minute, now; null: no limit").or_null(),
    whole("tokens_remaining", "Of tokens_per_minute, now; null: no limit").or_null(),
    whole("concurrent_remaining", "Of concurrent, now; null: no limit").or_null()};

// --- health and the process

constexpr Field kTargetStateFields[] = {
    text("model", "As the provider names it"),
    text("key", "Which of the provider's keys; null: it has one").or_null(),
    word<BreakerState>("breaker", "open: it is not tried; half_open: one request tries it"),
    whole("cooling_ms", "How long it is left alone yet"),
    word<CoolingReason>("reason", "Why it is left alone; null: it is not").or_null(),
    word<Outlier>("outlier", "Why it is tried after the others; null: it is not").or_null(),
    whole("resting_ms", "For how long yet")};

constexpr Field kPercentileFields[] = {whole("p50", "The median, in milliseconds"),
                                       whole("p95", "The 95th percentile, in milliseconds")};

constexpr Field kWindowFields[] = {
    whole("attempts", "That are closed"),
    whole("failed", "Of them, those without a usable answer"),
    number("error_share", "failed by attempts, from 0 to 1; null: there were none").or_null(),
    whole("codes", "How many failed with which error code").by_name(),
    object("first_byte_ms", kPercentiles, "From dispatch to the first byte; null: none came").or_null(),
    object("duration_ms", kPercentiles, "From dispatch to the end; null: none was answered").or_null(),
    money("cost", "Of all of them"),
    flag("complete", "All of the window's rows were read; false: the newest alone")};

constexpr Field kRecordFields[] = {text("model", "As the provider was asked for it"),
                                   time("last_success", "Null: not in the last day").or_null(),
                                   time("last_failure", "Null: not in the last day").or_null(),
                                   text("last_error", "The last failure's code; null: there was none").or_null(),
                                   object("windows", kHealthWindow, "By their lengths: 5m, 1h, 24h").by_name()};

constexpr Field kProviderHealthFields[] = {
    text("provider", "The provider's name in the configuration"),
    flag("usable", "One of its targets at least can be tried"),
    object("targets", kTargetState, "What the breakers know").list(),
    object("recent", kTargetRecord, "How its models did in the last day").list()};

constexpr Field kHealthFields[] = {whole("in_flight", "Requests under way"),
                                   whole("buffered_bytes", "Bytes of bodies and answers in memory"),
                                   whole("ledger_queued", "Journal records that are not in the database yet"),
                                   flag("ledger_writable", "Rows can be written to the database"),
                                   whole("journal_damaged", "Journal records that could not be read, since the start"),
                                   flag("draining", "It takes no new requests, and ends"),
                                   object("providers", kProviderHealth, "In the configuration's order").list()};

constexpr Field kSystemFields[] = {text("version", "The gateway's"),
                                   text("libraries", "Those it was built with, with their versions"),
                                   time("started_at", "When the process began; null: not known").or_null(),
                                   whole("uptime_seconds", "Since then"),
                                   whole("workers", "Threads that serve clients"),
                                   whole("memory_bytes", "Of the process, resident; null: not known").or_null(),
                                   whole("buffered_bytes", "Bytes of bodies and answers in memory"),
                                   whole("in_flight", "Requests under way"),
                                   flag("ledger_writable", "Rows can be written to the database"),
                                   whole("journal_lag", "Journal records that are not in the database yet"),
                                   whole("journal_damaged", "Journal records that could not be read, since the start"),
                                   flag("draining", "It takes no new requests, and ends"),
                                   object("staged", kStaged, "A configuration beside; null: none").or_null()};

constexpr Field kStagedFields[] = {whole("percent", "What it serves"), text("of", "requests or projects")};

constexpr Field kHedgeFields[] = {text("after", "A time, or a percentile of the target's own such as p95"),
                                  whole("most", "Of one request")};

constexpr Field kReloadedFields[] = {
    flag("reloaded", "All of the file is in force; false: a share of it, or what was staged was taken back"),
    text("after_restart", "Keys of the file that have changed and take effect after a restart").list(),
    object("staged", kStaged, "What the file serves beside the configuration in force; null: all, or nothing")
        .or_null()};

}  // namespace

const Shape kPrices{"Prices", "Prices of a model", kFigureFields, kTierFields};
const Shape kPriceOverride{"PriceOverride", "Prices for some requests or times", kOverrideFields, kFigureFields};
const Shape kListedPrice{"ListedPrice", "Prices in force", kListedPriceFields, kFigureFields};
const Shape kModel{"Model", "A model that clients may ask for", kModelFields};
const Shape kPriceDifference{"PriceDifference", "A price that is not the provider's own", kPriceDifferenceFields};
const Shape kExplainedTarget{"ExplainedTarget", "Where the request might go", kTargetFields};
const Shape kRefusal{"Refusal", "The error that the client would get", kRefusalFields};
const Shape kExplanation{"Explanation", "What would become of a request", kExplanationFields};
const Shape kBudget{"Budget", "A spend cap with its project and its forecast", kBudgetFields, cap_fields()};
const Shape kForecast{"Forecast", "How a cap will stand at its reset", kForecastFields};
const Shape kProjectLimits{"ProjectLimits", "What a project has under way, and what its rate limits leave",
                           kProjectLimitsFields};
const Shape kTargetState{"TargetState", "What its breaker knows of a target", kTargetStateFields};
const Shape kPercentiles{"Percentiles", "Durations", kPercentileFields};
const Shape kHealthWindow{"HealthWindow", "How a target did in the last minutes, hour or day", kWindowFields};
const Shape kTargetRecord{"TargetRecord", "How a target did lately", kRecordFields};
const Shape kProviderHealth{"ProviderHealth", "A provider's targets", kProviderHealthFields};
const Shape kHealth{"Health", "Health of the process and of its providers", kHealthFields};
const Shape kSystem{"System", "The process", kSystemFields};
const Shape kStaged{"Staged", "The share of a staged configuration", kStagedFields};
const Shape kHedge{"Hedge", "A second attempt beside a slow one", kHedgeFields};
const Shape kReloaded{"Reloaded", "What the reload did", kReloadedFields};

}  // namespace gateway::app::answers
