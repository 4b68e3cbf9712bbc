// Projects and keys.
#include "app/render/answers/answers.h"
#include "gateway/tenancy.h"

namespace gateway::app::answers {
namespace {

constexpr Field kLimitFields[] = {
    whole("requests_per_minute", "Requests a minute; null: no limit").or_null(),
    whole("tokens_per_minute", "Tokens a minute; null: no limit").or_null(),
    whole("concurrent", "Requests at a time; null: no limit").or_null(),
    whole("max_output_tokens", "The most a request may ask for; null: no limit").or_null()};

constexpr Field kCapFields[] = {word<Period>("period", "Of the cap; total: it never resets"),
                                money("cap", "What may be spent in a period"),
                                money("spent", "Settled in this period"),
                                money("held", "For requests under way"),
                                money("remaining", "What is left; never negative"),
                                time("resets_at", "When the period ends; null: never").or_null(),
                                whole("warn", "At which percentages of it the log warns").list()};

constexpr Field kProjectFields[] = {
    text("name", "The project's name"),
    flag("from_file", "The configuration defines it, which alone can change it"),
    text("defined_at", "Where in the file: gateway.yaml:12; null: it is not of it, or not shown").or_null(),
    text("models", "Which models it may use: names and prefix/*; empty: all").list(),
    object("limits", kLimits, "Its rates and lengths"),
    word<SpendMode>("mode", "strict holds the worst case, estimate the expected cost"),
    text("timezone", "Whose days, weeks and months its caps follow"),
    text("unpriced", "allow or refuse models without a known price"),
    object("spend", kCap, "Its spend caps").list(),
    text("version", "What If-Match takes; another one after each change")};

constexpr Field kDeletedProjectFields[] = {text("name", "The project's name"), flag("deleted", "true")};
constexpr Field kDeletedKeyFields[] = {text("id", "The key's id"), flag("deleted", "true: it is valid no more")};

constexpr Field kKeyFields[] = {text("id", "The key's id"),
                                text("project", "The project it belongs to"),
                                text("name", "What it is called; empty: nothing"),
                                text("state", "active, revoked or expired"),
                                time("created", "When it was made"),
                                time("expires", "When it ends by itself; null: never").or_null(),
                                time("revoked", "When it was or will be revoked; null: never").or_null(),
                                time("last_used_at", "In quarters of an hour; null: never").or_null(),
                                money("cost_30d", "What it cost in the last 30 days")};

constexpr Field kNewKeyFields[] = {text("id", "The key's id"),
                                   text("key", "The key itself, which is shown once"),
                                   text("project", "The project it belongs to"),
                                   text("name", "What it is called; empty: nothing"),
                                   time("created", "When it was made"),
                                   time("expires", "When it ends by itself; null: never").or_null()};
constexpr Field kReplacedFields[] = {text("replaces", "The old key's id"),
                                     time("replaced_until", "Until when the old key is valid")};

}  // namespace

std::span<const Field> cap_fields() noexcept { return kCapFields; }

const Shape kLimits{"Limits", "Limits of a project", kLimitFields};
const Shape kCap{"Cap", "A spend cap, and what is left of it", kCapFields};
const Shape kProject{"Project", "A project", kProjectFields};
const Shape kDeletedProject{"DeletedProject", "A project that was deleted", kDeletedProjectFields};
const Shape kKey{"Key", "An API key, without the key itself", kKeyFields};
const Shape kNewKey{"NewKey", "A key that was made", kNewKeyFields};
const Shape kRotatedKey{"RotatedKey", "A key that was made instead of another", kNewKeyFields, kReplacedFields};
const Shape kDeletedKey{"DeletedKey", "A key that was revoked", kDeletedKeyFields};

}  // namespace gateway::app::answers
