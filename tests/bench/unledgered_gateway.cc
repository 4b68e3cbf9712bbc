// The gateway with its ledger switched off, which only a measurement may be: limits, holds, caps, the journal's ring
// and the log lines are there, but no row is put into the database. What the ledger costs is the difference to
// `gateway`.
//
// unledgered_gateway CONFIG DATABASE: serves until SIGTERM.
#include <cstdio>
#include <memory>
#include <utility>

#include "gateway/server/log_writer.h"
#include "gateway/server/server.h"
#include "gateway/server/signals.h"
#include "gateway/sqlite_store.h"
#include "gateway/yaml_config.h"

namespace gateway::app {
namespace {

class StoreWithoutRows final : public Store {
 public:
  explicit StoreWithoutRows(std::unique_ptr<Store> real) : real_(std::move(real)) {}

  Result<void> append(const Batch&) override { return {}; }

  Result<std::vector<UsageSum>> usage(const UsageQuery& query) override { return real_->usage(query); }
  Result<void> rows(const RowQuery& query, const std::function<bool(const Row&)>& each) override {
    return real_->rows(query, each);
  }
  Result<std::vector<Row>> open_rows(std::uint64_t process) override { return real_->open_rows(process); }
  Result<AccountState> account(std::uint64_t process, const AccountKey& key) override {
    return real_->account(process, key);
  }
  Result<Money> lease(std::uint64_t process, const AccountKey& key, Money cap, Money delta) override {
    return real_->lease(process, key, cap, delta);
  }
  Result<void> release_leases(std::uint64_t process) override { return real_->release_leases(process); }
  Result<std::uint64_t> tenants_version() override { return real_->tenants_version(); }
  Result<TenantChange> tenants() override { return real_->tenants(); }
  Result<void> put_project(const ProjectConfig& project, bool must_be_new) override {
    return real_->put_project(project, must_be_new);
  }
  Result<void> delete_project(std::string_view name) override { return real_->delete_project(name); }
  Result<void> put_key(const ApiKey& key) override { return real_->put_key(key); }

 private:
  std::unique_ptr<Store> real_;
};

int fail(const std::string& why) {
  std::fprintf(stderr, "unledgered_gateway: %s\n", why.c_str());
  return 1;
}

int run(const std::string& config_path, const std::string& database) {
  const Signals signals;
  ConfigReading reading = read_config_file(config_path);
  if (!reading.mistakes.empty()) return fail(reading.mistakes.front().to_string());
  auto store = open_sqlite_store({.path = database});
  if (!store) return fail(store.error().detail);
  LogWriter log({});
  auto server =
      Server::start(std::make_unique<StoreWithoutRows>(std::move(*store)),
                    {.config = reading.config, .journal_directory = database + "-journals", .log = log.callback()});
  if (!server) return fail(server.error().detail);
  while (signals.wait() == SIGHUP) {
  }
  return (*server)->stop() ? 0 : 1;
}

}  // namespace
}  // namespace gateway::app

int main(int argc, char** argv) {
  if (argc != 3) return gateway::app::fail("usage: unledgered_gateway CONFIG DATABASE");
  return gateway::app::run(argv[1], argv[2]);
}
