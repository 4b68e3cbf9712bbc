#include "providers/responses_body.h"

namespace gateway {
namespace {

using C = Carried;

constexpr CarriedFeature kResponses[] = {
    {"messages", C::adapt, "`input`, a list of items in the same order"},
    {"messages: system, developer", C::carry, "messages of the role `system`"},
    {"messages: tool", C::adapt,
     "`function_call_output` or `custom_tool_call_output`, ahead of what else is in the turn"},
    {"tool_result.is_error", C::drop, "where the result has nothing else, its text is `error`"},
    {"messages[].name", C::drop, ""},
    {"messages[].reasoning", C::drop,
     "what this very provider has encrypted goes back to it; text goes back where its host reads it (DeepSeek); other "
     "is dropped"},
    {"messages[].content: text", C::carry, "empty texts are left out"},
    {"messages[].content: image_url", C::carry, "by URL or as data"},
    {"messages[].content: file", C::carry, "as data or by URL"},
    {"messages[].content: input_audio", C::carry, ""},
    {"tool ids", C::adapt, "those of more than 64 characters are replaced by a checksum"},
    {"max_tokens, max_completion_tokens", C::carry, "`max_output_tokens`, at least 16"},
    {"temperature", C::drop, "dropped where the model refuses it while it thinks"},
    {"top_p", C::drop, "likewise"},
    {"logprobs", C::drop, "likewise; `top_logprobs` with it"},
    {"top_k", C::drop, ""},
    {"seed", C::drop, ""},
    {"frequency_penalty", C::drop, ""},
    {"presence_penalty", C::drop, ""},
    {"stop", C::refuse, ""},
    {"logit_bias", C::refuse, ""},
    {"n", C::refuse, "above 1"},
    {"tools: function", C::carry, "`strict` is `false` if it is not given"},
    {"tools: custom", C::carry, ""},
    {"tools: those that run at the provider", C::refuse, ""},
    {"tool_choice", C::carry, ""},
    {"parallel_tool_calls", C::carry, ""},
    {"response_format", C::carry, "`text.format`"},
    {"verbosity", C::carry, "`text.verbosity`"},
    {"modalities", C::refuse, "other than `text`"},
    {"reasoning_effort", C::drop,
     "`reasoning.effort`, no higher than the model goes; dropped where it cannot think. Its summary only comes where "
     "the client asks for one"},
    {"thinking", C::drop, ""},
    {"cache_control", C::drop, ""},
    {"metadata", C::carry, ""},
    {"user, safety_identifier", C::carry, ""},
    {"service_tier", C::carry, ""},
    {"prompt_cache_key, prompt_cache_retention", C::carry, ""},
    {"store", C::drop, "nothing is stored"},
    {"prediction", C::drop, ""},
    {"web_search_options", C::refuse, ""},
    {"all others", C::refuse, ""},
};

}  // namespace

std::span<const CarriedFeature> responses_features() noexcept { return kResponses; }

}  // namespace gateway
