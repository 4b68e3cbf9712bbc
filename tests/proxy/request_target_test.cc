// Which endpoint a path reaches.
#include "proxy/request_target.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "support/catch.h"

using namespace gateway;

TEST_CASE("paths with slips reach the endpoint that was meant, others reach none", "[proxy][request_target]") {
  const struct {
    std::string_view path;
    Page page;
    std::string_view model = {};
  } table[] = {
      {"/v1/chat/completions", Page::inference},
      {"/v1/chat/completions/", Page::inference},
      {"//v1/chat/completions", Page::inference},
      {"/v1//chat///completions//", Page::inference},
      {"/chat/completions", Page::inference},
      {"/v1/v1/chat/completions", Page::inference},
      {"/v1/v1/v1/embeddings", Page::inference},
      {"/embeddings", Page::inference},
      {"/v1/embeddings", Page::inference},
      {"/v1/chat%2Fcompletions", Page::inference},
      {"/v1/messages", Page::inference},
      {"/messages/", Page::inference},
      {"/v1/messages/count_tokens", Page::count},
      {"/messages//count_tokens/", Page::count},
      {"/v1/messages/batches", Page::unknown},
      {"/v1/responses/resp_1", Page::response},
      {"/responses//resp_1/cancel/", Page::response},
      {"/v1/responses/resp_1/input_items", Page::response},
      {"/v1/responses/resp_1/output", Page::unknown},
      {"/v1/responses/resp_1/cancel/now", Page::unknown},
      {"/v1/responses/..", Page::unknown},
      {"/v1/responses/%2E%2E/cancel", Page::unknown},
      {"/v1/responses/a%0Ab", Page::unknown},
      {"/v1/responses/compact", Page::unknown},
      {"/v1/responses/input_tokens", Page::unknown},
      {"/api/ai/chat/completion", Page::inference},
      {"/api/ai/embeddings", Page::inference},
      {"/api/ai/image/generation/", Page::inference},
      {"/api/ai/models", Page::models},
      {"/api/ai", Page::unknown},
      {"/%761/chat/completion%73", Page::inference},
      // Azure
      {"/openai/v1/chat/completions", Page::inference},
      {"/openai/chat/completions", Page::inference},
      {"/openai/v1/embeddings/", Page::inference},
      {"/openai/deployments/gpt-4o/chat/completions", Page::inference, "gpt-4o"},
      {"/openai/deployments/gpt-4o/embeddings", Page::inference, "gpt-4o"},
      {"//openai//deployments/gpt-4o//chat/completions/", Page::inference, "gpt-4o"},
      {"/openai/deployments/openai/gpt-4o/chat/completions", Page::inference, "openai/gpt-4o"},
      {"/openai/deployments/openai%2Fgpt-4o/embeddings", Page::inference, "openai/gpt-4o"},
      {"/v1/openai/deployments/a%20b/chat/completions", Page::inference, "a b"},
      {"/openai/deployments/chat/completions/chat/completions", Page::inference, "chat/completions"},
      {"/openai/deployments/chat/completions", Page::unknown},
      {"/openai/deployments//chat/completions", Page::unknown},
      {"/openai/deployments/gpt-4o", Page::unknown},
      {"/openai/deployments/gpt-4o/completions", Page::inference, "gpt-4o"},
      {"/openai/deployments/dall-e/images/generations", Page::inference, "dall-e"},
      {"/openai/deployments/gpt-4o/edits", Page::unknown},
      {"/deployments/gpt-4o/chat/completions", Page::unknown},
      {"/v1/deployments/gpt-4o/chat/completions", Page::unknown},
      // lists
      {"/v1/models", Page::models},
      {"/v1/models/", Page::models},
      {"/models", Page::models},
      {"/openai/models", Page::models},
      {"/v1/models/gpt", Page::model, "gpt"},
      {"/v1/models/openai/gpt-4o", Page::model, "openai/gpt-4o"},
      {"/v1/models/openai%2Fgpt-4o", Page::model, "openai/gpt-4o"},
      {"/models/v1/models", Page::model, "v1/models"},
      {"/v1/key", Page::key},
      {"/key/", Page::key},
      // of our own
      {"/", Page::root},
      {"//", Page::root},
      {"/v1", Page::root},
      {"/v1/", Page::root},
      {"/healthz", Page::healthz},
      {"//healthz/", Page::healthz},
      {"/readyz/", Page::readyz},
      {"/metrics", Page::metrics},
      {"/metrics/", Page::unknown},
      {"//metrics", Page::unknown},
      {"/%6detrics", Page::unknown},
      {"/v1/metrics", Page::unknown},
      {"/v1/healthz", Page::unknown},
      // none
      {"", Page::unknown},
      {"*", Page::unknown},
      {"v1/chat/completions", Page::unknown},
      {"/v1/chat/completion", Page::unknown},
      {"/v1/chat/completions/x", Page::unknown},
      {"/v11/chat/completions", Page::unknown},
      {"/V1/chat/completions", Page::unknown},
      {"/v2/chat/completions", Page::unknown},
      {"/v1/../v1/chat/completions", Page::unknown},
      {"/v1/chat/completions%", Page::unknown},
      {"/v1/chat/completions%2", Page::unknown},
      {"/v1/chat/completions%zz", Page::unknown},
      {"/v1/responses", Page::inference},
      {"/v1/completions", Page::inference},
      {"/v1/images/generations", Page::inference},
      {"/v1/moderations", Page::inference},
      {"/v1/rerank", Page::inference},
      {"/v1/audio/speech", Page::inference},
      {"/v1/audio/transcriptions", Page::inference},
      {"/openai/deployments/whisper/audio/translations", Page::inference, "whisper"},
      {"/v1/images", Page::unknown},
      {"/api/ai/overview", Page::overview},
      {"/api/ai/credits", Page::credits},
      {"/api/ai/configurations", Page::configurations},
      {"/api/ai/configurations/7", Page::configured},
      {"/api/ai/config", Page::configured},
      {"/api/ai/openrouter/api-key", Page::configured},
      {"/api/ai/openrouter/api-key/rotate", Page::configured},
      {"/api/ai/usage", Page::unknown},
      {"/v1/overview", Page::unknown},
      {"/admin/v1/projects", Page::unknown},
  };
  for (const auto& [path, page, model] : table) {
    INFO(path);
    const RequestTarget target = parse_request_target(path);
    CHECK(target.page == page);
    CHECK(target.model == model);
    CHECK((target.endpoint != nullptr) == (page == Page::inference || page == Page::count));
    const bool is_anthropic = path.find("messages") != path.npos;
    CHECK((target.surface == SurfaceKind::anthropic) == is_anthropic);
    CHECK((target.surface == SurfaceKind::responses) == (path.find("/responses") != path.npos));
    const bool embeds = path.find("embeddings") != path.npos;
    if (target.endpoint != nullptr) CHECK((target.endpoint->operation == Operation::embeddings) == embeds);
  }
}

TEST_CASE("a stored response's path names it, and a part of it", "[proxy][request_target]") {
  RequestTarget target = parse_request_target("/v1/responses/resp%5F1");
  CHECK(target.response == "resp_1");
  CHECK(target.part.empty());
  target = parse_request_target("/openai/v1/responses/resp_2/cancel");
  CHECK(target.response == "resp_2");
  CHECK(target.part == "/cancel");
  CHECK(parse_request_target("/v1/responses/" + std::string(96, 'r')).page == Page::response);
  CHECK(parse_request_target("/v1/responses/" + std::string(513, 'r')).page == Page::unknown);
}

TEST_CASE("every path that is listed as served leads somewhere", "[proxy][request_target]") {
  const auto& listed = served_paths(true);
  CHECK(std::find(listed.begin(), listed.end(), "POST /v1/messages/count_tokens") != listed.end());
  for (const std::string& each : listed) {
    INFO(each);
    std::string path = each.substr(each.find(' ') + 1);
    if (const std::size_t name = path.find("{model}"); name != path.npos) path.replace(name, path.npos, "a/b");
    const RequestTarget target = parse_request_target(path);
    CHECK(target.page != Page::unknown);
    const bool is_cancel = each.ends_with("/cancel");
    CHECK((target.page == Page::inference || target.page == Page::count || is_cancel) == each.starts_with("POST "));
    CHECK((target.surface == SurfaceKind::insforge) == (each.find("/api/ai/") != each.npos));
  }
  CHECK(served_paths(false).size() == listed.size() - 7);
}
