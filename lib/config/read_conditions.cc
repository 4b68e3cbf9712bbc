#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/extra_fields.h"
#include "config/scalars.h"
#include "config/sections.h"

namespace gateway {
namespace {

constexpr const char* kNameExpected = "a name, or a list of names";
constexpr const char* kTagsExpected = "a tag, or a list of tags";
constexpr const char* kIdentityExpected = "project, key, user, session, prefix or header:NAME";
constexpr const char* kPercentExpected = "a share from 0 to 100, with at most 2 decimals";
constexpr const char* kHoursExpected = "hours of a day such as \"22:00-06:00\"";
constexpr const char* kCanExpected = "tools, vision, json_schema and audio, as a list";

constexpr Key kConditionKeys[] = {
    {"projects", kNameExpected, "", "Requests of one of these projects."},
    {"keys", kNameExpected, "", "Requests with one of these API keys, by id or name."},
    {"header", "a mapping", "", "Requests with these header fields, by name; the value `\"*\"` is any."},
    {"metadata", "a mapping", "", "Requests with these values in the body's `metadata`; likewise."},
    {"tags", kTagsExpected, "",
     "Requests with one of these tags: in the header field `x-gateway-tags`, or in `tags` of the body's `metadata`."},
    {"input_tokens_over", "a whole number of at least 0", "", "Requests with more tokens, by the gateway's estimate."},
    {"input_tokens_under", "a whole number of at least 1", "", "Requests with fewer."},
    {"hours", kHoursExpected, "", "Requests that come in these hours, UTC; the end is not included."},
};

constexpr Key kCanaryKeys[] = {
    {"percent", kPercentExpected, "", "Required. The share of the requests for which it is there."},
    {"by", kIdentityExpected, "",
     "What a request is recognized by: each user, for instance, is always in the share or never. Without it the share "
     "is of single requests."},
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::optional<Identity> parse_identity(std::string_view text) {
  constexpr std::string_view kHeader = "header:";
  if (text.starts_with(kHeader)) {
    const std::string_view name = text.substr(kHeader.size());
    if (!is_field_name(name)) return std::nullopt;
    return Identity{IdentifiedBy::header, lower(name)};
  }
  static constexpr Word<IdentifiedBy> kWords[] = {{"project", IdentifiedBy::project},
                                                  {"key", IdentifiedBy::key},
                                                  {"user", IdentifiedBy::user},
                                                  {"session", IdentifiedBy::session},
                                                  {"prefix", IdentifiedBy::prefix}};
  for (const auto& word : kWords) {
    if (word.text == text) return Identity{word.value, {}};
  }
  return std::nullopt;
}

std::optional<std::pair<int, int>> parse_hours(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == text.npos) return std::nullopt;
  const auto from = scalars::minute_of_day(text.substr(0, dash)), to = scalars::minute_of_day(text.substr(dash + 1));
  if (!from || !to || *from == *to) return std::nullopt;
  return std::pair(*from, *to);
}

// "5", "0.25".
std::optional<int> parse_hundredths(std::string_view text) {
  const std::size_t point = std::min(text.find('.'), text.size());
  std::string digits(text.substr(0, point));
  const std::string_view decimals = point == text.size() ? std::string_view() : text.substr(point + 1);
  if (digits.empty() || decimals.size() > 2 || (point < text.size() && decimals.empty())) return std::nullopt;
  digits.append(decimals).append(2 - decimals.size(), '0');
  int value = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (fault != std::errc() || end != digits.data() + digits.size() || value < 0 || value > 10'000) return std::nullopt;
  return value;
}

void read_names(const Fields& fields, std::string_view key, const char* expected, std::vector<std::string>& names) {
  for (const Fields::Item& item : fields.texts(key, expected)) names.push_back(item.text.text);
}

void read_values(const Fields& fields, std::string_view key, bool headers, Condition::NamedValues& values) {
  const yaml::Entry* entry = fields.find(key);
  if (entry == nullptr) return;
  if (entry->value->kind == yaml::Kind::scalar || entry->value->kind == yaml::Kind::list) {
    return fields.reading().unexpected(*entry->value, fields.where(key), "a mapping",
                                       yaml::describe(entry->value->kind));
  }
  for (const yaml::Entry& each : entry->value->entries) {
    const std::string where = fmt::format("'{}' in {}", each.key, fields.where(key));
    if (headers && !is_field_name(each.key)) {
      fields.reading().mistake(each.place, where + ": expected the name of a header field");
    }
    const auto text = fields.reading().scalar(*each.value, where, "text");
    if (text) values.emplace_back(headers ? lower(each.key) : each.key, text->text);
  }
}

}  // namespace

const Section kConditionSection{"models.NAME.targets[].when", kConditionKeys, {}, "All that is written must hold."};
const Section kCanarySection{"models.NAME.targets[].canary", kCanaryKeys};

void read_condition(Reading& reading, const yaml::Node& node, const std::string& name, Condition& when) {
  const Fields fields(reading, node, name, kConditionSection);
  read_names(fields, "projects", kNameExpected, when.projects);
  read_names(fields, "keys", kNameExpected, when.keys);
  read_names(fields, "tags", kTagsExpected, when.tags);
  read_values(fields, "header", true, when.headers);
  read_values(fields, "metadata", false, when.metadata);
  fields.whole("input_tokens_over", when.input_tokens_over, 0, kMostWhole);
  fields.whole("input_tokens_under", when.input_tokens_under, 1, kMostWhole);
  if (when.input_tokens_over && when.input_tokens_under && *when.input_tokens_over + 1 >= *when.input_tokens_under) {
    fields.mistake("input_tokens_under", fmt::format("{}: no number is over {} and under {}", name,
                                                     *when.input_tokens_over, *when.input_tokens_under));
  }
  if (const yaml::Entry* hours = fields.find("hours")) {
    when.minutes = reading.parsed(*hours->value, fields.where("hours"), kHoursExpected, parse_hours);
  }
}

void read_canary(Reading& reading, const yaml::Node& node, const std::string& name, Canary& canary) {
  const Fields fields(reading, node, name, kCanarySection);
  if (!fields.has("percent")) reading.mistake(node.place, name + " has no 'percent'; expected " + kPercentExpected);
  fields.get("percent", canary.hundredths, kPercentExpected, parse_hundredths);
  read_identity(fields, "by", canary.by);
}

void read_identity(const Fields& fields, std::string_view key, std::optional<Identity>& identity) {
  Identity found;
  fields.get(key, found, kIdentityExpected, parse_identity);
  if (fields.has(key)) identity = std::move(found);
}

void read_can(const Fields& fields, std::optional<std::uint8_t>& can) {
  if (!fields.has("can")) return;
  static constexpr Word<Ability> kWords[] = {{"tools", Ability::tools},
                                             {"vision", Ability::vision},
                                             {"json_schema", Ability::json_schema},
                                             {"audio", Ability::audio}};
  std::uint8_t bits = 0;
  for (const Fields::Item& item : fields.texts("can", kCanExpected)) {
    const auto word = std::find_if(std::begin(kWords), std::end(kWords),
                                   [&](const Word<Ability>& each) { return each.text == item.text.text; });
    if (word == std::end(kWords)) {
      fields.reading().unexpected(*item.node, fields.where("can"), kCanExpected, item.text.shown);
    } else {
      bits = static_cast<std::uint8_t>(bits | static_cast<std::uint8_t>(word->value));
    }
  }
  can = bits;
}

}  // namespace gateway
