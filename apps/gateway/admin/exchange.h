// A request to the administration, on a worker's thread: judged, its body gathered, answered when one of the
// AdminThreads has.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "app/admin/threads.h"
#include "app/server/access.h"
#include "app/server/token_guard.h"
#include "gateway/client.h"
#include "gateway/exchange.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "gateway/row.h"
#include "gateway/time.h"

namespace gateway::app {

inline constexpr std::size_t kMostAdminBody = 1024 * 1024;

// What the exchanges of one worker share; all of it outlives them, and the threads end before the loop.
struct AdminContext {
  Loop& loop;
  AdminThreads& threads;
  RowStreams* streams;  // null: none here
  const LogCallback& log;
  TokenGuard& guard;
  // Hears of each that was turned away: the error code, and the client's address.
  const std::function<void(std::string_view, std::string_view)>& on_refused;
};

// `head` is of a path with the prefix. Who has neither a token nor a session is answered before any body is read, and
// after a few wrong tokens is not heard for a while. What changes something is logged: what it was, how it ended, whose
// token it was, and where it came from.
std::unique_ptr<Exchange> open_admin(const AdminContext& context, const Access& access, const RequestId& id,
                                     const RequestHead& head, Client& client);

// Wrong tokens at the sign-in page: five a minute from an address, then it has to wait. Any thread.
class SignInTries {
 public:
  static constexpr std::size_t kPerMinute = 5;
  std::chrono::milliseconds pause(const std::string& address, TimePoint now);  // zero: it may try
  void failed(const std::string& address, TimePoint now);
  void taken_back(const std::string& address);  // the last one was right

 private:
  static constexpr std::size_t kRemembered = 4096;  // addresses
  std::mutex mutex_;
  std::unordered_map<std::string, std::deque<TimePoint>> failed_;  // under mutex_
};

// `head` is of kSessionPath.
std::unique_ptr<Exchange> open_session_call(const AdminContext& context, const Access& access,
                                            const std::shared_ptr<SignInTries>& tries, const RequestId& id,
                                            const RequestHead& head, Client& client);

}  // namespace gateway::app
