// The library in process: no server, no network. One project, one key, the simulated provider; a request goes in, the
// answer comes out, and the ledger knows what it cost.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "gateway/epoll_loop.h"
#include "gateway/gateway.h"
#include "gateway/sqlite_store.h"
#include "gateway/testing/fake_upstream.h"
#include "random_key.h"

namespace {

// A client is whoever asked. This one prints.
class PrintingClient final : public gateway::Client, public gateway::ResponseBody {
 public:
  gateway::ResponseBody& send_head(const gateway::ResponseHead& head) override {
    std::printf("status %d\n", head.status);
    return *this;
  }
  gateway::Flow send_body(std::string_view bytes) override {
    std::fwrite(bytes.data(), 1, bytes.size(), stdout);
    return gateway::Flow::more;
  }
  void finish() override { done = true; }
  void abort() override { done = true; }
  bool done = false;
};

struct TemporaryFolder {
  TemporaryFolder() {
    if (mkdtemp(path.data()) == nullptr) std::abort();
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
  std::string path = (std::filesystem::temp_directory_path() / "gateway-XXXXXX").string();
};

}  // namespace

int main() {
  // Where rows and keys are kept. A real program's file stays; the example's goes with its folder.
  const TemporaryFolder folder;
  auto store = gateway::open_sqlite_store({.path = folder.path + "/gateway.db"});
  if (!store) return std::fprintf(stderr, "%s\n", store.error().detail.c_str()), 1;

  gateway::Config config;
  gateway::ProviderConfig provider;
  provider.name = "sim";
  provider.type = gateway::ProviderType::simulated;
  config.providers.push_back(provider);

  gateway::TargetConfig target;
  target.provider = "sim";
  target.prices = gateway::Prices{};
  target.prices->input = gateway::Money::parse("0.000001").value();  // a dollar a million tokens
  target.prices->output = gateway::Money::parse("0.000002").value();
  config.routes.push_back({.pattern = "simulated/*", .targets = {target}});

  gateway::ProjectConfig project;
  project.name = "demo";
  config.projects.push_back(project);

  const gateway::NewApiKey key = random_key("demo");
  if (auto put = (*store)->put_key(key.stored); !put) return 1;

  gateway::EpollLoop loop;
  gateway::testing::FakeUpstream nowhere;  // the simulated provider needs no network
  auto core = gateway::Core::create({.config = config, .store = store->get(), .now = loop.now(), .wall = loop.wall()});
  if (!core) return std::fprintf(stderr, "%s\n", core.error().detail.c_str()), 1;
  gateway::Gateway gateway(**core, 0, loop, nowhere);

  const std::string bearer = "Bearer " + key.text;
  const gateway::HeaderField headers[] = {{"authorization", bearer}};
  PrintingClient client;
  auto exchange =
      gateway.open({.method = "POST", .path = "/v1/chat/completions", .headers = headers, .has_body = true}, client);
  exchange->on_body(
      R"({"model":"simulated/echo","stream":true,"messages":[{"role":"user","content":"Hello, gateway!"}]})");
  exchange->on_end();
  for (int turn = 0; turn < 1000 && !client.done; ++turn) loop.run_once(std::chrono::milliseconds(10));

  // The ledger's work. A server does this on a thread of its own every few milliseconds.
  (*core)->pump(loop.now(), loop.wall());
  const auto sums = (*store)->usage({.by = {gateway::UsageKey::model}});
  if (!sums || sums->size() != 1) return 1;
  const gateway::UsageSum& sum = sums->front();
  std::printf("%s: %lld tokens in, %lld out, %s USD\n", sum.key[0].c_str(), static_cast<long long>(sum.usage.input),
              static_cast<long long>(sum.usage.output), sum.cost.to_string().c_str());
  return client.done && sum.usage.output > 0 && !sum.cost.is_negative() ? 0 : 1;
}
