#include "providers/anthropic_body.h"

#include <algorithm>
#include <charconv>

#include "providers/anthropic_parts.h"
#include "wire/json/members.h"
#include "wire/json/text.h"

namespace gateway {
namespace {

using anthropic::is_blank;
using json::append_json;
using json::append_number;
using json::append_text;

constexpr std::int64_t kLeastBudget = 1024;  // that Anthropic takes
constexpr double kMostTemperature = 1, kLeastTopP = 0.95;
constexpr std::string_view kJsonHint = "Answer with one JSON object and with nothing else.";

double value_of(std::string_view number) noexcept {
  double value = 0;
  std::from_chars(number.data(), number.data() + number.size(), value);
  return value;
}

class BodyWriting {
 public:
  BodyWriting(std::string& out, const ChatRequest& chat, const AnthropicBodyOptions& options, Dropped& dropped)
      : out_(out), chat_(chat), options_(options), model_(options.abilities), dropped_(dropped) {}

  Result<void> write() {
    out_ += '{';
    append_text(out_, "model", options_.model);
    max_output_ = options_.max_output         ? *options_.max_output
                  : chat_.sampling.max_output ? *chat_.sampling.max_output
                  : options_.output_bound     ? *options_.output_bound
                                              : model_.max_output;
    append_number(out_, "max_tokens", max_output_);
    if (options_.stream) append_json(out_, "stream", "true");
    const bool wants_json = chat_.output.kind == chat::Output::Kind::json;
    const std::string_view hint = wants_json ? kJsonHint : std::string_view();
    if (auto done = anthropic::append_conversation(out_, chat_, model_, hint, dropped_); !done) return done;
    if (auto done = anthropic::append_tools(out_, chat_, model_, dropped_); !done) return done;
    if (auto done = extra(); !done) return done;
    if (auto done = refuse_what_has_no_place(); !done) return done;
    thinking();
    sampling();
    output();
    account();
    out_ += '}';
    return {};
  }

 private:
  Result<void> refuse_what_has_no_place() const {
    const chat::Sampling& sampling = chat_.sampling;
    if (sampling.n != 1) return no_place("n");
    if (sampling.logprobs.value_or(false)) return no_place("logprobs");
    if (!sampling.logit_bias.empty() && sampling.logit_bias != "{}") return no_place("logit_bias");
    for (const std::string_view modality : chat_.output.modalities) {
      if (modality != "text") return no_place("modalities");
    }
    if (chat_.output.kind == chat::Output::Kind::schema && !model_.schemas) return no_place("response_format");
    return {};
  }

  Result<void> extra() {
    for (const chat::Extra& each : chat_.extra) {
      if (each.name == "models") continue;  // which others may answer is not this provider's to know
      if (each.name == "thinking") {
        thinks_as_asked_ = each.json;
      } else if (each.name == "cache_control") {
        append_json(out_, each.name, each.json);
      } else if (each.name == "safety_identifier" && each.json.size() > 2 && each.json.front() == '"') {
        user_json_ = each.json;
      } else if (each.name == "response_format") {
        return no_place(each.name);
      } else if (may_drop(anthropic_features(), each.name)) {
        dropped_.add(each.name);
      } else {
        return no_place(each.name);
      }
    }
    return {};
  }

  // --- reasoning ---

  void thinking() {
    if (!thinks_as_asked_.empty()) {
      append_json(out_, "thinking", thinks_as_asked_);
      thinks_ = thinks_as_asked_.find("disabled") == std::string_view::npos;
      return;
    }
    using Wish = chat::ReasoningWish::Kind;
    const chat::ReasoningWish& wish = chat_.reasoning;
    if (wish.kind == Wish::unset) return;
    if (wish.kind == Wish::off) {
      if (model_.thinking != Thinking::none) append_json(out_, "thinking", R"({"type":"disabled"})");
      return;
    }
    const bool by_budget =
        model_.thinking == Thinking::budget || (model_.thinking == Thinking::either && wish.kind == Wish::budget);
    if (model_.thinking == Thinking::none || anthropic::forces_tool(chat_.tool_choice)) return drop_wish();
    return by_budget ? think_by_budget(wish) : think_by_effort(wish);
  }

  void drop_wish() { dropped_.add("reasoning_effort"); }

  void think_by_budget(const chat::ReasoningWish& wish) {
    const bool is_budget = wish.kind == chat::ReasoningWish::Kind::budget;
    const std::int64_t wanted = is_budget ? wish.budget : thinking_budget(wish.effort);
    // What is said aloud counts against the same limit.
    const std::int64_t budget = std::min(std::max(wanted, kLeastBudget), max_output_ - max_output_ / 4);
    if (budget < kLeastBudget || budget >= max_output_ || anthropic::lacks_reasoning(chat_)) return drop_wish();
    append_json(out_, "thinking", R"({"type":"enabled")");
    append_number(out_, "budget_tokens", budget);
    out_ += '}';
    thinks_ = true;
  }

  void think_by_effort(const chat::ReasoningWish& wish) {
    const bool is_budget = wish.kind == chat::ReasoningWish::Kind::budget;
    const std::string_view effort = is_budget ? effort_of_budget(wish.budget) : wish.effort;
    // These models keep what they think to themselves unless it is asked for.
    const bool hides = model_.thinking == Thinking::adaptive;
    append_json(out_, "thinking", hides ? R"({"type":"adaptive","display":"summarized"})" : R"({"type":"adaptive"})");
    if (!effort.empty()) effort_ = nearest_effort(effort, model_.top_effort);
    thinks_ = true;
  }

  // --- sampling ---

  void sampling() {
    const chat::Sampling& sampling = chat_.sampling;
    const bool refuses = model_.sampling == SamplingTaken::none;
    const auto given = [](std::string_view number) { return !number.empty(); };
    bool has_temperature = false;
    if (given(sampling.temperature)) {
      const double temperature = value_of(sampling.temperature);
      has_temperature = !refuses && (!thinks_ || temperature == kMostTemperature);
      if (!has_temperature || temperature > kMostTemperature) dropped_.add("temperature");
      if (has_temperature) {
        append_json(out_, "temperature", temperature > kMostTemperature ? std::string_view("1") : sampling.temperature);
      }
    }
    if (given(sampling.top_p)) {
      const bool beside = has_temperature && model_.sampling == SamplingTaken::one;
      if (refuses || beside || (thinks_ && value_of(sampling.top_p) < kLeastTopP)) {
        dropped_.add("top_p");
      } else {
        append_json(out_, "top_p", sampling.top_p);
      }
    }
    if (given(sampling.top_k)) {
      if (refuses || thinks_) {
        dropped_.add("top_k");
      } else {
        append_json(out_, "top_k", sampling.top_k);
      }
    }
    if (given(sampling.seed)) dropped_.add("seed");
    if (given(sampling.frequency_penalty) && value_of(sampling.frequency_penalty) != 0) {
      dropped_.add("frequency_penalty");
    }
    if (given(sampling.presence_penalty) && value_of(sampling.presence_penalty) != 0) dropped_.add("presence_penalty");
    stop();
  }

  void stop() {
    const auto& words = chat_.sampling.stop;
    if (std::any_of(words.begin(), words.end(), is_blank)) dropped_.add("stop");
    if (std::all_of(words.begin(), words.end(), is_blank)) return;
    append_json(out_, "stop_sequences", "[");
    for (const std::string_view word : words) {
      if (is_blank(word)) continue;
      json::append_comma(out_);
      append_json_string(out_, word);
    }
    out_ += ']';
  }

  // --- what the answer is to be, and whose it is ---

  void output() {
    const bool by_schema = chat_.output.kind == chat::Output::Kind::schema;
    if (!by_schema && effort_.empty()) return;
    append_json(out_, "output_config", "{");
    if (!effort_.empty()) append_text(out_, "effort", effort_);
    if (by_schema) {
      append_json(out_, "format", R"({"type":"json_schema")");
      json::append_key(out_, "schema");
      const std::string_view schema = chat_.output.schema;
      if (anthropic::append_strict_schema(out_, schema.empty() ? R"({"type":"object"})" : schema)) {
        dropped_.add("response_format.schema");
      }
      out_ += '}';
    }
    out_ += '}';
  }

  void account() {
    if (!chat_.metadata.empty()) dropped_.add("metadata");
    if (!chat_.prediction.empty()) dropped_.add("prediction");
    if (chat_.user.find('@') != std::string_view::npos) {
      dropped_.add("user");
    } else if (!chat_.user.empty()) {
      append_json(out_, "metadata", "{");
      append_text(out_, "user_id", chat_.user);
      out_ += '}';
    } else if (!user_json_.empty()) {
      append_json(out_, "metadata", "{");
      append_json(out_, "user_id", user_json_);
      out_ += '}';
    }
    const std::string_view tier = chat_.service_tier;
    if (tier == "auto" || tier == "standard_only") {
      append_text(out_, "service_tier", tier);
    } else if (tier == "default") {
      append_text(out_, "service_tier", "standard_only");
    } else if (!tier.empty()) {
      dropped_.add("service_tier");
    }
  }

  std::string& out_;
  const ChatRequest& chat_;
  const AnthropicBodyOptions& options_;
  const AnthropicModel& model_;
  Dropped& dropped_;
  std::int64_t max_output_ = 0;
  std::string_view thinks_as_asked_, user_json_, effort_;
  bool thinks_ = false;
};

}  // namespace

Result<void> append_anthropic_body(std::string& out, const ChatRequest& chat, const AnthropicBodyOptions& options,
                                   Dropped& dropped) {
  return BodyWriting(out, chat, options, dropped).write();
}

}  // namespace gateway
