// Counts every operator new while a stream is translated.
#include "support/catch.h"
#include "support/count_allocations.h"
#include "support/translated.h"

using namespace gateway;
using gateway::testing::stream_of;
using gateway::testing::TranslatedStream;

TEST_CASE("a translated chunk allocates next to nothing", "[providers][allocation]") {
  const auto provider =
      GENERATE(ProviderType::openai, ProviderType::anthropic, ProviderType::gemini, ProviderType::responses);
  const auto client = GENERATE(Shape::openai, Shape::anthropic, Shape::responses);
  CAPTURE(static_cast<int>(provider), static_cast<int>(client));
  const auto [beginning, chunk] = stream_of(provider);
  TranslatedStream stream(provider, client);
  REQUIRE((stream.push(beginning) == AnswerStream::Step::more));
  for (int i = 0; i < 100; ++i) REQUIRE((stream.push(chunk) == AnswerStream::Step::more));  // warms up
  const long before = allocations;
  const std::size_t written = stream.written();
  constexpr int kChunks = 1000;
  for (int i = 0; i < kChunks; ++i) stream.push(chunk);
  const long counted = allocations - before;
  CHECK(stream.written() > written + kChunks * 20);
  CHECK(counted <= 2 * kChunks);
}
