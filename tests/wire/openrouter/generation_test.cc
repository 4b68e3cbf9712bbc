#include "wire/openrouter/generation.h"

#include <string>

#include "support/catch.h"

namespace gateway {
namespace {

TEST_CASE("a generation's figures are read", "[wire][generation]") {
  const auto g = read_generation(R"({"data":{"id":"gen-1","upstream_id":null,"total_cost":0.0015,"cache_discount":null,
    "upstream_inference_cost":0.0012,"created_at":"2026-07-15T23:33:19.433273+00:00","model":"a/b","app_id":null,
    "streamed":true,"cancelled":true,"provider_name":"Infermatic","latency":1250,"finish_reason":"stop",
    "tokens_prompt":11,"tokens_completion":26,"native_tokens_prompt":10,"native_tokens_completion":25,
    "native_tokens_reasoning":5,"native_tokens_cached":3,"num_media_prompt":null,"usage":0.0015,"is_byok":true}})");
  REQUIRE(g);
  CHECK(g->id == "gen-1");
  CHECK(g->model == "a/b");
  CHECK(g->provider == "Infermatic");
  CHECK(g->finish_reason == "stop");
  CHECK(g->cost == Money::parse("0.0015").value());
  CHECK(g->upstream_cost == Money::parse("0.0012").value());
  CHECK(g->has_usage);
  CHECK(g->usage == Usage{.input = 10, .cached_input = 3, .cache_write = 0, .output = 25, .reasoning = 5});
  CHECK(g->is_byok);
  CHECK(g->cancelled);
  CHECK(g->streamed);
}

TEST_CASE("what a generation does not report is unknown", "[wire][generation]") {
  const auto g = read_generation(
      R"({"data":{"id":"gen-1","tokens_prompt":11,"tokens_completion":26,"native_tokens_prompt":null,"native_tokens_completion":null,
          "native_tokens_cached":99,"total_cost":null,"usage":0.5,"model":null,"finish_reason":null}})");
  REQUIRE(g);
  CHECK(g->cost == Money::parse("0.5").value());
  CHECK_FALSE(g->upstream_cost.has_value());
  CHECK(g->usage == Usage{.input = 11, .cached_input = 11, .cache_write = 0, .output = 26, .reasoning = 0});
  CHECK(g->model.empty());
  const auto bare =
      read_generation(R"({"data":{"id":"gen-1","tokens_prompt":-4,"tokens_completion":"x","total_cost":-1}})");
  REQUIRE(bare);
  CHECK_FALSE(bare->has_usage);
  CHECK_FALSE(bare->cost.has_value());
}

TEST_CASE("a generation that is not there, or not reported, is an error", "[wire][generation]") {
  CHECK(read_generation(R"({"error":{"code":404,"message":"Generation gen-1 not found"}})").error().code ==
        ErrorCode::not_found);
  for (const char* bad : {"", "[]", "{}", R"({"data":null})", R"({"data":{}})", R"({"data":{"id":"g")",
                          R"({"error":{"code":401,"message":"No auth"}})"}) {
    INFO(bad);
    const auto g = read_generation(bad);
    REQUIRE_FALSE(g);
    CHECK(g.error().code == ErrorCode::invalid);
  }
}

}  // namespace
}  // namespace gateway
