#include "wire/openai/option_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace gateway {
namespace {

using json::Kind;
using json::Text;
using json::Value;

constexpr std::size_t kMaxModels = 64;
constexpr std::size_t kMaxModelName = 512;
// A plugin's search brings so many results, unless it is configured how many; xAI bills each source it used, at most so
// many.
constexpr std::int64_t kResultsPerSearch = 5;
constexpr std::int64_t kUsualSources = 20;

// Fields that name input which is not in the body: Azure's searches in one's own data, Gemini's caches, conversations
// that a service stores, Anthropic's containers.
bool brings_input(std::string_view field) noexcept {
  static constexpr std::string_view kFields[] = {"data_sources",  "dataSources",          "cached_content",
                                                 "cachedContent", "previous_response_id", "conversation",
                                                 "container"};
  return std::find(std::begin(kFields), std::end(kFields), field) != std::end(kFields);
}

class OptionReading {
 public:
  OptionReading(json::Walk& walk, std::string_view field, std::string& scratch, RequestOptions& options,
                BadRequest& why)
      : walk_(walk), field_(field), scratch_(scratch), options_(options), why_(why) {}

  bool run(Value value) {
    if (walk_.kind(value) == Kind::null) return walk_.null(value);
    if (field_ == "service_tier") return service_tier(value);
    if (field_ == "web_search_options") return searches(1), walk_.skip(value);
    if (field_ == "search_parameters") return search_parameters(value);
    if (field_ == "enable_search") return enable_search(value);
    if (field_ == "modalities") return modalities(value);
    if (field_ == "audio") return output(options_.audio_output), walk_.skip(value);
    if (field_ == "plugins") return each_object(value, [this](Value each) { return plugin(each); });
    if (field_ == "tools") return each_object(value, [this](Value each) { return tool(each); });
    if (brings_input(field_)) return unpriced(), walk_.skip(value);
    // Anthropic's: dearer tokens, and what its own calls and summaries bring.
    if (field_ == "speed") return unless("standard", value);
    if (field_ == "inference_geo") return unless("global", value);
    if (field_ == "mcp_servers") return each_object(value, [this](Value each) { return unpriced(), walk_.skip(each); });
    if (field_ == "context_management") return context_edits(value);
    if (field_ == "extra_body" || field_ == "google") return google(value);
    if (field_ == "models") return models(value);
    if (field_ == "preset") options_.preset = true;
    return walk_.skip(value);
  }

 private:
  void unpriced() noexcept {
    if (options_.unpriced.empty()) options_.unpriced = field_;
  }
  void searches(std::int64_t count) noexcept {
    options_.web_searches += count;
    if (options_.search_field.empty()) options_.search_field = field_;
  }
  void output(bool& kind) noexcept {
    kind = true;
    if (options_.output_field.empty()) options_.output_field = field_;
  }
  bool refuse(std::string message) {
    why_ = {std::move(message), std::string(field_)};
    return false;
  }
  bool twice(std::string_view member) {
    return refuse("The field '" + std::string(member) + "' in '" + std::string(field_) + "' is given more than once.");
  }

  bool service_tier(Value value) {
    if (walk_.kind(value) != Kind::string) return refuse("Invalid value for 'service_tier': expected a string.");
    return walk_.text_into(value, options_.service_tier);
  }

  // Of another type it is something else: speech has a number for its speed.
  bool unless(std::string_view usual, Value value) {
    std::string given(usual);
    if (!walk_.text_into(value, given)) return false;
    if (given != usual) unpriced();
    return true;
  }

  // What is cleared costs nothing, and whatever else makes tokens beside the answer's: {"edits": [{"type": ...}]}, or
  // a list of such (OpenAI).
  bool context_edits(Value value) {
    if (walk_.kind(value) != Kind::object) return each_object(value, [this](Value each) { return context_edit(each); });
    return walk_.object(value, [this](const Text& key, Value member) {
      if (json::unescaped(key, scratch_) != "edits") return walk_.skip(member);
      return each_object(member, [this](Value each) { return context_edit(each); });
    });
  }

  bool context_edit(Value value) {
    bool clears = false, adds = false;
    const bool whole = walk_.object(value, [&](const Text& key, Value member) {
      if (json::unescaped(key, scratch_) != "type") return walk_.skip(member);
      std::string type;
      if (!walk_.text_into(member, type)) return false;
      (type.starts_with("clear_") ? clears : adds) = true;
      return true;
    });
    if (adds || !clears) unpriced();
    return whole;
  }

  bool enable_search(Value value) {
    if (walk_.kind(value) != Kind::boolean) return searches(1), walk_.skip(value);
    bool on = false;
    if (!walk_.boolean(value, on)) return false;
    if (on) searches(1);
    return true;
  }

  bool search_parameters(Value value) {
    if (walk_.kind(value) != Kind::object) return unpriced(), walk_.skip(value);
    std::string mode;
    std::int64_t sources = kUsualSources;
    bool seen_mode = false, seen_sources = false;
    const bool whole = walk_.object(value, [&](const Text& key, Value member) {
      const std::string_view name = json::unescaped(key, scratch_);
      if (name == "mode") return std::exchange(seen_mode, true) ? twice("mode") : walk_.text_into(member, mode);
      if (name != "max_search_results") return walk_.skip(member);
      return std::exchange(seen_sources, true) ? twice("max_search_results") : walk_.integer_into(member, sources);
    });
    if (whole && mode != "off") searches(sources);
    return whole;
  }

  bool modalities(Value value) {
    if (walk_.kind(value) != Kind::array) return unpriced(), walk_.skip(value);
    return walk_.array(value, [this](Value element) {
      std::string name;
      if (!walk_.text_into(element, name)) return false;
      if (name == "audio") {
        output(options_.audio_output);
      } else if (name == "image") {
        output(options_.image_output);
      } else if (name != "text") {
        unpriced();
      }
      return true;
    });
  }

  template <class Each>
  bool each_object(Value value, Each&& each) {
    if (walk_.kind(value) != Kind::array) return unpriced(), walk_.skip(value);
    return walk_.array(value, [&](Value element) {
      return walk_.kind(element) == Kind::object ? each(element) : (unpriced(), walk_.skip(element));
    });
  }

  bool plugin(Value value) {
    std::optional<std::string> id;
    std::optional<std::int64_t> results;
    std::optional<bool> enabled;
    const bool whole = walk_.object(value, [&](const Text& key, Value member) {
      const std::string_view name = json::unescaped(key, scratch_);
      if (name == "id") return id ? twice("id") : walk_.text_into(member, id.emplace());
      if (name == "enabled") return enabled ? twice("enabled") : walk_.boolean_into(member, enabled.emplace(true));
      if (name != "max_results") return walk_.skip(member);
      return results ? twice("max_results") : walk_.integer_into(member, results.emplace(kResultsPerSearch));
    });
    if (!whole || !enabled.value_or(true)) return whole;
    if (id == "web") {
      searches(std::max<std::int64_t>(1, (results.value_or(1) - 1) / kResultsPerSearch + 1));
    } else if (id != "response-healing" && id != "context-compression") {
      unpriced();
    }
    return true;
  }

  // Functions of the client's own are free; what a service does by itself, as it may if no type says so, is not.
  bool tool(Value value) {
    std::optional<std::string> type;
    bool has_schema = false;
    const bool whole = walk_.object(value, [&](const Text& key, Value member) {
      const std::string_view name = json::unescaped(key, scratch_);
      has_schema |= name == "input_schema";  // Anthropic's form of a function
      if (name != "type") return walk_.skip(member);
      return type ? twice("type") : walk_.text_into(member, type.emplace());
    });
    const bool is_function = type == "function" || type == "custom" || (!type && has_schema);
    if (whole && !is_function) unpriced();
    return whole;
  }

  // Gemini's own options, which name what it stores of an earlier input.
  bool google(Value value) {
    if (walk_.kind(value) != Kind::object) return walk_.skip(value);
    return walk_.object(value, [this](const Text& key, Value member) {
      const std::string_view name = json::unescaped(key, scratch_);
      const bool is_cache = name == "cached_content" || name == "cachedContent";
      if (is_cache && walk_.kind(member) != Kind::null) unpriced();
      return google(member);
    });
  }

  bool models(Value value) {
    if (walk_.kind(value) != Kind::array) return refuse("Invalid value for 'models': expected an array of strings.");
    return walk_.array(value, [this](Value element) {
      if (walk_.kind(element) != Kind::string) {
        return refuse("Invalid value for 'models': expected an array of strings.");
      }
      if (options_.models.size() == kMaxModels) return refuse("Invalid value for 'models': more than 64 of them.");
      std::string& name = options_.models.emplace_back();
      if (!walk_.text_into(element, name)) return false;
      const bool fits = !name.empty() && name.size() <= kMaxModelName;
      return fits || refuse("Invalid value for 'models': a name is empty or longer than 512 bytes.");
    });
  }

  json::Walk& walk_;
  const std::string_view field_;
  std::string& scratch_;
  RequestOptions& options_;
  BadRequest& why_;
};

}  // namespace

std::optional<std::size_t> option_field(std::string_view name) noexcept {
  for (std::size_t i = 0; i < std::size(kOptionFields); ++i) {
    if (kOptionFields[i] == name) return i;
  }
  return std::nullopt;
}

bool read_option(json::Walk& walk, std::size_t field, Value value, std::string& scratch, RequestOptions& options,
                 BadRequest& why) {
  return OptionReading(walk, kOptionFields[field], scratch, options, why).run(value);
}

}  // namespace gateway
