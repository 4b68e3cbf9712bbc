#include "app/values/queries.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "app/values/moments.h"
#include "base/nearest.h"
#include "config/scalars.h"

namespace gateway::app {
namespace {

using operations::KeyOrder;
using operations::kUsageKeys;
using operations::UsageKeyName;
using operations::UsageOrder;

template <class T, std::size_t N>
using Words = std::array<std::pair<std::string_view, T>, N>;
constexpr Words<UsageOrder, 4> kOrders{{{"key", UsageOrder::key},
                                        {"cost", UsageOrder::cost},
                                        {"requests", UsageOrder::requests},
                                        {"tokens", UsageOrder::tokens}}};
constexpr Words<KeyOrder, 3> kKeyOrders{
    {{"age", KeyOrder::age}, {"cost", KeyOrder::cost}, {"last_used", KeyOrder::last_used}}};

// Reads a text as one of the words.
template <class T, std::size_t N>
auto find_in(const Words<T, N>& words) {
  return [&words](const std::string& text) -> std::optional<T> {
    for (const auto& [word, value] : words) {
      if (word == text) return value;
    }
    return std::nullopt;
  };
}

Result<std::vector<UsageKey>> read_keys(const std::vector<std::string>& texts, std::string_view prefix) {
  std::vector<UsageKey> keys;
  const std::vector<std::string> names = split_list(texts);
  if (names == std::vector<std::string>{"none"}) return keys;
  for (const std::string& name : names) {
    const auto found = std::find_if(kUsageKeys.begin(), kUsageKeys.end(),
                                    [&name](const UsageKeyName& known) { return known.name == name; });
    if (found != kUsageKeys.end()) {
      if (std::find(keys.begin(), keys.end(), found->key) == keys.end()) keys.push_back(found->key);
      continue;
    }
    std::vector<std::string_view> known;
    for (const UsageKeyName& each : kUsageKeys) known.push_back(each.name);
    const std::string_view meant = nearest(name, known);
    return usage_error(
        fmt::format("{}by: expected quarter, hour, day, week, month, project, key, model, served_model, provider, "
                    "endpoint, state, code or none, found '{}'{}",
                    prefix, name, meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant)));
  }
  return keys;
}

// Reads one text of a filter after the other.
class FilterReader {
 public:
  explicit FilterReader(std::string_view prefix) : prefix_(prefix) {}

  void texts(std::string_view name, const std::vector<std::string>& values, AnyText& filter) {
    if (expect_few(name, values)) filter = values;
  }
  // `read` takes a text and sets a value; false: it is none.
  template <class T, class Read>
  void list(std::string_view name, std::string_view expected, const std::vector<std::string>& texts, Read read,
            AnyOf<T>& filter) {
    const std::vector<std::string> values = split_list(texts);
    if (!expect_few(name, values)) return;
    for (const std::string& text : values) {
      T value{};
      if (!read(text, value)) return refuse(name, expected, text);
      filter.add(std::move(value));
    }
  }
  template <class T, class Read>
  void one(std::string_view name, std::string_view expected, const std::optional<std::string>& text, Read read,
           std::optional<T>& value) {
    if (!text) return;
    value = read(*text);
    if (!value) refuse(name, expected, *text);
  }
  void moment(std::string_view name, const std::optional<std::string>& text, WallTime now, const Zone& zone,
              std::optional<WallTime>& value) {
    if (!text) return;
    const auto read = read_moment(shown(name), *text, now, zone);
    if (read) {
      value = *read;
    } else if (done_) {
      done_ = read.error();
    }
  }
  // The first mistake.
  const Result<void>& done() const { return done_; }

 private:
  // A flag has hyphens in its name.
  std::string shown(std::string_view name) const {
    std::string text = fmt::format("{}{}", prefix_, name);
    if (!prefix_.empty()) std::replace(text.begin(), text.end(), '_', '-');
    return text;
  }
  bool expect_few(std::string_view name, const std::vector<std::string>& values) {
    if (values.size() <= kMaxFilterValues) return true;
    if (done_) done_ = usage_error(fmt::format("{}: expected at most {} values", shown(name), kMaxFilterValues));
    return false;
  }
  void refuse(std::string_view name, std::string_view expected, std::string_view found) {
    if (done_) done_ = usage_error(fmt::format("{}: expected {}, found '{}'", shown(name), expected, found));
  }

  std::string_view prefix_;
  Result<void> done_;
};

bool read_status(std::string_view text, StatusRange& range) {
  if (text.size() != 3 || text[0] < '1' || text[0] > '5') return false;  // RFC 9110, 15: no others
  if (text.substr(1) == "xx") {
    range.first = (text[0] - '0') * 100;
    range.last = range.first + 99;
    return true;
  }
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), range.first);
  range.last = range.first;
  return failed == std::errc() && end == text.data() + text.size();
}

constexpr auto read_text = [](const std::string& text, std::string& value) {
  value = text;
  return true;
};
constexpr auto read_endpoint = [](const std::string& text, Operation& value) { return parse(text, value); };
constexpr auto read_state = [](const std::string& text, RowState& value) { return parse(text, value); };
constexpr std::string_view kEndpoints =
    "chat, embeddings, completions, images, image_edits, transcriptions, translations, speech, moderations or rerank";

// What rows and sums can both be filtered by.
template <class Query>
void read_filter(FilterReader& reader, const FilterTexts& texts, WallTime now, const Zone& zone, Query& query) {
  reader.texts("project", texts.project, query.project);
  reader.texts("key", texts.key, query.key);
  reader.texts("model", texts.model, query.model);
  reader.texts("served_model", texts.served_model, query.served_model);
  reader.texts("provider", texts.provider, query.provider);
  reader.list("endpoint", kEndpoints, texts.endpoint, read_endpoint, query.operation);
  reader.list("code", "an error code", texts.code, read_text, query.code);
  reader.moment("since", texts.since, now, zone, query.since);
  reader.moment("until", texts.until, now, zone, query.until);
}

constexpr std::string_view kStates = "open, settled, failed, interrupted or adjustment";
constexpr std::string_view kFlags =
    "usage_odd, usage_missing, client_left, over_hold, clamped, byok, backfill_pending, unpriced or surcharged";
constexpr auto read_flag = [](const std::string& text, std::uint32_t& value) {
  for (value = 1; value != 0; value <<= 1U) {
    if (!text.empty() && row_flags_to_string(value) == text) return true;
  }
  return false;
};
constexpr Words<bool, 2> kTruths{{{"true", true}, {"false", false}}};

}  // namespace

Result<Zone> read_tz(const std::optional<std::string>& text, std::string_view prefix) {
  if (!text) return Zone{};
  return read_zone(fmt::format("{}tz", prefix), *text);
}

Result<RowQuery> read_row_query(const RowTexts& texts, std::string_view prefix, WallTime now) {
  const auto zone = read_tz(texts.tz, prefix);
  if (!zone) return zone.error();
  RowQuery query;
  FilterReader reader(prefix);
  read_filter(reader, texts, now, *zone, query);
  reader.list("state", kStates, texts.state, read_state, query.state);
  AnyOf<StatusRange> status;
  reader.list("status", "an HTTP status such as 429 or 5xx", texts.status, read_status, status);
  query.status = status.values();
  AnyOf<std::uint32_t> flags;
  reader.list("flag", kFlags, texts.flag, read_flag, flags);
  for (const std::uint32_t flag : flags.values()) query.flags_any |= flag;
  reader.one("streamed", "true or false", texts.streamed, find_in(kTruths), query.streamed);
  const auto read_id = [](const std::string& text) {
    RequestId id;
    return RequestId::parse(text, id) ? std::optional(id) : std::nullopt;
  };
  reader.one("request", "an id such as x-request-id has", texts.request, read_id, query.request);
  reader.one("min_cost", "an amount in USD such as 0.01", texts.min_cost, scalars::amount, query.min_cost);
  std::optional<std::chrono::milliseconds> length;
  reader.one("min_duration", scalars::kDurationExpected, texts.min_duration, scalars::duration, length);
  if (length) query.min_duration = *length;
  if (!reader.done()) return reader.done().error();
  return query;
}

Result<operations::KeyQuery> read_key_query(const std::optional<std::string>& project,
                                            const std::optional<std::string>& order,
                                            const std::optional<std::string>& unused_for, std::string_view prefix) {
  operations::KeyQuery query;
  query.project = project;
  FilterReader reader(prefix);
  std::optional<KeyOrder> wanted;
  reader.one("order", "age, cost or last_used", order, find_in(kKeyOrders), wanted);
  query.order = wanted.value_or(KeyOrder::age);
  reader.one("unused_for", scalars::kDurationExpected, unused_for, scalars::duration, query.unused_for);
  if (!reader.done()) return reader.done().error();
  return query;
}

Result<UsageRequest> read_usage_query(const UsageTexts& texts, std::string_view prefix, WallTime now) {
  auto keys = read_keys(texts.by, prefix);
  if (!keys) return std::move(keys).error();
  auto zone = read_tz(texts.tz, prefix);
  if (!zone) return std::move(zone).error();
  UsageRequest request;
  UsageQuery& query = request.query;
  query.by = std::move(*keys);
  query.zone = std::move(*zone);
  FilterReader reader(prefix);
  read_filter(reader, texts, now, query.zone, query);
  std::optional<std::int64_t> top;
  const auto read_top = [](const std::string& text) {
    const auto number = scalars::whole(text);
    return number && *number > 0 ? number : std::nullopt;
  };
  reader.one("top", "a number from 1 on", texts.top, read_top, top);
  request.shape.top = top.value_or(0);
  std::optional<UsageOrder> order;
  reader.one("order", "key, cost, requests or tokens", texts.order, find_in(kOrders), order);
  request.shape.order = order.value_or(UsageOrder::key);
  if (!reader.done()) return reader.done().error();
  return request;
}

}  // namespace gateway::app
