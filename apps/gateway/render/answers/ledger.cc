// Rows, sums, and the ledger's upkeep.
#include "app/render/answers/answers.h"
#include "gateway/row.h"

namespace gateway::app::answers {
namespace {

constexpr Field kRowFields[] = {
    text("request_id", "As in the answer's x-request-id"),
    whole("attempt", "Which dispatch of the request it is, from 1 on"),
    whole("entry", "0: the attempt itself; else a correction of it, counted from 1"),
    time("accepted", "When the request came; in the zone of tz"),
    text("project", "Whose request it was"),
    text("key", "The id of the key that was used"),
    word<Operation>("endpoint", "What was asked for"),
    word<SurfaceKind>("surface", "In which shape the client spoke; missing: OpenAI's").or_missing(),
    text("asked_model", "The model as the client asked for it"),
    text("target_model", "The model as the provider was asked for it"),
    text("served_model", "The model as the provider answered; null: it did not say").or_null(),
    text("provider", "The provider's name in the configuration"),
    word<RowState>("state", "settled: answered; failed: no usable answer; interrupted: the gateway's process died"),
    whole("status", "The provider's HTTP status; null: none came").or_null(),
    text("error_code", "As in the client's error; null: none").or_null(),
    flag("streamed", "The client asked for a stream"),
    whole("input_tokens", "All of the input, cached or not"),
    whole("cached_input_tokens", "Read from the provider's cache; part of input_tokens"),
    whole("cache_write_tokens", "Written to the provider's cache; part of input_tokens"),
    whole("output_tokens", "All of the output"),
    whole("reasoning_tokens", "Part of output_tokens"),
    whole("images", "Images made; missing: none").or_missing(),
    whole("audio_ms", "Milliseconds of audio; missing: none").or_missing(),
    whole("characters", "Characters spoken; missing: none").or_missing(),
    whole("searches", "Searches of the web; missing: none").or_missing(),
    money("hold", "Reserved before it was dispatched"),
    money("cost", "What it cost; of a correction: what it adds, which may be negative"),
    money("upstream_cost", "The part of it that a key of one's own pays to the provider's provider"),
    word<CostSource>("cost_source",
                     "Where the cost comes from: the provider's own figure, our prices, an estimate, the hold"),
    text("price_version", "Which prices applied; null: none").or_null(),
    time("dispatched", "When it was sent; null: it was not").or_null(),
    time("first_byte", "When the answer began; null: none came").or_null(),
    time("ended", "When it was closed; null: it is open").or_null(),
    text("finish_reason", "As the provider reported it; null: not at all").or_null(),
    text("generation_id", "The provider's id of the answer; null: none").or_null(),
    text("client_request_id", "The client's own id; null: none").or_null(),
    text("flags", "What was odd: usage_missing, client_left, clamped ...").list()};

constexpr Field kUsageFields[] = {
    text("quarter", "The quarter of an hour, if by has it").or_missing(),
    text("hour", "If by has it").or_missing(),
    text("day", "If by has it").or_missing(),
    text("week", "Its Monday, if by has it").or_missing(),
    text("month", "If by has it").or_missing(),
    text("project", "If by has it").or_missing(),
    text("key", "The key's id, if by has it").or_missing(),
    text("model", "As clients asked for it, if by has it").or_missing(),
    text("served_model", "If by has it").or_missing(),
    text("provider", "If by has it").or_missing(),
    text("endpoint", "If by has it").or_missing(),
    text("state", "If by has it").or_missing(),
    text("code", "The error's code, if by has it; empty: none").or_missing(),
    whole("requests", "Requests that were dispatched at least once"),
    whole("attempts", "Dispatches"),
    whole("failed", "Attempts without a usable answer"),
    whole("open", "Attempts under way"),
    whole("refused", "Requests that were refused before any dispatch"),
    whole("input_tokens", "All of the input, cached or not"),
    whole("cached_input_tokens", "Part of input_tokens"),
    whole("cache_write_tokens", "Part of input_tokens"),
    whole("output_tokens", "All of the output"),
    whole("reasoning_tokens", "Part of output_tokens"),
    money("cost", "What was settled"),
    money("upstream_cost", "The part of it that keys of one's own pay to the provider's providers"),
    money("held", "For attempts under way"),
    whole("images", "Missing: none").or_missing(),
    whole("audio_ms", "Milliseconds of audio; missing: none").or_missing(),
    whole("characters", "Missing: none").or_missing(),
    whole("searches", "Missing: none").or_missing()};

constexpr Field kProofFields[] = {flag("ok", "There are no findings"), whole("rows", "How many rows were checked"),
                                  whole("accounts", "How many balances were checked"),
                                  time("pruned_before", "Rows before this are deleted; null: none were").or_null(),
                                  text("findings", "What does not agree").list()};

constexpr Field kSweepFields[] = {
    whole("processes", "Processes that had died"), whole("replayed", "Rows taken from their journals"),
    whole("closed", "Open rows that were closed as interrupted"), whole("damaged", "Records that could not be read"),
    money("held", "What the closed rows keep as their cost")};

constexpr Field kPruneFields[] = {time("before", "Rows accepted before this moment"),
                                  whole("deleted", "How many were deleted")};

constexpr Field kRepricedFields[] = {text("provider", "The provider's name in the configuration"),
                                     text("model", "As the provider was asked for it"),
                                     whole("rows", "Rows that our prices priced"),
                                     whole("unpriced", "Of them, those without a price today, which are in no sum"),
                                     money("cost", "What they cost"),
                                     money("cost_now", "What they would cost at today's prices"),
                                     money("difference", "cost_now less cost"),
                                     text("price_versions", "Which prices applied").list(),
                                     text("price_versions_now", "Which prices would apply today").list()};

constexpr Field kLineFields[] = {text("day", "The UTC day"),
                                 text("model", "As the bill has it"),
                                 money("ledger", "What the ledger has"),
                                 money("billed", "What the bill has"),
                                 money("difference", "billed less ledger"),
                                 money("byok", "What keys of one's own paid to the provider's providers, by the bill"),
                                 money("ledger_byok", "The same of the ledger"),
                                 whole("ledger_requests", "Requests that the ledger has"),
                                 whole("billed_requests", "Requests that the bill has"),
                                 whole("open", "Of the ledger's: those under way")};

constexpr Field kBillFields[] = {text("provider", "The provider's name in the configuration"),
                                 time("finished", "When it was tried last; null: not yet").or_null(),
                                 text("error", "Why it could not be compared; null: it was").or_null(),
                                 time("since", "From here on; null: nothing was compared").or_null(),
                                 time("until", "Up to here; null: nothing was compared").or_null(),
                                 money("ledger", "What the ledger has"),
                                 money("billed", "What the bill has"),
                                 money("difference", "billed less ledger"),
                                 money("absolute_difference", "The sum of all differences without their signs"),
                                 object("differences", kReconciledLine, "The lines that do not agree").list(),
                                 whole("booked", "Corrections that were booked")};

constexpr Field kReconciliationFields[] = {
    time("last_success", "When all bills could be compared; null: never yet").or_null(),
    whole("failures", "Bills that could not be compared, since the start"),
    object("providers", kComparedBill, "Of each provider that has bills").list()};

}  // namespace

const Shape kRow{"Row", "An attempt of a request, or a correction of one", kRowFields};
const Shape kUsageSum{"UsageSum", "A sum of the ledger", kUsageFields};
const Shape kProof{"Proof", "Whether rows, sums and balances agree", kProofFields};
const Shape kSweep{"Sweep", "What was recovered from processes that died", kSweepFields};
const Shape kPrune{"Prune", "What was deleted", kPruneFields};
const Shape kRepricedModel{"RepricedModel", "What a model's rows would cost today", kRepricedFields};
const Shape kReconciledLine{"ReconciledLine", "A day's cost of a model, by the ledger and by the bill", kLineFields};
const Shape kComparedBill{"ComparedBill", "The last comparison with a provider's bill", kBillFields};
const Shape kReconciliation{"Reconciliation", "What the nightly reconciliation found; null: there is none",
                            kReconciliationFields};

}  // namespace gateway::app::answers
