// Which provider made an answer that a client names. Exchanges ask on their own threads, and look again a moment later;
// the ledger thread answers them, since it alone reads the store.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/ledger.h"
#include "gateway/result.h"

namespace gateway {

class AnswerLookups {
 public:
  static constexpr std::size_t kMostWaiting = 256;

  struct Lookup {
    Lookup(std::string_view of, std::string_view named) : project(of), id(named) {}
    const std::string project, id;
    Result<std::optional<std::string>> provider{std::optional<std::string>()};  // once it is done
    std::atomic<bool> done{false};
  };

  // Null: too many wait. One that is let go is not looked up. Any thread.
  std::shared_ptr<const Lookup> start(std::string_view project, std::string_view id);
  // Those that wait: after the rows of the answers that clients have were stored. The ledger thread.
  void serve(Ledger& ledger);

 private:
  std::mutex mutex_;  // never held while the store is read. Guards:
  std::vector<std::shared_ptr<Lookup>> waiting_;
};

}  // namespace gateway
