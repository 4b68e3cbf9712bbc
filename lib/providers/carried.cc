#include "providers/carried.h"

#include <algorithm>

#include "gateway/result.h"

namespace gateway {
namespace {

using C = Carried;

constexpr CarriedFeature kAnthropic[] = {
    {"messages", C::adapt, "roles `user` and `assistant` by turns; neighbours of one role become one message"},
    {"messages: system, developer", C::adapt,
     "`system`; later ones keep their place at models that take them there, else they are moved ahead of all; "
     "if there is nothing else they are the user's"},
    {"messages: tool", C::adapt, "`tool_result` blocks at the beginning of the next user message"},
    {"messages[].name", C::drop, ""},
    {"messages[].reasoning", C::drop, "reasoning that Anthropic has signed is carried, byte by byte; other is dropped"},
    {"messages[].content: text", C::carry, "texts of white space alone are left out, which Anthropic refuses"},
    {"messages[].content: image_url", C::carry, "by URL or as data"},
    {"image_url.detail", C::drop, ""},
    {"messages[].content: file", C::carry, "PDFs as data or by URL, texts as data"},
    {"messages[].content: input_audio", C::refuse, ""},
    {"tool ids", C::adapt, "those with other characters than letters, digits, `_` and `-` are replaced by a checksum"},
    {"tool_calls[].function.arguments", C::drop,
     "what is no JSON object, as limits and models leave it, is one as far as it can be read"},
    {"max_tokens, max_completion_tokens", C::carry, "without either: the most that the model is known to write"},
    {"temperature", C::drop, "above 1 it becomes 1; dropped where the model refuses it, and where it thinks"},
    {"top_p", C::drop, "dropped where the model refuses it, beside `temperature`, and below 0.95 where it thinks"},
    {"top_k", C::drop, "dropped where the model refuses it, and where it thinks"},
    {"stop", C::drop, "those of white space alone are dropped"},
    {"seed", C::drop, ""},
    {"frequency_penalty", C::drop, ""},
    {"presence_penalty", C::drop, ""},
    {"logit_bias", C::refuse, ""},
    {"logprobs, top_logprobs", C::refuse, ""},
    {"n", C::refuse, "above 1"},
    {"tools: function", C::carry, "alternatives at the root of a schema become words, their properties its own"},
    {"tools.strict", C::drop, "dropped where the model has no strict tools"},
    {"tools: custom", C::refuse, ""},
    {"tools: Anthropic's own", C::carry, "those that the client runs: `bash_`, `text_editor_`, `computer_`, `memory_`"},
    {"tools: those that run at the provider", C::refuse, "their results have no place in a chat completion"},
    {"tool_choice", C::adapt, "`required` is `any`; of allowed tools only those are shown"},
    {"parallel_tool_calls", C::adapt, "`disable_parallel_tool_use`"},
    {"response_format: json_schema", C::adapt,
     "`output_config.format`, without the keywords that Anthropic refuses; refused for models without it"},
    {"response_format.schema", C::drop, "keywords such as `minimum` and `pattern`, which move into the description"},
    {"response_format: json_object", C::adapt, "a sentence in `system`"},
    {"reasoning_effort", C::drop,
     "`output_config.effort`, with a summary of the thoughts, or a budget, as the model has it; dropped where it "
     "cannot think, beside a forced tool, "
     "and "
     "in a turn of tools whose reasoning is missing"},
    {"thinking", C::carry, "as it is"},
    {"cache_control", C::carry, "on messages, parts, tools, and at the root"},
    {"user, safety_identifier", C::adapt, "`metadata.user_id`"},
    {"user", C::drop, "dropped if it is an e-mail address"},
    {"metadata", C::drop, ""},
    {"store", C::drop, ""},
    {"service_tier", C::drop, "`auto` and `standard_only` are carried, `default` is `standard_only`"},
    {"prompt_cache_key", C::drop, ""},
    {"prompt_cache_retention", C::drop, ""},
    {"prediction", C::drop, ""},
    {"verbosity", C::drop, ""},
    {"modalities", C::refuse, "other than `text`"},
    {"web_search_options", C::refuse, ""},
    {"all others", C::refuse, ""},
};

}  // namespace

std::string_view to_string(Carried carried) noexcept {
  switch (carried) {
    case Carried::carry:
      return "carried";
    case Carried::adapt:
      return "adapted";
    case Carried::drop:
      return "dropped";
    case Carried::refuse:
      return "refused";
  }
  return {};
}

std::span<const CarriedFeature> anthropic_features() noexcept { return kAnthropic; }

Error no_place(std::string_view field) {
  return {ErrorCode::unsupported, std::string(field) + ": this model's provider has no place for it"};
}

bool may_drop(std::span<const CarriedFeature> table, std::string_view field) noexcept {
  return std::any_of(table.begin(), table.end(), [field](const CarriedFeature& each) {
    return each.field == field && each.carried == Carried::drop;
  });
}

std::string carried_table(std::span<const CarriedFeature> table) {
  std::string out = "| field | is | how |\n|---|---|---|\n";
  for (const CarriedFeature& each : table) {
    out.append("| ").append(each.field).append(" | ").append(to_string(each.carried)).append(" | ");
    out.append(each.how).append(each.how.empty() ? "|\n" : " |\n");
  }
  return out;
}

void Dropped::add(std::string_view field) {
  if (!may_drop(table_, field)) detail::die("a field is left out that the table does not name");
  for (std::string_view rest = names_; !rest.empty();) {
    const std::size_t end = std::min(rest.find(", "), rest.size());
    if (rest.substr(0, end) == field) return;
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
  if (!names_.empty()) names_ += ", ";
  names_ += field;
}

}  // namespace gateway
