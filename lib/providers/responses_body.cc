#include "providers/responses_body.h"

#include <algorithm>

#include "base/text_hash.h"
#include "providers/anthropic_models.h"
#include "providers/openai_body.h"
#include "providers/responses_parts.h"
#include "wire/json/members.h"

namespace gateway {
namespace {

using json::append_json;
using json::append_number;
using json::append_text;

class ResponseBodyWriting {
 public:
  ResponseBodyWriting(std::string& out, const ChatRequest& chat, const ResponsesBodyOptions& options, Dropped& dropped)
      : out_(out), chat_(chat), options_(options), model_(options.abilities), dropped_(dropped) {}

  Result<void> write() {
    out_ += '{';
    append_text(out_, "model", options_.model);
    if (auto done = responses::append_input(out_, chat_, options_, dropped_); !done) return done;
    if (options_.stream) append_json(out_, "stream", "true");
    append_json(out_, "store", "false");  // the conversation comes whole each time
    const auto asked = chat_.sampling.max_output;
    const auto limit = options_.max_output || !asked ? options_.max_output : std::max(*asked, kLeastResponse);
    if (limit) append_number(out_, "max_output_tokens", *limit);
    if (auto done = responses::append_tools(out_, chat_, options_); !done) return done;
    if (auto done = extra(); !done) return done;
    if (auto done = refuse_what_has_no_place(); !done) return done;
    reasoning();
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
    if (!sampling.stop.empty()) return no_place("stop");
    if (!sampling.logit_bias.empty() && sampling.logit_bias != "{}") return no_place("logit_bias");
    for (const std::string_view modality : chat_.output.modalities) {
      if (modality != "text") return no_place("modalities");
    }
    return {};
  }

  Result<void> extra() {
    for (const chat::Extra& each : chat_.extra) {
      if (each.name == "models") continue;  // which others may answer is not this provider's to know
      if (each.name == "verbosity") {
        verbosity_ = each.json;
      } else if (each.name == "safety_identifier" || each.name == "prompt_cache_key" ||
                 each.name == "prompt_cache_retention") {
        append_json(out_, each.name, each.json);
      } else if (may_drop(responses_features(), each.name)) {
        dropped_.add(each.name);
      } else {
        return no_place(each.name);
      }
    }
    return {};
  }

  std::string_view wanted_effort() const noexcept {
    using Wish = chat::ReasoningWish::Kind;
    const chat::ReasoningWish& wish = chat_.reasoning;
    switch (wish.kind) {
      case Wish::unset:
        return {};
      case Wish::off:
        return model_.off;
      case Wish::budget:
        return nearest_effort(effort_of_budget(wish.budget), model_.most);
      case Wish::effort:
      case Wish::adaptive:
        break;
    }
    if (wish.effort.empty() || wish.effort == "minimal" || wish.effort == "none") return wish.effort;
    return nearest_effort(wish.effort, model_.most);
  }

  void reasoning() {
    const chat::ReasoningWish& wish = chat_.reasoning;
    const std::string_view effort = model_.thinks ? wanted_effort() : std::string_view();
    const bool wants_thought =
        wish.kind != chat::ReasoningWish::Kind::unset && wish.kind != chat::ReasoningWish::Kind::off;
    if (!model_.thinks && wants_thought) dropped_.add("reasoning_effort");
    if (model_.thinks && (!effort.empty() || !wish.summary.empty())) {
      append_json(out_, "reasoning", "{");
      if (!effort.empty()) append_text(out_, "effort", effort);
      if (!wish.summary.empty()) append_text(out_, "summary", wish.summary);
      out_ += '}';
    }
    thinks_ = model_.thinks && effort != "none";
  }

  void sampling() {
    const chat::Sampling& sampling = chat_.sampling;
    const bool samples = model_.samples || !thinks_;
    const auto number = [&](std::string_view field, std::string_view value) {
      if (value.empty()) return;
      samples ? append_json(out_, field, value) : dropped_.add(field);
    };
    number("temperature", sampling.temperature);
    number("top_p", sampling.top_p);
    const bool has_log_probs = sampling.logprobs.value_or(false);
    if (has_log_probs && !samples) dropped_.add("logprobs");
    if (has_log_probs && samples && !sampling.top_logprobs.empty()) {
      append_json(out_, "top_logprobs", sampling.top_logprobs);
    }
    for (const auto& [field, value] : {std::pair<std::string_view, std::string_view>("top_k", sampling.top_k),
                                       {"seed", sampling.seed},
                                       {"frequency_penalty", sampling.frequency_penalty},
                                       {"presence_penalty", sampling.presence_penalty}}) {
      if (!value.empty()) dropped_.add(field);
    }
    const bool shows_log_probs = has_log_probs && samples;
    if (!model_.thinks && !shows_log_probs) return;
    append_json(out_, "include", "[");
    if (model_.thinks) out_ += R"("reasoning.encrypted_content")";
    if (shows_log_probs) out_.append(model_.thinks ? "," : "").append(R"("message.output_text.logprobs")");
    out_ += ']';
  }

  void output() {
    const chat::Output& output = chat_.output;
    if (output.kind == chat::Output::Kind::text && verbosity_.empty()) return;
    append_json(out_, "text", "{");
    if (output.kind == chat::Output::Kind::json) append_json(out_, "format", R"({"type":"json_object"})");
    if (output.kind == chat::Output::Kind::schema) {
      append_json(out_, "format", R"({"type":"json_schema")");
      append_text(out_, "name", output.name.empty() ? "answer" : output.name);  // without one it is refused
      if (!output.description.empty()) append_text(out_, "description", output.description);
      append_json(out_, "schema", output.schema.empty() ? R"({"type":"object"})" : output.schema);
      if (output.strict) append_json(out_, "strict", *output.strict ? "true" : "false");
      out_ += '}';
    }
    if (!verbosity_.empty()) append_json(out_, "verbosity", verbosity_);
    out_ += '}';
  }

  void account() {
    if (!chat_.metadata.empty()) append_json(out_, "metadata", chat_.metadata);
    if (!chat_.user.empty()) append_text(out_, "user", bounded_id("user_", chat_.user, kMostOfUser));
    if (!chat_.service_tier.empty()) append_text(out_, "service_tier", chat_.service_tier);
    if (!chat_.prediction.empty()) dropped_.add("prediction");
  }

  std::string& out_;
  const ChatRequest& chat_;
  const ResponsesBodyOptions& options_;
  const ResponsesModel& model_;
  Dropped& dropped_;
  std::string_view verbosity_;
  bool thinks_ = false;
};

}  // namespace

Result<void> append_responses_body(std::string& out, const ChatRequest& chat, const ResponsesBodyOptions& options,
                                   Dropped& dropped) {
  return ResponseBodyWriting(out, chat, options, dropped).write();
}

}  // namespace gateway
