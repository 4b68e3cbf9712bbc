#include "wire/openrouter/model_list.h"

#include <array>
#include <optional>
#include <utility>

#include "wire/json/text.h"
#include "wire/json/walk.h"
#include "wire/openai/error_body.h"

namespace gateway {
namespace {

using json::Kind;
using json::Text;
using json::Value;
using Figure = std::optional<Money>;

// An image is at the very least this many tokens: what costs less is no price of an image.
constexpr std::int64_t kTokensOfSmallestImage = 100;

// A pricing object as it is published.
struct Pricing {
  Prices prices;
  Figure cache_write_1h;
};

Figure* figure_of(Pricing& pricing, std::string_view key) noexcept {
  const std::array<std::pair<std::string_view, Figure*>, 11> figures{{
      {"prompt", &pricing.prices.input},
      {"completion", &pricing.prices.output},
      {"request", &pricing.prices.request},
      {"image", &pricing.prices.image},
      {"internal_reasoning", &pricing.prices.reasoning},
      {"web_search", &pricing.prices.web_search},
      {"audio_output", &pricing.prices.audio_output},
      {"image_output", &pricing.prices.image_output},
      {"input_cache_read", &pricing.prices.cached_input},
      {"input_cache_write", &pricing.prices.cache_write},
      {"input_cache_write_1h", &pricing.cache_write_1h},
  }};
  for (const auto& [name, figure] : figures) {
    if (name == key) return figure;
  }
  return nullptr;
}

bool is_other_price(std::string_view key) noexcept {
  static constexpr std::array<std::string_view, 4> kKeys{"audio", "input_audio_cache", "image_token", "discount"};
  for (const std::string_view known : kKeys) {
    if (known == key) return true;
  }
  return false;
}

// A clock number: 1030 is half past ten.
std::optional<int> minute_of(std::int64_t clock) noexcept {
  if (clock < 0 || clock > 2400 || clock % 100 >= 60) return std::nullopt;
  return static_cast<int>(clock / 100 * 60 + clock % 100) % (24 * 60);
}

// A zero that means "as other tokens" goes; `usual` has the figures that are meant.
void settle(Pricing& pricing, const Prices& usual) {
  Prices& p = pricing.prices;
  const auto drop_zero = [](Figure& figure, const Figure& tokens) {
    if (figure && figure->is_zero() && tokens && !tokens->is_zero()) figure.reset();
  };
  drop_zero(p.reasoning, usual.output);
  drop_zero(p.cached_input, usual.input);
  drop_zero(p.cache_write, usual.input);
  drop_zero(p.image, usual.input);
  drop_zero(p.audio_output, usual.output);
  drop_zero(p.image_output, usual.output);
  drop_zero(p.web_search, usual.input);
  if (p.image && usual.input && *p.image < usual.input->times_saturated(kTokensOfSmallestImage)) p.image.reset();
  if (pricing.cache_write_1h && p.cache_write.value_or(Money()) < *pricing.cache_write_1h) {
    p.cache_write = pricing.cache_write_1h;
  }
}

void keep_dearer(Prices& over, const Prices& base) {
  const auto keep = [](Figure& figure, const Figure& usual) {
    if (figure && usual && *figure <= *usual) figure.reset();
  };
  keep(over.input, base.input);
  keep(over.output, base.output);
  keep(over.cached_input, base.cached_input ? base.cached_input : base.input);
  keep(over.cache_write, base.cache_write ? base.cache_write : base.input);
  keep(over.reasoning, base.reasoning ? base.reasoning : base.output);
  keep(over.request, base.request);
  keep(over.image, base.image);
  keep(over.web_search, base.web_search);
  keep(over.audio_output, base.audio_output);
  keep(over.image_output, base.image_output);
}

class ModelList {
 public:
  explicit ModelList(json::Walk& walk) : walk_(walk) {}

  bool member(const Text& key, Value value) {
    if (json::unescaped(key, scratch_) != "data" || walk_.kind(value) != Kind::array) return walk_.skip(value);
    found_ = true;
    return walk_.array(value, [this](Value entry) {
      if (walk_.kind(entry) != Kind::object) return walk_.skip(entry);
      CatalogueModel model;
      if (!read_model(entry, model)) return false;
      if (!model.id.empty()) models_.push_back(std::move(model));
      return true;
    });
  }

  bool found() const noexcept { return found_; }
  std::vector<CatalogueModel> take() { return std::move(models_); }

 private:
  struct Override {
    PriceOverride rule;  // the conditions
    Pricing pricing;
    bool conditional = false;  // there are other conditions too
    bool broken = false;
  };

  bool read_model(Value value, CatalogueModel& model) {
    return walk_.object(value, [&](const Text& key, Value part) {
      const std::string_view name = json::unescaped(key, scratch_);
      if (name == "id") return walk_.text_into(part, model.id);
      if (name == "name") return walk_.text_into(part, model.name);
      if (name == "created") return walk_.integer_into(part, model.created);
      if (name == "context_length") return walk_.integer_into(part, model.context_length);
      if (name == "top_provider" && walk_.kind(part) == Kind::object) return top_provider(part, model);
      if (name == "pricing" && walk_.kind(part) == Kind::object) return pricing(part, model.prices);
      return walk_.skip(part);
    });
  }

  bool top_provider(Value value, CatalogueModel& model) {
    return walk_.object(value, [&](const Text& key, Value part) {
      const std::string_view name = json::unescaped(key, scratch_);
      if (name == "max_completion_tokens") return walk_.integer_into(part, model.max_output_tokens);
      if (name == "context_length" && model.context_length == 0) return walk_.integer_into(part, model.context_length);
      return walk_.skip(part);
    });
  }

  bool pricing(Value value, Prices& prices) {
    Pricing base;
    std::vector<Override> overrides;
    const bool whole = walk_.object(value, [&](const Text& key, Value part) {
      const std::string_view name = json::unescaped(key, scratch_);
      if (Figure* figure = figure_of(base, name)) return price(part, *figure);
      if (name != "overrides" || walk_.kind(part) != Kind::array) return walk_.skip(part);
      return walk_.array(part, [&](Value entry) {
        if (walk_.kind(entry) != Kind::object) return walk_.skip(entry);
        return read_override(entry, overrides.emplace_back());
      });
    });
    settle(base, base.prices);
    prices = std::move(base.prices);
    for (Override& each : overrides) {
      if (!each.broken) prices.overrides.push_back(finished(each, prices));
    }
    return whole;
  }

  static PriceOverride finished(Override& over, const Prices& base) {
    Prices& figures = over.pricing.prices;
    Prices usual;
    usual.input = figures.input ? figures.input : base.input;
    usual.output = figures.output ? figures.output : base.output;
    settle(over.pricing, usual);
    if (over.conditional) keep_dearer(figures, base);
    over.rule.prices = std::move(figures);
    return std::move(over.rule);
  }

  bool read_override(Value value, Override& out) {
    return walk_.object(value, [&](const Text& key, Value part) {
      const std::string_view name = json::unescaped(key, scratch_);
      if (Figure* figure = figure_of(out.pricing, name)) return price(part, *figure);
      if (name == "utc_start") return clock(part, out.rule.utc_start_minute, out.broken);
      if (name == "utc_end") return clock(part, out.rule.utc_end_minute, out.broken);
      if (name == "min_prompt_tokens") {
        // Published as the last size at which the entry does not apply.
        std::int64_t most = -1;
        if (!walk_.integer_into(part, most)) return false;
        out.broken |= most < 0;
        out.rule.min_prompt_tokens = most + 1;
        return true;
      }
      out.conditional |= !is_other_price(name);
      return walk_.skip(part);
    });
  }

  bool clock(Value value, std::optional<int>& minute, bool& broken) {
    std::int64_t number = -1;
    if (!walk_.integer_into(value, number)) return false;
    minute = minute_of(number);
    broken |= !minute;
    return true;
  }

  // A decimal string, per unit. Below zero: it varies.
  bool price(Value value, Figure& figure) {
    decimal_.clear();
    if (!walk_.decimal_into(value, decimal_)) return false;
    const auto amount = Money::parse_rounded(decimal_);
    if (amount && !amount->is_negative()) figure = *amount;
    return true;
  }

  json::Walk& walk_;
  std::string scratch_, decimal_;
  std::vector<CatalogueModel> models_;
  bool found_ = false;
};

}  // namespace

Result<std::vector<CatalogueModel>> read_model_list(std::string_view json) {
  PaddedBuffer buffer;
  buffer.append(json);
  simdjson::ondemand::parser parser;
  json::Walk walk(parser, json::kUsualDepth);
  ModelList list(walk);
  if (!walk.root(buffer, [&](const Text& key, Value value) { return list.member(key, value); })) {
    return Error{ErrorCode::invalid, std::string("the list of models is not valid JSON: ") + walk.fault()};
  }
  if (!list.found()) return Error{ErrorCode::invalid, "the list of models has no array 'data'"};
  return list.take();
}

void append_model(std::string& out, std::string_view id, std::int64_t created, std::string_view owned_by,
                  std::int64_t context_length, const Prices& prices) {
  out += "{\"id\":";
  append_json_string(out, id);
  out.append(",\"object\":\"model\",\"created\":").append(std::to_string(created)).append(",\"owned_by\":");
  append_json_string(out, owned_by);
  out.append(",\"context_length\":").append(context_length > 0 ? std::to_string(context_length) : "null");
  out += ",\"pricing\":";
  if (!prices.known()) {
    out += "null}";
    return;
  }
  char before = '{';
  const auto figure = [&](std::string_view name, const Figure& price) {
    if (!price) return;
    out.append(1, std::exchange(before, ',')).append("\"").append(name).append("\":\"");
    out.append(price->to_string()).append("\"");
  };
  figure("prompt", prices.input);
  figure("completion", prices.output);
  figure("request", prices.request);
  figure("image", prices.image);
  figure("input_cache_read", prices.cached_input);
  figure("input_cache_write", prices.cache_write);
  figure("web_search", prices.web_search);
  figure("image_output_each", prices.image_output_each);
  figure("audio_second", prices.audio_second);
  figure("character", prices.character);
  out += before == '{' ? "{}}" : "}}";
}

}  // namespace gateway
