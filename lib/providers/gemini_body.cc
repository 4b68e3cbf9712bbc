#include "providers/gemini_body.h"

#include <algorithm>

#include "providers/gemini_parts.h"
#include "wire/json/members.h"
#include "wire/json/text.h"

namespace gateway {
namespace {

using json::append_json;
using json::append_key;
using json::append_number;
using json::append_text;

class GeminiBodyWriting {
 public:
  GeminiBodyWriting(std::string& out, const ChatRequest& chat, const GeminiBodyOptions& options, Dropped& dropped)
      : out_(out), chat_(chat), options_(options), model_(options.abilities), dropped_(dropped) {}

  Result<void> write() {
    out_ += '{';
    if (auto done = gemini::append_contents(out_, chat_, options_, dropped_); !done) return done;
    if (auto done = gemini::append_tools(out_, chat_, dropped_); !done) return done;
    if (auto done = refuse_what_has_no_place(); !done) return done;
    if (auto done = extra(); !done) return done;
    account();
    append_json(out_, "generationConfig", "{");
    sampling();
    output();
    thinking();
    out_ += "}}";
    return {};
  }

 private:
  Result<void> refuse_what_has_no_place() const {
    const chat::Sampling& sampling = chat_.sampling;
    if (!sampling.logit_bias.empty() && sampling.logit_bias != "{}") return no_place("logit_bias");
    for (const std::string_view modality : chat_.output.modalities) {
      if (modality != "text" && modality != "image") return no_place("modalities");
    }
    const bool wants_json = chat_.output.kind != chat::Output::Kind::text;
    if (wants_json && !chat_.tools.empty() && !model_.json_beside_tools) return no_place("response_format");
    return {};
  }

  Result<void> extra() {
    for (const chat::Extra& each : chat_.extra) {
      if (each.name == "models") continue;  // which others may answer is not this provider's to know
      if (each.name == "safety_settings" || each.name == "safetySettings") {
        append_json(out_, "safetySettings", each.json);
      } else if (may_drop(gemini_features(), each.name)) {
        dropped_.add(each.name);
      } else {
        return no_place(each.name);
      }
    }
    return {};
  }

  void account() {
    if (!chat_.metadata.empty()) dropped_.add("metadata");
    if (!chat_.prediction.empty()) dropped_.add("prediction");
    if (!chat_.user.empty()) dropped_.add("user");
    const std::string_view tier = chat_.service_tier;
    if (tier == "flex" || tier == "priority" || tier == "standard") {
      append_text(out_, "serviceTier", tier);
    } else if (!tier.empty() && tier != "auto" && tier != "default") {
      dropped_.add("service_tier");
    }
  }

  // --- generationConfig ---

  void given(std::string_view key, std::string_view number) {
    if (!number.empty()) append_json(out_, key, number);
  }

  void sampling() {
    const chat::Sampling& sampling = chat_.sampling;
    const auto limit = options_.max_output ? options_.max_output : sampling.max_output;
    if (limit) append_number(out_, "maxOutputTokens", *limit);
    given("temperature", sampling.temperature);
    given("topP", sampling.top_p);
    given("topK", sampling.top_k);
    given("seed", sampling.seed);
    given("presencePenalty", sampling.presence_penalty);
    given("frequencyPenalty", sampling.frequency_penalty);
    if (sampling.n != 1) append_number(out_, "candidateCount", sampling.n);
    if (sampling.logprobs.value_or(false)) {
      append_json(out_, "responseLogprobs", "true");
      given("logprobs", sampling.top_logprobs);
    }
    if (sampling.stop.empty()) return;
    append_json(out_, "stopSequences", "[");
    for (const std::string_view word : sampling.stop) {
      json::append_comma(out_);
      append_json_string(out_, word);
    }
    out_ += ']';
  }

  void output() {
    const chat::Output& output = chat_.output;
    if (std::find(output.modalities.begin(), output.modalities.end(), "image") != output.modalities.end()) {
      append_json(out_, "responseModalities", R"(["TEXT","IMAGE"])");
    }
    if (output.kind == chat::Output::Kind::text) return;
    append_text(out_, "responseMimeType", "application/json");
    if (output.kind != chat::Output::Kind::schema || output.schema.empty()) return;
    append_key(out_, "responseJsonSchema");
    if (gemini::append_schema(out_, output.schema)) dropped_.add("response_format.schema");
  }

  void thinking() {
    using Wish = chat::ReasoningWish::Kind;
    using Thinks = GeminiModel::Thinks;
    const chat::ReasoningWish& wish = chat_.reasoning;
    if (wish.kind == Wish::unset) return;
    if (model_.thinks == Thinks::never) {
      if (wish.kind != Wish::off) dropped_.add("reasoning_effort");
      return;
    }
    append_json(out_, "thinkingConfig", "{");
    if (wish.kind != Wish::off) append_json(out_, "includeThoughts", "true");
    if (model_.thinks == Thinks::by_budget) {
      append_number(out_, "thinkingBudget", budget(wish));
    } else if (const std::string_view level = this->level(wish); !level.empty()) {
      append_text(out_, "thinkingLevel", level);
    }
    out_ += '}';
  }

  std::int64_t budget(const chat::ReasoningWish& wish) const noexcept {
    using Wish = chat::ReasoningWish::Kind;
    constexpr std::int64_t kAsItSeesFit = -1;
    if (wish.kind == Wish::off) return model_.least_budget;
    if (wish.kind == Wish::adaptive && wish.effort.empty()) return kAsItSeesFit;
    if (wish.kind != Wish::budget) return gemini_budget(model_, wish.effort);
    return std::clamp(wish.budget, model_.least_budget, std::max(model_.least_budget, model_.most_budget));
  }

  std::string_view level(const chat::ReasoningWish& wish) const noexcept {
    using Wish = chat::ReasoningWish::Kind;
    if (wish.kind == Wish::off) return gemini_level(model_, "minimal");
    if (wish.kind != Wish::budget) return gemini_level(model_, wish.effort);
    return gemini_level(model_, wish.budget <= 1024 ? "low" : wish.budget <= 8192 ? "medium" : "high");
  }

  std::string& out_;
  const ChatRequest& chat_;
  const GeminiBodyOptions& options_;
  const GeminiModel& model_;
  Dropped& dropped_;
};

}  // namespace

Result<void> append_gemini_body(std::string& out, const ChatRequest& chat, const GeminiBodyOptions& options,
                                Dropped& dropped) {
  return GeminiBodyWriting(out, chat, options, dropped).write();
}

}  // namespace gateway
