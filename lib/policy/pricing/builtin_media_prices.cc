// Public list prices of speech, transcripts, images, moderation and rerank, as of November 2026.
#include "policy/pricing/builtin_prices.h"

namespace gateway {
namespace {

constexpr std::int64_t kMillionth = 1'000'000;  // of a dollar, in Money's units

// What images of DALL-E cost depends on their size, and OpenAI ended them on 2026-05-12: they are not here. What a
// model bills by tokens that no answer counts (gpt-4o-mini-tts) is not here either.
constexpr BuiltinMediaPrice kMediaPrices[] = {
    // OpenAI, pages of developers.openai.com/api/docs/models (whisper-1: as openrouter.ai lists it), November
    // 2026: 0.006 USD a minute; transcripts by tokens, of which an answer has at most 2,000; 0.0045 USD a minute;
    // 15 and 30 USD a million characters
    {.model = "whisper-1", .audio_second = 100 * kMillionth},
    {.model = "gpt-4o-transcribe", .input = 2'500'000, .output = 10'000'000, .max_output = 2'000},
    {.model = "gpt-4o-mini-transcribe", .input = 1'250'000, .output = 5'000'000, .max_output = 2'000},
    {.model = "gpt-transcribe", .audio_second = 75 * kMillionth},
    {.model = "tts-1", .character = 15 * kMillionth},
    {.model = "tts-1-hd", .character = 30 * kMillionth},
    {.model = "omni-moderation", .free = true},
    // Images: gpt-image-1 as community.openai.com/t/1275254 collected it, with the tokens of its largest picture
    // (6,240) and of three previews; gpt-image-2.6-sunburst by its page; 2 and 2.5 have the same figures by
    // docs.laozhang.ai/en/api-capabilities/gpt-image-2-5 (2026-09-09). Sizes of these are free, so that nothing is
    // known to bound their tokens. Input from a cache is billed as any other: images and text differ there.
    {.model = "gpt-image-1", .input = 5'000'000, .output = 40'000'000, .image_input = 10'000'000, .max_output = 6'540},
    {.model = "gpt-image-2", .input = 5'000'000, .output = 30'000'000, .image_input = 8'000'000},
    {.model = "gpt-image-2.5-sunburst", .input = 5'000'000, .output = 30'000'000, .image_input = 8'000'000},
    {.model = "gpt-image-2.5-flare", .input = 5'000'000, .output = 30'000'000, .image_input = 8'000'000},
    {.model = "gpt-image-2.6-sunburst", .input = 5'000'000, .output = 30'000'000, .image_input = 8'000'000},
    // Cohere: 2 USD a thousand searches (artificial-intelligence-wiki.com, 2025-12-31; cohere.com names no price
    // since); Rerank 5 by tokens (getmaxim.ai/bifrost and openrouter.ai, November 2026)
    {.model = "rerank-v3.5", .search = 2'000 * kMillionth},
    {.model = "rerank-english-v3.0", .search = 2'000 * kMillionth},
    {.model = "rerank-multilingual-v3.0", .search = 2'000 * kMillionth},
    {.model = "rerank-v4.0-pro", .search = 2'000 * kMillionth},
    {.model = "rerank-v4.0-fast", .search = 2'000 * kMillionth},
    {.model = "rerank-v5.0-pro", .input = 50'000},
    {.model = "rerank-v5.0-fast", .input = 20'000},
};

}  // namespace

std::span<const BuiltinMediaPrice> builtin_media_prices() noexcept { return kMediaPrices; }

}  // namespace gateway
