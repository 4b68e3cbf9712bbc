#include <fmt/format.h>

#include <algorithm>

#include "config/scalars.h"
#include "config/sections.h"

namespace gateway {
namespace {

constexpr Key kSpendKeys[] = {
    {"cap", "an amount in USD such as 25 or 0.50", "", "Required with `period` or `warn`."},
    {"period", "day, week, month or total", "month", "Weeks begin on Monday."},
    {"warn", "a whole number of percent from 1 to 100", "", "A list of percentages of the cap at which the log warns."},
    {"mode", "strict or estimate", "strict", "What is held before the dispatch: the worst case, or the expected cost."},
    {"timezone", "a time zone such as UTC or Europe/Berlin", "UTC", "Whose days, weeks and months."},
    {"unpriced", "allow or refuse", "refuse", "What becomes of models without a price."},
};

constexpr Word<Period> kPeriods[] = {
    {"day", Period::day}, {"week", Period::week}, {"month", Period::month}, {"total", Period::total}};
constexpr Word<SpendMode> kModes[] = {{"strict", SpendMode::strict}, {"estimate", SpendMode::estimate}};
constexpr Word<bool> kUnpriced[] = {{"allow", true}, {"refuse", false}};

// What may be written in several of the mappings, and where it was written first.
template <class T>
struct Shared {
  T value;
  int line = 0;

  void merge(const Fields& fields, std::string_view key, const T& found) {
    const yaml::Entry* entry = fields.find(key);
    if (entry == nullptr) return;
    if (line != 0 && value != found) {
      fields.mistake(key, fmt::format("{} differs from line {}; it holds for the whole project, so expected it once",
                                      fields.where(key), line));
      return;
    }
    value = found;
    line = entry->place.line;
  }
};

struct SpendReader {
  Reading& reading;
  SpendConfig& spend;
  Shared<SpendMode> mode{SpendMode::strict};
  Shared<std::string> timezone{"UTC"};
  Shared<bool> unpriced{false};

  void read_zone(const Fields& fields) {
    std::string zone_name = timezone.value;
    fields.get("timezone", zone_name, "a time zone such as UTC or Europe/Berlin",
               [this](std::string_view text) -> std::optional<std::string> {
                 const Result<Zone> zone = load_zone(std::string(text));
                 if (!zone) return std::nullopt;
                 spend.zone = *zone;
                 return std::string(text);
               });
    timezone.merge(fields, "timezone", zone_name);
  }

  void read_warnings(const Fields& fields, SpendCap& cap) {
    constexpr const char* kExpected = "a whole number of percent from 1 to 100";
    for (const Fields::Item& item : fields.texts("warn", kExpected)) {
      const std::optional<std::int64_t> percent = scalars::whole(item.text.text);
      if (!percent || *percent < 1 || *percent > 100) {
        reading.unexpected(*item.node, fields.where("warn"), kExpected, item.text.shown);
      } else {
        cap.warn_percent.push_back(static_cast<int>(*percent));
      }
    }
    std::sort(cap.warn_percent.begin(), cap.warn_percent.end());
  }

  void read_cap(const Fields& fields) {
    SpendCap cap;
    get_word(fields, "period", cap.period, kPeriods);
    fields.get("cap", cap.cap, "an amount in USD such as 25 or 0.50", scalars::amount);
    read_warnings(fields, cap);
    if (!fields.has("cap")) {
      if (!fields.has("period") && !fields.has("warn")) return;
      reading.mistake(fields.place(), fields.name() + " has no 'cap'; expected an amount in USD");
      return;
    }
    const bool second =
        std::any_of(spend.caps.begin(), spend.caps.end(), [&](const SpendCap& c) { return c.period == cap.period; });
    if (second) {
      fields.mistake(fields.has("period") ? "period" : "cap",
                     fmt::format("{} is a second cap for the period {}; expected at "
                                 "most one",
                                 fields.name(), to_string(cap.period)));
    }
    spend.caps.push_back(std::move(cap));
  }

  void read(const yaml::Node& node, const std::string& name) {
    const Fields fields(reading, node, name, kSpendSection);
    read_cap(fields);
    SpendMode own_mode = mode.value;
    get_word(fields, "mode", own_mode, kModes);
    mode.merge(fields, "mode", own_mode);
    bool allowed = unpriced.value;
    get_word(fields, "unpriced", allowed, kUnpriced);
    unpriced.merge(fields, "unpriced", allowed);
    read_zone(fields);
  }
};

}  // namespace

const Section kSpendSection{
    "projects.NAME.spend",
    kSpendKeys,
    {},
    "`mode`, `timezone` and `unpriced` hold for all caps of the project, in whichever entry they are."};

void read_spend(Reading& reading, const yaml::Node& node, const std::string& project, SpendConfig& spend) {
  SpendReader reader{reading, spend};
  const std::string name = "'spend' of project '" + project + "'";
  if (node.kind == yaml::Kind::list) {
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      reader.read(*node.items[i], fmt::format("entry {} of {}", i + 1, name));
    }
  } else {
    reader.read(node, name);
  }
  spend.mode = reader.mode.value;
  spend.timezone = reader.timezone.value;
  spend.allow_unpriced = reader.unpriced.value;
}

}  // namespace gateway
