#include <string>

#include "app/demo/demo.h"
#include "gateway/yaml_config.h"

namespace gateway::app {
namespace {

constexpr std::string_view kConfig = R"yaml(
providers:
  openai: {type: simulated}
  anthropic: {type: simulated}
  google: {type: simulated}
models:
  gpt-4o-mini:
    targets:
      - {provider: openai, model: "simulated/lorem?first=180ms&delay=8ms", prices: {input: 0.15, output: 0.60, cached_input: 0.075}}
      - {provider: google, model: "simulated/lorem?first=120ms&delay=5ms", prices: {input: 0.10, output: 0.40}}
  gpt-4o:
    targets:
      - {provider: openai, model: "simulated/lorem?first=320ms&delay=14ms", prices: {input: 2.50, output: 10, cached_input: 1.25}}
      - {provider: anthropic, model: "simulated/lorem?first=420ms&delay=16ms", prices: {input: 3, output: 15, cached_input: 0.30}}
  claude-sonnet:
    targets:
      - {provider: anthropic, model: "simulated/lorem?first=420ms&delay=16ms", prices: {input: 3, output: 15, cached_input: 0.30}}
  gemini-flash:
    targets:
      - {provider: google, model: "simulated/lorem?first=120ms&delay=5ms", prices: {input: 0.10, output: 0.40}}
  text-embedding:
    targets:
      - {provider: openai, model: simulated/embed, prices: {input: 0.02, output: 0}}
  image: {targets: [{provider: openai, model: simulated/image, prices: {image: 0, image_output_each: 0.04}}]}
  rerank: {targets: [{provider: google, model: simulated/rerank, prices: {input: 0, web_search: 0.002}}]}
  speech: {targets: [{provider: openai, model: simulated/speech, prices: {character: 0.000015}}]}
  transcribe: {targets: [{provider: openai, model: simulated/transcribe, prices: {audio_second: 0.0001}}]}
  "simulated/*": {targets: [{provider: openai}]}  # at the simulated provider's own prices
projects:
  web-app:
    limits: {requests_per_minute: 600, concurrent: 50}
    spend: [{cap: 4.00, period: day, warn: [80]}, {cap: 60.00, period: month, warn: [50, 80]}]
  support-bot:
    models: [gpt-4o-mini, claude-sonnet, gemini-flash]
    limits: {requests_per_minute: 120, tokens_per_minute: 400000}
    spend: {cap: 12.00, period: month, warn: [80]}
  research:
    spend: {cap: 30.00, period: week, warn: [50, 90]}
  nightly-evals:
    models: [gpt-4o, gpt-4o-mini, text-embedding]
    spend: {cap: 0.45, period: day, warn: [80]}
)yaml";

}  // namespace

Config demo_config() {
  ConfigReading reading =
      read_config_text(kConfig, "demo", [](const std::string&) { return std::optional<std::string>(); });
  if (!reading.mistakes.empty()) detail::die("the demo's configuration has mistakes");
  return std::move(reading.config);
}

}  // namespace gateway::app
