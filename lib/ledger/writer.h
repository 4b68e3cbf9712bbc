// Takes the workers' journals into the store, in batches. The ledger thread's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/journal.h"
#include "gateway/result.h"
#include "gateway/store.h"

namespace gateway {

class LedgerWriter {
 public:
  // Told of each row that is now durable in a closed state, after it is: for rebasing the figures in memory.
  using Appended = std::function<void(const Row&)>;

  // All outlive it.
  LedgerWriter(std::vector<Journal*> journals, Store& store) : journals_(std::move(journals)), store_(store) {}

  // Appends everything that the journals hold, `batch` records of each at a time: an open row and its settlement in one
  // batch become one row. Gives the number of records taken. On an error nothing of that batch is taken away from the
  // journals, and the next call tries it again.
  Result<std::size_t> drain(const Appended& appended, std::size_t batch = 2048);

  std::uint64_t damaged() const noexcept { return damaged_; }

 private:
  std::vector<Journal*> journals_;
  Store& store_;
  Journal::Records records_;
  std::vector<Row> rows_;
  std::uint64_t damaged_ = 0;
};

}  // namespace gateway
