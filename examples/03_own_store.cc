// An own store: here one that keeps the library's in-memory store and also hands each closed row to a function, as a
// program would that feeds its own billing.
#include <cstdio>
#include <functional>

#include "gateway/gateway.h"
#include "gateway/testing/fake_client.h"
#include "gateway/testing/fake_upstream.h"
#include "gateway/testing/manual_timer.h"
#include "gateway/testing/memory_store.h"
#include "random_key.h"

namespace {

// Forwards everything, and overrides the one thing of interest. Called on the thread that calls Core::pump alone.
class BillingStore final : public gateway::Store {
 public:
  explicit BillingStore(std::function<void(const gateway::Row&)> bill) : bill_(std::move(bill)) {}

  gateway::Result<void> append(const gateway::Batch& batch) override {
    auto appended = store_.append(batch);
    if (!appended) return appended;  // nothing was put in: the same rows come again
    for (const gateway::Row& row : batch.rows) {
      if (row.state != gateway::RowState::open) bill_(row);
    }
    return {};
  }
  gateway::Result<std::vector<gateway::UsageSum>> usage(const gateway::UsageQuery& q) override {
    return store_.usage(q);
  }
  gateway::Result<void> rows(const gateway::RowQuery& q,
                             const std::function<bool(const gateway::Row&)>& each) override {
    return store_.rows(q, each);
  }
  gateway::Result<std::vector<gateway::Row>> open_rows(std::uint64_t process) override {
    return store_.open_rows(process);
  }
  gateway::Result<std::vector<gateway::AccountState>> accounts(std::uint64_t process,
                                                               std::span<const gateway::AccountKey> keys) override {
    return store_.accounts(process, keys);
  }
  gateway::Result<std::vector<gateway::Money>> change_slices(std::uint64_t process,
                                                             std::span<const gateway::SliceChange> changes) override {
    return store_.change_slices(process, changes);
  }
  gateway::Result<void> release_leases(std::uint64_t process) override { return store_.release_leases(process); }
  gateway::Result<void> heartbeat(std::uint64_t process, gateway::WallTime now,
                                  std::chrono::milliseconds life) override {
    return store_.heartbeat(process, now, life);
  }
  gateway::Result<std::vector<gateway::ProcessState>> processes(gateway::WallTime now) override {
    return store_.processes(now);
  }
  gateway::Result<void> fence(std::uint64_t process, gateway::WallTime now) override {
    return store_.fence(process, now);
  }
  gateway::Result<gateway::LedgerProof> verify() override { return store_.verify(); }
  gateway::Result<std::int64_t> prune(gateway::WallTime before, gateway::WallTime now) override {
    return store_.prune(before, now);
  }
  gateway::Result<std::uint64_t> tenants_version() override { return store_.tenants_version(); }
  gateway::Result<gateway::TenantChange> tenants() override { return store_.tenants(); }
  gateway::Result<void> put_project(const gateway::ProjectConfig& p, const gateway::ProjectConfig* replaced) override {
    return store_.put_project(p, replaced);
  }
  gateway::Result<void> delete_project(std::string_view name) override { return store_.delete_project(name); }
  gateway::Result<void> put_key(const gateway::ApiKey& key, bool project_is_stored = false) override {
    return store_.put_key(key, project_is_stored);
  }
  gateway::Result<gateway::ApiKey> end_key(std::string_view id, gateway::WallTime when,
                                           gateway::WallTime now) override {
    return store_.end_key(id, when, now);
  }
  gateway::Result<gateway::ApiKey> rotate_key(std::string_view id, const gateway::ApiKey& successor,
                                              gateway::WallTime when, gateway::WallTime now) override {
    return store_.rotate_key(id, successor, when, now);
  }

 private:
  gateway::testing::MemoryStore store_;
  std::function<void(const gateway::Row&)> bill_;
};

}  // namespace

int main() {
  int billed = 0;
  BillingStore store([&](const gateway::Row& row) {
    std::printf("bill %s: %s USD for %s\n", row.project.str().c_str(), row.cost.to_string().c_str(),
                row.target_model.str().c_str());
    ++billed;
  });
  const gateway::NewApiKey key = random_key("demo");
  if (auto put = store.put_key(key.stored); !put) return 1;

  gateway::Config config;
  gateway::ProviderConfig provider;
  provider.name = "openrouter";
  provider.type = gateway::ProviderType::openrouter;
  provider.catalogue_every = std::chrono::seconds(0);
  config.providers.push_back(provider);
  gateway::TargetConfig target;
  target.provider = "openrouter";
  config.routes.push_back({.pattern = "*", .targets = {target}});
  gateway::ProjectConfig project;
  project.name = "demo";
  config.projects.push_back(project);

  gateway::testing::ManualTimer timer;
  gateway::testing::FakeUpstream upstream;
  upstream.answer_all(gateway::testing::Answer::json(
      200, R"({"id":"gen-1","choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],)"
           R"("usage":{"prompt_tokens":7,"completion_tokens":1,"cost":0.00014}})"));
  auto core = gateway::Core::create({.config = config, .store = &store, .now = timer.now(), .wall = timer.wall()});
  if (!core) return std::fprintf(stderr, "%s\n", core.error().detail.c_str()), 1;
  gateway::Gateway gateway(**core, 0, timer, upstream);

  const std::string bearer = "Bearer " + key.text;
  const gateway::HeaderField headers[] = {{"authorization", bearer}};
  gateway::testing::FakeClient client;
  auto exchange =
      gateway.open({.method = "POST", .path = "/v1/chat/completions", .headers = headers, .has_body = true}, client);
  exchange->on_body(R"({"model":"openai/gpt-4o-mini","messages":[{"role":"user","content":"hello"}]})");
  exchange->on_end();
  upstream.run();
  (*core)->pump(timer.now(), timer.wall());
  return client.status() == 200 && billed == 1 ? 0 : 1;
}
