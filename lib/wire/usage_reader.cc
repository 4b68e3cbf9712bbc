#include "wire/usage_reader.h"

#include <algorithm>
#include <optional>

namespace gateway {
namespace {

using json::Kind;
using json::Text;
using json::Value;

constexpr std::int64_t kMostTokens = 10'000'000'000;

// A figure that may be absent: null counts as absent.
struct Figure {
  bool there = false;
  std::optional<std::int64_t> value;  // only a valid one
  bool bad() const noexcept { return there && !value; }
};

class Reading {
 public:
  Reading(json::Walk& walk, std::string& scratch) : walk_(walk), scratch_(scratch) {}

  bool usage(Value value) {
    return walk_.object(value, [this](const Text& key, Value member) {
      const std::string_view name = json::unescaped(key, scratch_);
      if (name == "prompt_tokens") return figure(member, input_);
      if (name == "completion_tokens") return figure(member, output_);
      if (name == "total_tokens") return figure(member, total_);
      if (name == "prompt_tokens_details") return details(member);
      if (name == "completion_tokens_details") return details(member);
      if (name == "cost") return money(member, cost_);
      if (name == "cost_details") return cost_details(member);
      if (name == "is_byok" && walk_.kind(member) == Kind::boolean) return walk_.boolean(member, is_byok_);
      return walk_.skip(member);
    });
  }

  void settle(AnswerFacts& facts) const {
    facts.usage_odd |=
        odd_ || input_.bad() || output_.bad() || total_.bad() || cached_.bad() || written_.bad() || reasoning_.bad();
    if (cost_) facts.cost = cost_;
    if (upstream_cost_) facts.upstream_cost = upstream_cost_;
    facts.is_byok |= is_byok_;
    if (!input_.value || output_.bad()) {
      facts.usage_odd |= !input_.there;
      return;
    }
    Usage usage;
    usage.input = *input_.value;
    // Embeddings have no output of their own.
    usage.output = output_.value.value_or(std::max<std::int64_t>(0, total_.value.value_or(usage.input) - usage.input));
    usage.cached_input = part(cached_, usage.input, facts.usage_odd);
    usage.cache_write = part(written_, usage.input - usage.cached_input, facts.usage_odd);
    usage.reasoning = part(reasoning_, usage.output, facts.usage_odd);
    facts.usage = usage;
    facts.has_usage = true;
  }

 private:
  static std::int64_t part(const Figure& figure, std::int64_t most, bool& odd) noexcept {
    const std::int64_t value = figure.value.value_or(0);
    odd |= value > most;
    return std::min(value, most);
  }

  bool figure(Value value, Figure& figure) {
    if (walk_.kind(value) == Kind::null) return walk_.null(value);
    figure = {true, {}};
    if (walk_.kind(value) != Kind::number) return walk_.skip(value);
    std::string_view token;
    if (!walk_.number(value, token)) return false;
    const auto number = json::to_integer(token);
    if (number && *number >= 0 && *number <= kMostTokens) figure.value = number;
    return true;
  }

  bool details(Value value) {
    if (walk_.kind(value) == Kind::null) return walk_.null(value);
    if (walk_.kind(value) != Kind::object) return odd_ = true, walk_.skip(value);
    return walk_.object(value, [this](const Text& key, Value member) {
      const std::string_view name = json::unescaped(key, scratch_);
      if (name == "cached_tokens") return figure(member, cached_);
      if (name == "cache_write_tokens") return figure(member, written_);
      if (name == "reasoning_tokens") return figure(member, reasoning_);
      return walk_.skip(member);
    });
  }

  bool cost_details(Value value) {
    if (walk_.kind(value) != Kind::object) return walk_.skip(value);
    return walk_.object(value, [this](const Text& key, Value member) {
      const bool is_cost = json::unescaped(key, scratch_) == "upstream_inference_cost";
      return is_cost ? money(member, upstream_cost_) : walk_.skip(member);
    });
  }

  bool money(Value value, std::optional<Money>& money) {
    if (walk_.kind(value) == Kind::null) return walk_.null(value);
    if (walk_.kind(value) != Kind::number) return odd_ = true, walk_.skip(value);
    std::string_view token;
    if (!walk_.number(value, token)) return false;
    const auto amount = Money::parse_rounded(token);
    if (amount && !amount->is_negative()) {
      money = *amount;
    } else {
      odd_ = true;
    }
    return true;
  }

  json::Walk& walk_;
  std::string& scratch_;
  Figure input_, output_, total_, cached_, written_, reasoning_;
  std::optional<Money> cost_, upstream_cost_;
  bool is_byok_ = false;
  bool odd_ = false;
};

}  // namespace

bool read_usage(json::Walk& walk, Value value, std::string& scratch, AnswerFacts& facts) {
  if (walk.kind(value) == Kind::null) return walk.null(value);
  if (walk.kind(value) != Kind::object) return facts.usage_odd = true, walk.skip(value);
  facts.usage_odd |= facts.has_usage;
  Reading reading(walk, scratch);
  if (!reading.usage(value)) return false;
  reading.settle(facts);
  return true;
}

}  // namespace gateway
