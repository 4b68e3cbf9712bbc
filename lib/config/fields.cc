#include "config/fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/fault_list.h"
#include "base/nearest.h"
#include "config/doubts.h"
#include "config/scalars.h"
#include "config/source_text.h"
#include "config/variables.h"

namespace gateway {
namespace {

constexpr std::size_t kShownBytes = 60;

std::string in_quotes(std::string_view text) {
  const std::string_view line = text.substr(0, std::min(text.find_first_of("\r\n"), kShownBytes));
  return fmt::format("'{}{}'", line, line.size() < text.size() ? "..." : "");
}

void sort_by_place(std::vector<ConfigMistake>& mistakes) {
  std::stable_sort(mistakes.begin(), mistakes.end(), [](const ConfigMistake& a, const ConfigMistake& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
}

std::vector<std::string_view> names_of(const Section& section) {
  std::vector<std::string_view> names;
  for (const Keys& part : {section.keys, section.more}) {
    for (const Key& key : part) names.push_back(key.name);
  }
  return names;
}

}  // namespace

bool has_key(const Section& section, std::string_view name) {
  const auto named = [name](const Key& key) { return key.name == name; };
  return std::any_of(section.keys.begin(), section.keys.end(), named) ||
         std::any_of(section.more.begin(), section.more.end(), named);
}

void Reading::mistake(yaml::Place place, std::string message, bool variable_missing) {
  ++count_;
  if (!full()) mistakes_.push_back({file_, place.line, place.column, std::move(message), variable_missing});
}

void Reading::warn(yaml::Place place, std::string message) {
  const auto same = [&](const ConfigMistake& w) {
    return w.line == place.line && w.column == place.column && w.message == message;
  };
  if (warnings_.size() >= kMostMistakes || std::any_of(warnings_.begin(), warnings_.end(), same)) return;
  warnings_.push_back({file_, place.line, place.column, std::move(message), false});
}

void Reading::unexpected(const yaml::Node& node, std::string_view where, std::string_view expected,
                         std::string_view found) {
  mistake(node.place,
          fmt::format("{}: expected {}, found {}", where, expected, may_hold_secret(found) ? kHiddenUrl : found));
}

yaml::Place Reading::place_of(const yaml::Node& node, std::string_view piece) const {
  const std::size_t at = full() ? std::string_view::npos : source_.find(piece, yaml::offset_of(source_, node.place));
  return at == std::string_view::npos ? node.place : yaml::place_at(source_, at);
}

std::optional<ScalarText> Reading::scalar(const yaml::Node& node, std::string_view where, std::string_view expected) {
  if (node.kind != yaml::Kind::scalar) {
    unexpected(node, where, expected, yaml::describe(node.kind));
    return std::nullopt;
  }
  doubt_variable(*this, node);
  variables::Expansion expansion = variables::expand(node.text, environment_);
  for (const std::string& piece : expansion.broken) {
    mistake(place_of(node, piece), "expected ${NAME} or ${NAME:-default}; a plain ${ is written $${");
  }
  for (const std::string& name : expansion.missing) {
    mistake(place_of(node, "${" + name),
            fmt::format("the environment variable '{0}' is not set; expected it, or a "
                        "default as in ${{{0}:-default}}",
                        name),
            true);
  }
  if (!expansion.broken.empty() || !expansion.missing.empty()) return std::nullopt;
  return ScalarText{std::move(expansion.text),
                    in_quotes(node.text) + (expansion.replaced ? " of the environment" : "")};
}

std::vector<ConfigMistake> Reading::take_warnings() {
  sort_by_place(warnings_);
  return std::move(warnings_);
}

std::vector<ConfigMistake> Reading::take_mistakes() {
  sort_by_place(mistakes_);
  if (count_ > mistakes_.size()) {
    mistakes_.push_back({file_, 0, 0, fmt::format("and {} more mistakes", count_ - mistakes_.size()), false});
  }
  return std::move(mistakes_);
}

Fields::Fields(Reading& reading, const yaml::Node& node, std::string name, const Section& section)
    : reading_(reading), node_(node), name_(std::move(name)), section_(section) {
  if (node.kind == yaml::Kind::scalar || node.kind == yaml::Kind::list) {
    reading_.unexpected(node, name_, "a mapping", yaml::describe(node.kind));
  }
  for (const yaml::Entry& entry : node.entries) {
    if (has_key(section, entry.key)) continue;
    if (reading_.full()) {
      reading_.mistake(entry.place, {});
      continue;
    }
    const std::vector<std::string_view> known = names_of(section);
    const std::string_view meant = nearest(entry.key, known);
    reading_.mistake(entry.place, fmt::format("unknown key {} in {}; {}", in_quotes(entry.key), name_,
                                              meant.empty() ? fmt::format("known are {}", fmt::join(known, ", "))
                                                            : fmt::format("did you mean '{}'?", meant)));
  }
}

const yaml::Entry* Fields::find(std::string_view key) const {
  if (!has_key(section_, key))
    detail::die(fmt::format("the section '{}' of the configuration has no key '{}'", section_.path, key).c_str());
  const auto found = std::find_if(node_.entries.begin(), node_.entries.end(),
                                  [key](const yaml::Entry& entry) { return entry.key == key; });
  return found == node_.entries.end() ? nullptr : &*found;
}

std::string Fields::where(std::string_view key) const { return fmt::format("'{}' in {}", key, name_); }

void Fields::mistake(std::string_view key, std::string message) const {
  const yaml::Entry* entry = find(key);
  reading_.mistake(entry != nullptr ? entry->value->place : node_.place, std::move(message));
}

void Fields::warn(std::string_view key, std::string message) const {
  const yaml::Entry* entry = find(key);
  reading_.warn(entry != nullptr ? entry->value->place : node_.place, std::move(message));
}

void Fields::text(std::string_view key, std::string& out) const {
  get(key, out, "text", [](std::string_view text) { return std::optional(std::string(text)); });
}

void Fields::flag(std::string_view key, bool& out) const { get(key, out, "true or false", scalars::flag); }

void Fields::whole(std::string_view key, std::optional<std::int64_t>& out, std::int64_t least,
                   std::int64_t most) const {
  const std::string expected = most == kMostWhole ? fmt::format("a whole number of at least {}", least)
                                                  : fmt::format("a whole number from {} to {}", least, most);
  get(key, out, expected, [=](std::string_view text) {
    const std::optional<std::int64_t> number = scalars::whole(text);
    return number && *number >= least && *number <= most ? number : std::nullopt;
  });
}

void Fields::whole(std::string_view key, std::int64_t& out, std::int64_t least, std::int64_t most) const {
  std::optional<std::int64_t> number = out;
  whole(key, number, least, most);
  out = *number;
}

void Fields::whole(std::string_view key, int& out, int least, int most) const {
  std::optional<std::int64_t> number = out;
  whole(key, number, least, most);
  out = static_cast<int>(*number);
}

void Fields::duration(std::string_view key, std::chrono::milliseconds& out, std::chrono::milliseconds least) const {
  const std::string expected = fmt::format("{}{}", scalars::kDurationExpected,
                                           least.count() > 0 ? fmt::format(", at least {}ms", least.count()) : "");
  get(key, out, expected, [least](std::string_view text) {
    const std::optional<std::chrono::milliseconds> length = scalars::duration(text);
    return length && *length >= least ? length : std::nullopt;
  });
}

std::vector<Fields::Item> Fields::texts(std::string_view key, std::string_view expected) const {
  std::vector<Item> items;
  const yaml::Entry* entry = find(key);
  if (entry == nullptr) return items;
  const auto add = [&](const yaml::Node& node) {
    if (auto text = reading_.scalar(node, where(key), expected)) items.push_back({&node, std::move(*text)});
  };
  if (entry->value->kind != yaml::Kind::list) {
    add(*entry->value);
  } else {
    for (const yaml::NodePtr& item : entry->value->items) add(*item);
  }
  return items;
}

}  // namespace gateway
