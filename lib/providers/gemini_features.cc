#include "providers/gemini_body.h"

namespace gateway {
namespace {

using C = Carried;

constexpr CarriedFeature kGemini[] = {
    {"messages", C::adapt, "contents of the roles `user` and `model` by turns; neighbours of one role become one"},
    {"messages: system, developer", C::adapt,
     "`systemInstruction`; later ones are moved ahead of all; if there is nothing else they are the user's"},
    {"messages: tool", C::adapt,
     "`functionResponse` parts at the beginning of the next content, in the order of their calls; a JSON object "
     "without `$ref` as it is, other text as `output`, an error as `error`"},
    {"messages[].name", C::drop, ""},
    {"messages[].reasoning", C::drop,
     "thoughts that Gemini has signed are carried with their signature; others are dropped"},
    {"messages[].content: text", C::carry, "empty texts are left out"},
    {"messages[].content: image_url", C::carry,
     "as data; by URL only of Google's files, Cloud Storage and YouTube, and on Vertex any"},
    {"image_url.detail", C::drop, ""},
    {"messages[].content: file", C::carry, "as data; by URL as images"},
    {"messages[].content: input_audio", C::carry, ""},
    {"tool ids", C::adapt, "not sent: results find their calls by order and name; calls without an id get one"},
    {"tool_calls[].function.arguments", C::drop,
     "what is no JSON object, as limits and models leave it, is one as far as it can be read"},
    {"tool_calls[].extra_content.google.thought_signature", C::carry,
     "where a model wants one and there is none, Google's word for that is sent"},
    {"max_tokens, max_completion_tokens", C::carry, "`maxOutputTokens`, which thoughts count against"},
    {"temperature, top_p, top_k, seed", C::carry, ""},
    {"frequency_penalty, presence_penalty", C::carry, ""},
    {"stop", C::carry, ""},
    {"n", C::carry, "`candidateCount`"},
    {"logprobs, top_logprobs", C::carry, ""},
    {"logit_bias", C::refuse, ""},
    {"tools: function", C::carry, "`parametersJsonSchema`; left out if there are no parameters"},
    {"tools.parameters", C::drop,
     "keywords that Gemini does not know, such as `pattern`, which move into the description"},
    {"tools.strict", C::drop, ""},
    {"tools: custom", C::refuse, ""},
    {"tools: those that run at the provider", C::refuse, ""},
    {"tool_choice", C::adapt, "`required` is `ANY`; of allowed tools only those are shown"},
    {"parallel_tool_calls", C::drop, ""},
    {"response_format: json_schema", C::adapt, "`responseJsonSchema`; beside tools refused for models before Gemini 3"},
    {"response_format.schema", C::drop, "as `tools.parameters`"},
    {"response_format: json_object", C::adapt, "`responseMimeType`; beside tools refused for models before Gemini 3"},
    {"modalities", C::carry, "`text` and `image`; refused with others"},
    {"reasoning_effort", C::drop,
     "`thinkingLevel` or `thinkingBudget`, as the model has it, with its thoughts in the answer; dropped where it "
     "cannot "
     "think"},
    {"safety_settings", C::carry, "as they are"},
    {"cache_control", C::drop, ""},
    {"user", C::drop, ""},
    {"safety_identifier", C::drop, ""},
    {"metadata", C::drop, ""},
    {"store", C::drop, ""},
    {"service_tier", C::drop, "`flex`, `priority` and `standard` are carried"},
    {"prompt_cache_key", C::drop, ""},
    {"prompt_cache_retention", C::drop, ""},
    {"prediction", C::drop, ""},
    {"verbosity", C::drop, ""},
    {"web_search_options", C::refuse, ""},
    {"all others", C::refuse, ""},
};

}  // namespace

std::span<const CarriedFeature> gemini_features() noexcept { return kGemini; }

}  // namespace gateway
