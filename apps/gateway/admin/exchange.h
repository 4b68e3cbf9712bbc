// A request to the administration, on a worker's thread: judged, its body gathered, answered when the AdminThread has.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "app/admin/thread.h"
#include "app/admin/token_guard.h"
#include "gateway/client.h"
#include "gateway/exchange.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "gateway/row.h"
#include "gateway/secret.h"

namespace gateway::app {

inline constexpr std::size_t kMostAdminBody = 1024 * 1024;

// What the exchanges of one worker share; all of it outlives them, and the thread ends before the loop.
struct AdminContext {
  Loop& loop;
  AdminThread& thread;
  const LogCallback& log;
  TokenGuard& guard;
  // Hears of each that was turned away: the error code, and the client's address.
  const std::function<void(std::string_view, std::string_view)>& on_refused;
};

// The token of "Authorization: Bearer ..."; empty: none.
std::string_view bearer_token(HeaderSpan headers) noexcept;

// `head` is of a path with the prefix. Who has not the token is answered before any body is read, and after a few tries
// is not heard for a while. What changes something is logged: what it was, how it ended, and where it came from.
std::unique_ptr<Exchange> open_admin(const AdminContext& context, const Secret& token, const RequestId& id,
                                     const RequestHead& head, Client& client);

}  // namespace gateway::app
