// The gateway with its ledger switched off, which only a measurement may be: limits, holds, caps, the journal's ring
// and the log lines are there, but no row is put into the database. What the ledger costs is the difference to
// `gateway`.
//
// unledgered_gateway CONFIG DATABASE: serves until SIGTERM.
#include <cstdio>
#include <memory>
#include <utility>

#include "app/logging/log_writer.h"
#include "app/server/server.h"
#include "app/server/signals.h"
#include "gateway/sqlite_store.h"
#include "gateway/yaml_config.h"
#include "support/forwarding_store.h"

namespace gateway::app {
namespace {

class StoreWithoutRows final : public ForwardingStore {
 public:
  explicit StoreWithoutRows(std::unique_ptr<Store> real) : ForwardingStore(*real), real_(std::move(real)) {}
  Result<void> append(const Batch&) override { return {}; }

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
