#include "gateway/sqlite_store.h"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>

#include "adapters/sqlite/accounts.h"
#include "adapters/sqlite/answers.h"
#include "adapters/sqlite/append.h"
#include "adapters/sqlite/deleted_file.h"
#include "adapters/sqlite/names.h"
#include "adapters/sqlite/processes.h"
#include "adapters/sqlite/prune.h"
#include "adapters/sqlite/row_query.h"
#include "adapters/sqlite/schema.h"
#include "adapters/sqlite/tenants.h"
#include "adapters/sqlite/usage.h"
#include "adapters/sqlite/verify.h"

namespace gateway {
namespace {

using sqlite::Access;
using sqlite::Transaction;

struct Connection {
  Connection(std::unique_ptr<sqlite::Database> opened, bool page_images)
      : db(std::move(opened)), names(*db), rows(*db, names, page_images) {}
  std::unique_ptr<sqlite::Database> db;
  sqlite::Names names;
  sqlite::Appender rows;
};

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(SqliteStoreOptions options) : options_(std::move(options)) {
    options_.path = resolve_sqlite_path(options_.path);
  }

  Result<void> open(bool create) {
    auto& connection = options_.read_only ? reader_ : writer_;
    const Access access = options_.read_only ? Access::read : create ? Access::create : Access::write;
    return connect(connection, access);
  }

  Result<void> append(const Batch& batch) override {
    return write([&](Connection& c) -> Result<void> {
      if (batch.writer != 0) {
        if (auto allowed = sqlite::check_not_fenced(*c.db, batch.writer); !allowed) return allowed;
      }
      c.rows.append(batch);
      return {};
    });
  }

  Result<std::vector<UsageSum>> usage(const UsageQuery& query) override {
    std::vector<UsageSum> out;
    auto done = read([&](Connection& c) { out = sqlite::usage(*c.db, c.names, query); });
    if (!done) return std::move(done).error();
    return out;
  }

  Result<QuarterCosts> quarter_costs(const std::vector<std::string>& projects, WallTime since,
                                     WallTime until) override {
    QuarterCosts out;
    auto done = read([&](Connection& c) { out = sqlite::quarter_costs(*c.db, c.names, projects, since, until); });
    if (!done) return std::move(done).error();
    return out;
  }

  // In steps: whoever looks at rows at leisure must not keep the write-ahead log from being emptied meanwhile.
  Result<void> rows(const RowQuery& query, const std::function<bool(const Row&)>& each) override {
    constexpr std::int64_t kStep = 256;
    std::int64_t left = query.limit > 0 ? query.limit : std::numeric_limits<std::int64_t>::max();
    std::vector<Row> some;
    std::optional<Row> last;
    sqlite::RowSearch search;
    while (left > 0) {
      const std::int64_t step = std::min(left, kStep);
      auto done = read([&](Connection& c) {
        some = sqlite::some_rows(*c.db, c.names, query, last ? &*last : nullptr, step, search);
      });
      if (!done) return done;
      for (const Row& row : some) {
        if (!each(row)) return {};
      }
      if (static_cast<std::int64_t>(some.size()) < step) return {};
      left -= step;
      last = some.back();
    }
    return {};
  }

  Result<std::optional<std::string>> provider_of_answer(const std::string& project, std::string_view id) override {
    std::optional<std::string> out;
    auto done = read([&](Connection& c) { out = sqlite::provider_of_answer(*c.db, c.names, project, id); });
    if (!done) return std::move(done).error();
    return out;
  }

  Result<std::vector<Row>> open_rows(std::uint64_t process) override {
    std::vector<Row> out;
    auto done = read([&](Connection& c) { out = sqlite::open_rows(*c.db, c.names, process); });
    if (!done) return std::move(done).error();
    return out;
  }

  Result<LedgerProof> verify() override { return sqlite::verify(options_.path); }

  Result<std::int64_t> prune(WallTime before, WallTime now) override {
    if (options_.read_only) return for_reading_only();
    return sqlite::prune(options_.path, before, now);
  }

  // Those that have to be made are made in one more transaction.
  Result<std::vector<AccountState>> accounts(std::uint64_t process, std::span<const AccountKey> keys) override {
    for (const AccountKey& key : keys) {
      if (auto checked = sqlite::check_account_key(key); !checked) return std::move(checked).error();
    }
    std::vector<AccountState> states(keys.size());
    std::vector<std::size_t> missing;
    auto done = read([&](Connection& c) {
      for (std::size_t i = 0; i < keys.size() && c.db->ok(); ++i) {
        if (const auto found = sqlite::find_account(*c.db, c.names, process, keys[i])) {
          states[i] = *found;
        } else if (options_.read_only) {
          states[i] = sqlite::sum_account(*c.db, c.names, keys[i]);
        } else {
          missing.push_back(i);
        }
      }
    });
    if (done && !missing.empty()) {
      done = write([&](Connection& c) -> Result<void> {
        for (const std::size_t i : missing) states[i] = sqlite::make_account(*c.db, c.names, process, keys[i]);
        return {};
      });
    }
    if (!done) return std::move(done).error();
    return states;
  }

  Result<std::vector<Money>> change_slices(std::uint64_t process, std::span<const SliceChange> changes) override {
    for (const SliceChange& each : changes) {
      if (auto checked = sqlite::check_account_key(each.account); !checked) return std::move(checked).error();
    }
    std::vector<Money> made;
    auto done = write([&](Connection& c) -> Result<void> {
      if (auto allowed = sqlite::check_not_fenced(*c.db, process); !allowed) return allowed;
      for (const SliceChange& each : changes) made.push_back(sqlite::change_slice(*c.db, c.names, process, each));
      return {};
    });
    if (!done) return std::move(done).error();
    return made;
  }

  Result<void> release_leases(std::uint64_t process) override {
    return write([&](Connection& c) -> Result<void> {
      sqlite::release_slices(*c.db, process);
      sqlite::release_process(*c.db, process);
      return {};
    });
  }

  Result<void> heartbeat(std::uint64_t process, WallTime now, std::chrono::milliseconds life) override {
    return write([&](Connection& c) -> Result<void> {
      if (auto allowed = sqlite::check_not_fenced(*c.db, process); !allowed) return allowed;
      sqlite::beat(*c.db, process, now, life);
      return {};
    });
  }

  Result<std::vector<ProcessState>> processes(WallTime now) override {
    std::vector<ProcessState> out;
    auto done = read([&](Connection& c) { out = sqlite::read_processes(*c.db, now); });
    if (!done) return std::move(done).error();
    return out;
  }

  Result<void> fence(std::uint64_t process, WallTime now) override {
    return write([&](Connection& c) -> Result<void> {
      sqlite::fence(*c.db, process, now);
      return {};
    });
  }

  Result<std::uint64_t> tenants_version() override {
    std::uint64_t version = 0;
    auto done = read([&](Connection& c) { version = sqlite::tenants_version(*c.db); });
    if (!done) return std::move(done).error();
    return version;
  }

  Result<TenantChange> tenants() override {
    TenantChange out;
    auto done = read([&](Connection& c) { out = sqlite::read_tenants(*c.db); });
    if (!done) return std::move(done).error();
    return out;
  }

  Result<void> put_project(const ProjectConfig& project, const ProjectConfig* replaced) override {
    return write([&](Connection& c) { return sqlite::put_project(*c.db, project, replaced); });
  }

  Result<void> delete_project(std::string_view name) override {
    const auto now = std::chrono::time_point_cast<WallTime::duration>(std::chrono::system_clock::now());
    return write([&](Connection& c) { return sqlite::delete_project(*c.db, name, now); });
  }

  Result<void> put_key(const ApiKey& key, bool project_is_stored = false) override {
    return write([&](Connection& c) { return sqlite::put_key(*c.db, key, project_is_stored); });
  }

  Result<ApiKey> end_key(std::string_view id, WallTime when, WallTime now) override {
    return write_key([&](Connection& c) { return sqlite::end_key(*c.db, id, when, now); });
  }

  Result<ApiKey> rotate_key(std::string_view id, const ApiKey& successor, WallTime when, WallTime now) override {
    return write_key([&](Connection& c) { return sqlite::rotate_key(*c.db, id, successor, when, now); });
  }

 private:
  Error for_reading_only() const {
    return {ErrorCode::unavailable, "database " + options_.path + " was opened for reading"};
  }

  // One transaction; `body` may refuse, and then nothing of it happens either.
  template <class Body>
  Result<void> write(Body body) {
    if (options_.read_only) return for_reading_only();
    if (auto ready = make_ready(writer_, Access::write); !ready) return ready;
    Connection& c = *writer_;
    Result<void> refused;
    Result<void> done;
    {
      Transaction transaction(*c.db, Transaction::Kind::write);
      c.rows.refresh();
      if (c.db->ok()) refused = body(c);
      if (refused) {
        done = transaction.commit();
      } else {
        done = c.db->take_error();
      }
    }
    if (!refused || !done) c.rows.forget();
    if (!done) return done;
    if (!refused) return refused;
    // Committed to a file that nobody will find again is not committed.
    if (c.db->moved()) return Error{ErrorCode::unavailable, "database " + options_.path + " was removed or replaced"};
    return {};
  }

  // What `body` makes of a key.
  template <class Body>
  Result<ApiKey> write_key(Body body) {
    ApiKey key;
    auto done = write([&](Connection& c) -> Result<void> {
      auto changed = body(c);
      if (!changed) return std::move(changed).error();
      key = std::move(*changed);
      return {};
    });
    if (!done) return std::move(done).error();
    return key;
  }

  // Reads have a connection of their own and are of one instant each.
  template <class Body>
  Result<void> read(Body body) {
    if (auto ready = make_ready(reader_, Access::read); !ready) return ready;
    Connection& c = *reader_;
    Transaction transaction(*c.db, Transaction::Kind::read);
    c.rows.refresh();
    if (c.db->ok()) body(c);
    return transaction.commit();
  }

  Result<void> make_ready(std::optional<Connection>& connection, Access access) {
    if (writer_ && writer_->db->moved()) {
      if (auto found = restore_if_deleted(); !found) return found;
    }
    const bool asked = &connection == &writer_;
    if (connection && (connection->db->stale() || (!asked && connection->db->moved()))) connection.reset();
    if (connection) return {};
    return connect(connection, access);
  }

  Result<void> connect(std::optional<Connection>& connection, Access access) {
    auto opened = sqlite::open_ledger(options_.path, access, options_.busy_timeout_ms);
    if (!opened) return std::move(opened).error();
    connection.emplace(std::move(*opened), options_.page_images);
    return {};
  }

  // The file that is open stays open until there is another to take its place: it may be all that is left.
  Result<void> restore_if_deleted() {
    struct stat info {};
    if (::stat(options_.path.c_str(), &info) != 0) {
      const auto now = std::chrono::steady_clock::now();
      if (now < next_restore_) return Error{ErrorCode::unavailable, "database " + options_.path + " was removed"};
      next_restore_ = now + std::chrono::seconds(1);
      if (auto done = sqlite::restore(*writer_->db, options_.path); !done) return done;
      if (options_.log) {
        options_.log({LogLevel::warning,
                      "database " + options_.path + " was removed while in use; it is restored",
                      {},
                      nullptr});
      }
    }
    return connect(writer_, Access::write);
  }

  SqliteStoreOptions options_;
  std::chrono::steady_clock::time_point next_restore_{};
  std::optional<Connection> writer_;
  std::optional<Connection> reader_;
};

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(const SqliteStoreOptions& options) {
  if (options.path.empty() || options.path == ":memory:") {
    return Error{ErrorCode::invalid, "a ledger needs a file of its own"};
  }
  auto store = std::make_unique<SqliteStore>(options);
  if (auto opened = store->open(options.create); !opened) return std::move(opened).error();
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace gateway
