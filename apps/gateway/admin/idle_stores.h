// Stores that were opened for reading, kept open for the next call.
#pragma once

#include <memory>
#include <string>

#include "gateway/result.h"
#include "gateway/store.h"

namespace gateway::app {

// Thread-safe.
class IdleStores {
 public:
  explicit IdleStores(std::string url);
  // One that nobody else uses until it is released; it is idle then, and outlives this object if it must.
  Result<std::shared_ptr<Store>> borrow();
  // Closes those that are idle, and from now on those that are released.
  void close();

 private:
  struct State;
  std::string url_;
  std::shared_ptr<State> state_;
};

}  // namespace gateway::app
