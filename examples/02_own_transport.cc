// An own transport: where the library's requests go is yours to say. This one answers from a table, in the next turn of
// the loop; a real one would hand the request to the HTTP client that your program has anyway.
#include <cstdio>
#include <map>
#include <string>

#include "gateway/epoll_loop.h"
#include "gateway/gateway.h"
#include "gateway/testing/fake_client.h"
#include "gateway/testing/memory_store.h"
#include "random_key.h"

namespace {

class TableUpstream final : public gateway::Upstream {
 public:
  explicit TableUpstream(gateway::Timer& timer) : timer_(timer) {}

  std::unique_ptr<gateway::Call> start(const gateway::UpstreamRequest& request,
                                       gateway::UpstreamReply& reply) override {
    std::printf("asked %s%.*s\n", request.origin->id.c_str(), static_cast<int>(request.path.size()),
                request.path.data());
    // Other questions come too: a route for every name asks the provider for its list of models.
    const auto answer = answers_.find(request.path);
    if (answer == answers_.end()) return std::make_unique<TableCall>(timer_, reply, 404, "{}");
    return std::make_unique<TableCall>(timer_, reply, 200, answer->second);
  }

 private:
  // Never calls back from within start(): an alarm due now rings in the next turn. Destroying the call disarms it,
  // which is all there is to cancelling.
  class TableCall final : public gateway::Call, private gateway::Alarm {
   public:
    TableCall(gateway::Timer& timer, gateway::UpstreamReply& reply, int status, std::string answer)
        : reply_(reply), status_(status), answer_(std::move(answer)) {
      timer.arm(*this, timer.now());
    }
    void resume() override {}

   private:
    void on_alarm() override {
      const gateway::HeaderField headers[] = {{"content-type", "application/json"}};
      gateway::UpstreamReply& reply = reply_;
      const std::string answer = std::move(answer_);
      reply.on_head({.status = status_, .headers = headers});
      reply.on_body(answer);
      reply.on_end({});
    }
    gateway::UpstreamReply& reply_;
    const int status_;
    std::string answer_;
  };

  gateway::Timer& timer_;
  const std::map<std::string, std::string, std::less<>> answers_{
      {"/v1/embeddings",
       R"({"object":"list","data":[{"index":0,"embedding":[0.5,0.5]}],"usage":{"prompt_tokens":3,"total_tokens":3}})"}};
};

}  // namespace

int main() {
  gateway::testing::MemoryStore store;
  const gateway::NewApiKey key = random_key("demo");
  if (auto put = store.put_key(key.stored); !put) return 1;

  gateway::Config config;
  gateway::ProviderConfig provider;
  provider.name = "local";
  provider.base_url = "http://models.internal/v1";
  config.providers.push_back(provider);
  gateway::TargetConfig target;
  target.provider = "local";
  config.routes.push_back({.pattern = "*", .targets = {target}});
  gateway::ProjectConfig project;
  project.name = "demo";
  config.projects.push_back(project);

  gateway::EpollLoop loop;
  TableUpstream upstream(loop);
  auto core = gateway::Core::create({.config = config, .store = &store, .now = loop.now(), .wall = loop.wall()});
  if (!core) return std::fprintf(stderr, "%s\n", core.error().detail.c_str()), 1;
  gateway::Gateway gateway(**core, 0, loop, upstream);

  const gateway::HeaderField headers[] = {{"x-api-key", key.text}};
  gateway::testing::FakeClient client;
  auto exchange =
      gateway.open({.method = "POST", .path = "/v1/embeddings", .headers = headers, .has_body = true}, client);
  exchange->on_body(R"({"model":"all-minilm","input":"three short words"})");
  exchange->on_end();
  for (int turn = 0; turn < 1000 && !client.done(); ++turn) loop.run_once(std::chrono::milliseconds(10));
  std::printf("%d %s\n", client.status(), client.body().c_str());
  return client.status() == 200 ? 0 : 1;
}
