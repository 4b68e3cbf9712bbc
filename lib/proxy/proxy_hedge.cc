// The part of a proxy exchange that has two attempts under way: a second one is made beside a first of which nothing
// has come for long, and the client gets the answer that begins first. The other is ended at that moment, and costs
// what it has used by then, as if the client had left it. Once anything has been sent there is one attempt.
#include <utility>

#include "proxy/proxy_exchange.h"

namespace gateway {

// When the attempt that was made last is slow.
void ProxyExchange::arm_hedge() {
  hedge_alarm_.disarm();
  const std::optional<HedgeConfig>& hedge = turn_.route->hedge;
  if (!hedge || hedged_ >= hedge->most || rival_ != nullptr || upload_ != nullptr) return;  // a file goes out once
  const TimePoint now = worker_.timer.now();
  const Duration after =
      hedge->after ? Duration(*hedge->after) : attempt_->plan().pace->first_event(hedge->percentile, now);
  if (after > Duration::zero()) worker_.timer.arm(hedge_alarm_, attempt_->dispatched_at() + after);
}

// At the next target that may be tried now. It holds for itself, and is one of the extra dispatches that the budget of
// retries has to allow.
void ProxyExchange::on_hedge_due() {
  if (state_ != State::trying || attempt_->has_begun()) return;
  const std::size_t before = cursor_;
  while (dispatched_ < snapshot_->config.retry.max_attempts && cursor_ < turn_.choice.size()) {
    const std::size_t target = turn_.choice.target(cursor_++);
    if (turn_.declined_by.test(target)) continue;
    switch (dispatch(target, true)) {
      case Dispatch::started:
        ++hedged_;
        return;
      case Dispatch::waits:
        --cursor_;
        return worker_.timer.arm(hedge_alarm_, worker_.timer.now() + kLeaseWait);
      case Dispatch::skipped:
        break;
    }
  }
  cursor_ = before;
}

void ProxyExchange::take(Attempt& attempt) {
  hedge_alarm_.disarm();
  if (rival_ == nullptr) return;
  if (&attempt == rival_.get()) std::swap(attempt_, rival_);
  rival_->lose();
  cost_ = cost_.plus_saturated(rival_->row().cost);
  lost_settled_at_ = rival_->settled_at();
  rival_.reset();
}

// The head goes out now, and with it who answers: whose provider has begun to, or else the one that is not late yet.
void ProxyExchange::on_silence(Attempt&) {
  if (rival_ != nullptr) take(attempt_->is_answering() ? *attempt_ : *rival_);
  return attempt_->keep_alive();
}

// The other goes on alone. What is final for one is so for the request, but the other may still answer it.
void ProxyExchange::on_one_failed(Attempt& attempt, const AttemptFailure& failure, ApiError error) {
  const bool is_final = !note_failure(attempt, failure, error);
  (is_final ? final_error_ : attempt_error_) = std::make_unique<ApiError>(std::move(error));
  if (&attempt == attempt_.get()) std::swap(attempt_, rival_);
  rival_.reset();
  gathered_ = attempt_->gathered();
  count_room();
  if (!final_error_) arm_hedge();
}

}  // namespace gateway
