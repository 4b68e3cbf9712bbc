// How long a chunk of a stream and a request of 100 KiB take to be translated, by the shapes of provider and client.
#include <benchmark/benchmark.h>

#include <string>

#include "support/translated.h"

namespace gateway {
namespace {

using testing::TranslatedStream;

void chunk(benchmark::State& state, ProviderType provider, Shape client) {
  const auto [beginning, text] = testing::stream_of(provider);
  constexpr int kOfOne = 2000;  // what a client of responses is told again at the end is kept
  for (auto _ : state) {
    state.PauseTiming();
    TranslatedStream stream(provider, client);
    stream.push(beginning);
    state.ResumeTiming();
    for (int i = 0; i < kOfOne; ++i) stream.push(text);
    benchmark::DoNotOptimize(stream.written());
  }
  state.SetItemsProcessed(state.iterations() * kOfOne);
}

void request(benchmark::State& state, ProviderType type) {
  const std::string text = testing::large_chat();
  PaddedBuffer body;
  body.append(text);
  ProviderConfig config;
  config.name = "p";
  config.type = type;
  config.base_url = "https://provider.example/v1";
  const auto provider = make_provider(config).value();
  RequestFacts facts;
  facts.stream = true;
  for (auto _ : state) {
    ChatRequest chat;
    BodyTexts texts;
    DialectOutput out;
    const bool read = read_openai_chat(body, chat).has_value();
    const bool wrote =
        provider->dialect->write(*provider, {.facts = &facts, .chat = &chat, .target_model = "model"}, texts, out)
            .has_value();
    if (!read || !wrote) state.SkipWithError("it cannot be translated");
    benchmark::DoNotOptimize(texts.body.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

BENCHMARK_CAPTURE(chunk, openai_to_messages, ProviderType::openai, Shape::anthropic);
BENCHMARK_CAPTURE(chunk, openai_to_responses, ProviderType::openai, Shape::responses);
BENCHMARK_CAPTURE(chunk, anthropic_to_chat, ProviderType::anthropic, Shape::openai);
BENCHMARK_CAPTURE(chunk, anthropic_to_responses, ProviderType::anthropic, Shape::responses);
BENCHMARK_CAPTURE(chunk, gemini_to_chat, ProviderType::gemini, Shape::openai);
BENCHMARK_CAPTURE(chunk, gemini_to_messages, ProviderType::gemini, Shape::anthropic);
BENCHMARK_CAPTURE(chunk, gemini_to_responses, ProviderType::gemini, Shape::responses);
BENCHMARK_CAPTURE(chunk, responses_to_chat, ProviderType::responses, Shape::openai);
BENCHMARK_CAPTURE(chunk, responses_to_messages, ProviderType::responses, Shape::anthropic);
BENCHMARK_CAPTURE(request, to_openai, ProviderType::openai);
BENCHMARK_CAPTURE(request, to_anthropic, ProviderType::anthropic);
BENCHMARK_CAPTURE(request, to_gemini, ProviderType::gemini);
BENCHMARK_CAPTURE(request, to_responses, ProviderType::responses);

}  // namespace
}  // namespace gateway

BENCHMARK_MAIN();
