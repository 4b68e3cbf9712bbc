#include "adapters/curl/connection_pool.h"

#include <algorithm>
#include <utility>

namespace gateway::curl {

std::unique_ptr<Connection> ConnectionPool::take() {
  // However fresh a connection is: the server's closing may not have been collected yet, and a request sent into it
  // would be lost without anyone's knowing whether it was acted upon.
  const bool all_heard = loop_.collect();
  while (!idle_.empty()) {
    std::unique_ptr<Connection> connection = std::move(idle_.back());
    idle_.pop_back();
    if (all_heard || connection->quiet()) return connection;
    retire(loop_, std::move(connection));
  }
  return nullptr;
}

void ConnectionPool::give(std::unique_ptr<Connection> connection) {
  if (most_ == 0) return retire(loop_, std::move(connection));
  if (idle_.size() >= most_) {
    retire(loop_, std::move(idle_.front()));
    idle_.erase(idle_.begin());
  }
  connection->idle_since = loop_.now();
  idle_.push_back(std::move(connection));
  if (!expiry_.armed()) loop_.arm(expiry_, loop_.now() + keep_);
}

void ConnectionPool::clear() {
  for (auto& connection : idle_) retire(loop_, std::move(connection));
  idle_.clear();
  expiry_.disarm();
}

void ConnectionPool::on_idle_end(Connection& connection) {
  const auto found = std::ranges::find_if(idle_, [&](const auto& each) { return each.get() == &connection; });
  if (found == idle_.end()) return;
  retire(loop_, std::move(*found));
  idle_.erase(found);
}

void ConnectionPool::on_expiry() {
  const TimePoint oldest = loop_.now() - keep_;
  const auto kept = std::ranges::find_if(idle_, [&](const auto& each) { return each->idle_since > oldest; });
  for (auto it = idle_.begin(); it != kept; ++it) retire(loop_, std::move(*it));
  idle_.erase(idle_.begin(), kept);
  if (!idle_.empty()) loop_.arm(expiry_, idle_.front()->idle_since + keep_);
}

}  // namespace gateway::curl
