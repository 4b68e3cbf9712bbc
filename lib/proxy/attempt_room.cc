// The part of an attempt that keeps what it gathers within the memory that there is.
#include <utility>

#include "proxy/attempt.h"

namespace gateway {
namespace {

constexpr std::size_t kSmallEvent = 64 * 1024;

}  // namespace

void Attempt::count_gathered(std::size_t bytes) {
  if (events_.on_gathered(bytes) == Flow::more || waits_for_room_) return;
  waits_for_room_ = true;
  waits_since_ = worker_.timer.now();
  arm();
}

// An event that comes in many pieces is kept like a document.
void Attempt::count_carried() {
  const std::size_t carried = scanner_.carried();
  const bool counts = carried > kSmallEvent;
  if (counts || counts_event_) count_gathered(counts ? carried : 0);
  counts_event_ = counts;
}

// Another target would have no more: and this one's answer, as far as it came, may be billed.
void Attempt::fail_for_room() {
  if (!std::exchange(waits_for_room_, false)) return;
  worker_.core.log(LogLevel::warning,
                   plan_.provider->config.name + ": there is no memory for its answer within server.max_buffered",
                   row_.request.text());
  call_.reset();
  if (document_) observed_.unseen_cost = row_.hold;
  ApiError error = api_error::overloaded();
  error.retry_after.reset();
  return fail(AttemptFailure::Kind::limit_reached, Observed::Ending::cut_off, std::move(error), true);
}

void Attempt::go_on_gathering() {
  if (std::exchange(waits_for_room_, false)) return go_on();
}

}  // namespace gateway
