// The administration's calls, /admin/v1/...: each is one of the operations, which the command line has too.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/admin/idle_stores.h"
#include "app/admin/row_streams.h"
#include "app/server/access.h"
#include "app/server/browser.h"
#include "gateway/config.h"
#include "gateway/time.h"
#include "operations/ledger.h"
#include "operations/live.h"
#include "operations/readings.h"
#include "operations/reconciliation.h"
#include "operations/reload.h"
#include "operations/system.h"
#include "proxy/snapshot.h"
#include "wire/openai/error_body.h"

namespace gateway::app {

inline constexpr std::string_view kAdminPrefix = "/admin/v1/";

// What a call to /dashboard/session needs beside its body.
struct SessionCall {
  Access access;
  SessionCookie cookie;
  std::string given;  // the cookie's value
};

struct AdminRequest {
  std::string method;
  std::string path;   // past the prefix, not decoded
  std::string query;  // likewise
  std::string body;
  std::string if_match{};  // the header field, RFC 9110 section 13.1.1
  bool may_write = true;   // else what changes something is refused
  std::string last_event_id{};
  std::string key_id{};                  // of the project's key whose session calls; empty: an administrator's
  std::optional<KeyHash> key_hash{};     // of what may be a project's key, which calls without a session
  std::optional<SessionCall> session{};  // it is a call to /dashboard/session, and none of the operations
};

// Takes the next piece of a long answer, and waits until the client has taken those before. False: no more is wanted,
// since the client has left or the server stops.
using WritePiece = std::function<bool(std::string)>;

struct AdminAnswer {
  int status = 200;
  std::string body;                       // JSON; empty if there is an error
  std::optional<ApiError> error;          // what it views is literal
  std::string audit{};                    // what was to be changed, and the id of what was made: for the log
  std::string set_cookie{};               // empty: none
  bool is_streamed = false;               // the body went out as pieces; with an error it broke off
  std::optional<RowSubscription> rows{};  // the body is a stream of these, for RowStreams
};

class AdminApi {
 public:
  struct Options {
    std::shared_ptr<const Config> config;  // in force, whatever the file says by now
    std::string config_path;               // empty: there is no file
    std::string database;
    std::function<Catalogues()> catalogues;  // the price lists that were kept
    std::function<WallTime()> now;
    std::function<operations::ReconciliationReport()> reconciled;  // what the last night found
    std::function<operations::Live()> live;                        // the gateway that runs
    std::function<operations::Host()> host;                        // the process that it runs in
    operations::Sweep sweep;                                       // reads the journals of dead processes
    std::function<operations::ReloadAnswer(const operations::ReloadRequest&)> reload;
    std::function<void()> tenants_changed;     // projects or keys were, by a call
    std::atomic<int>* exports = nullptr;       // under way, of all that share it; null: each counts its own
    operations::Readings* readings = nullptr;  // shared by all calls; null: each reads for itself
    IdleStores* idle_stores = nullptr;         // likewise; null: each opens its own
  };
  explicit AdminApi(Options options)
      : options_(std::move(options)), streams_(options_.exports != nullptr ? *options_.exports : own_streams_) {}
  AdminApi(const AdminApi&) = delete;
  AdminApi& operator=(const AdminApi&) = delete;
  // Streams under way at once; more are refused. Fewer than there are threads, so that slow readers keep no call
  // waiting.
  static constexpr int kMaxStreams = 3;

  // Blocks on the database. Any thread.
  AdminAnswer answer(const AdminRequest& request, const WritePiece& write = {}) const;

 private:
  Options options_;
  mutable std::atomic<int> own_streams_{0};
  std::atomic<int>& streams_;
};

}  // namespace gateway::app
